/**
 * Targets 3 and 4: our DataTree and WatchManager beside Apache ZooKeeper's own, as plain objects in a process each, asked by turns.
 * What counts of the two real watch managers is the better one, workload by workload.
 */
import { median, showBytes, showNs } from '../row.js'
import { hasRealObjects, startOurs, startReal } from './subjects.js'

/** @typedef {import('../row.js').Row} Row */
/** @typedef {Awaited<ReturnType<typeof startOurs>>} Subject */

const ROUNDS = 7
const WARM_UP_ROUNDS = 3
const MEMORY_ROUNDS = 3
/** Znodes, rounds before the measured ones: the Java compiler has done its best only after some hundred thousand calls. */
const TREE_SIZES = /** @type {const} */ ([
  [1_000, 'a thousand', 0.5, 100, 60],
  [1_000_000, 'a million', 1, WARM_UP_ROUNDS, ROUNDS],
])
const DATA_BYTES = 100
/** The real one always gives out the array that it holds. @type {Record<string, string>} */
const NAMES = { getData: 'getData with a private copy', lendData: 'getData, lent as to a wire' }
const MOST_BYTES_A_ZNODE = 300
const THREE_TIMES = 1 / 3

/** Paths, watchers, watchers on each path; the most that adding and firing may take of the better one's time. */
const WORKLOADS = /** @type {const} */ ([
  ['one watcher, 10,000 paths', '10000 1 1 chance', 1, 1],
  ['one watcher, 10,000 paths in order', '10000 1 1 order', 1, 1],
  ['dense: 1,000 watchers on each of 1,000 paths', '1000 1000 1000 chance', 1, THREE_TIMES],
  ['sparse: 1,000 watchers on a million paths', '1000000 1000 1 chance', 1, 1],
  ['sparse: 1,000 watchers on a million paths in order', '1000000 1000 1 order', 1, 1],
  ['groups: 10 watchers on each of 100,000 paths', '100000 1000 10 chance', 1, 1],
  ['groups: 10 watchers on each of 100,000 paths in order', '100000 1000 10 order', 1, 1],
  ['herd: a million watchers on one path', '1 1000000 1000000 chance', THREE_TIMES, THREE_TIMES],
])

/** @returns {Promise<Row[]>} */
export async function measureObjects() {
  if (!hasRealObjects) {
    console.log('SKIPPED: objects, since there is no Apache ZooKeeper or no compiler for Java here')
    return []
  }
  // In processes of their own: a million znodes would be in the way of who collects the garbage of watches.
  return [...(await withBoth(measureTrees)), ...(await withBoth(measureWatches))]
}

/**
 * What is measured of the two, each in a new process.
 * @param {(ours: Subject, real: Subject) => Promise<Row[]>} measure
 */
async function withBoth(measure) {
  const [ours, real] = [await startOurs(), await startReal()]
  const rows = await measure(ours, real)
  for (const subject of [ours, real])
    if (!((await subject.ask('heard'))[0] ?? 0)) throw new Error('Nothing was heard: nothing was measured')
  await Promise.all([ours.close(), real.close()])
  return rows
}

/**
 * @param {Subject} ours
 * @param {Subject} real
 */
async function measureTrees(ours, real) {
  /** @type {Row[]} */
  const rows = []
  for (const [znodes, size, most, warmUpRounds, rounds] of TREE_SIZES) {
    const [ourBytes = 0] = await ours.ask(`tree ${znodes} ${DATA_BYTES} bytes`)
    const [realBytes = 0] = await real.ask(`tree ${znodes} ${DATA_BYTES} bytes`)
    if (znodes === 1_000_000) {
      const wanted = MOST_BYTES_A_ZNODE / realBytes
      rows.push(rowOf(3, 'bytes a znode', [ourBytes, realBytes], showBytes, wanted))
    }
    for (const operation of ['exists', 'getData', 'lendData', 'setData', 'churn']) {
      const times = await alternate(
        `tree ${znodes} ${DATA_BYTES} ${operation}`,
        ours,
        real,
        warmUpRounds,
        rounds,
      )
      const names = operation === 'churn' ? ['create', 'delete'] : [NAMES[operation] ?? operation]
      for (const [i, name] of names.entries())
        rows.push(rowOf(3, `${name}, ${size} znodes`, times[i] ?? [0, 0], showNs, most))
    }
  }
  return rows
}

/**
 * @param {Subject} ours
 * @param {Subject} real
 */
async function measureWatches(ours, real) {
  /** @type {Row[]} */
  const rows = []
  for (const [name, size, mostAdding, mostFiring] of WORKLOADS) {
    const [plain, optimized] = [`watches plain ${size}`, `watches optimized ${size}`]
    const beside = await alternate(`${plain} time`, ours, real)
    const besideOptimized = await alternate(`${optimized} time`, ours, real)
    for (const [i, [verb, most]] of [
      ['add', mostAdding],
      ['fire', mostFiring],
    ].entries()) {
      const better = betterOf(beside[i] ?? [0, 0], besideOptimized[i] ?? [0, 0])
      rows.push(rowOf(4, `${name}: ${verb}`, better, showNs, Number(most)))
    }
    const ourBytes = await medianOf(`${plain} bytes`, ours)
    const least = Math.min(await medianOf(`${plain} bytes`, real), await medianOf(`${optimized} bytes`, real))
    rows.push(rowOf(4, `${name}: memory`, [ourBytes, least], showBytes, 1))
  }
  return rows
}

/**
 * Medians of each of the numbers that both answer with, ours and theirs.
 * @param {string} line
 * @param {Subject} ours
 * @param {Subject} real
 */
async function alternate(line, ours, real, warmUpRoundCount = WARM_UP_ROUNDS, roundCount = ROUNDS) {
  /** @type {[number[], number[]][]} */
  const rounds = []
  for (let i = -warmUpRoundCount; i < roundCount; i++) {
    const round = /** @type {[number[], number[]]} */ ([await ours.ask(line), await real.ask(line)])
    if (i >= 0) rounds.push(round)
  }
  const count = rounds[0]?.[0].length ?? 0
  return Array.from({ length: count }, (_, i) => {
    const side = (/** @type {0 | 1} */ k) => median(rounds.map((round) => round[k][i] ?? 0))
    return /** @type {[number, number]} */ ([side(0), side(1)])
  })
}

/**
 * The median of what is answered a few times.
 * @param {string} line
 * @param {Subject} subject
 */
async function medianOf(line, subject) {
  const answers = []
  for (let i = 0; i < MEMORY_ROUNDS; i++) answers.push((await subject.ask(line))[0] ?? 0)
  return median(answers)
}

/**
 * The pair whose yardstick is better, whoever was measured beside it.
 * @param {[number, number]} plain
 * @param {[number, number]} optimized
 */
function betterOf(plain, optimized) {
  return plain[1] <= optimized[1] ? plain : optimized
}

/**
 * @param {number} target
 * @param {string} name
 * @param {[number, number]} pair
 * @param {(value: number) => string} show
 * @param {number} wanted
 * @returns {Row}
 */
function rowOf(target, name, [ours, theirs], show, wanted) {
  return { target, name, ours: show(ours), theirs: `ZooKeeper ${show(theirs)}`, ratio: ours / theirs, wanted }
}
