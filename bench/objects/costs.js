/**
 * Targets 3 and 4: what a list of children and a trigger cost is what they touch. Each is asked in large and in small surroundings, by
 * turns; a list of children also of Apache ZooKeeper's DataTree.
 */
import { median, residentBytes, showBytes, showNs } from '../row.js'
import { hasRealObjects, startCosts, startOurs, startReal } from './subjects.js'

/** @typedef {import('../row.js').Row} Row */
/** @typedef {Awaited<ReturnType<typeof startOurs>>} Subject */

const WARM_UP_ROUNDS = 10
const ROUNDS = 15
const MILLION = 1_000_000
const DATA_BYTES = 100
/** The same, but for noise. */
const SAME = 1.5
const DEPTH = 20
const CHILDREN = 'getChildren of 100,000 children, each name'

/** @returns {Promise<Row[]>} */
export async function measureCosts() {
  const ours = await startCosts()
  const few = await besides(3, CHILDREN, 'of 1,000', [ours, 'children 100000'], [ours, 'children 1000'])
  const rows = [few, ...(await triggerRows(ours))]
  if (hasRealObjects) rows.push(...(await rowsBesideReal(ours)))
  else
    console.log(
      'SKIPPED: the real lists of children, since there is no Apache ZooKeeper or no compiler for Java here',
    )
  await ours.close()
  return rows
}

/**
 * @param {Subject} ours
 * @returns {Promise<Row[]>}
 */
async function rowsBesideReal(ours) {
  const real = await startReal()
  const line = 'children 100000'
  const children = {
    ...(await besides(3, CHILDREN, 'ZooKeeper', [ours, line], [real, line])),
    wanted: undefined,
  }
  const tree = await startOurs()
  for (const subject of [tree, real]) await subject.ask(`tree ${MILLION} ${DATA_BYTES} bytes`)
  const [bytes, theirs] = [residentBytes(tree.pid), residentBytes(real.pid)]
  await Promise.all([tree.close(), real.close()])
  const resident = {
    target: 3,
    name: 'a process with a million znodes, resident',
    ours: showBytes(bytes),
    theirs: `ZooKeeper ${showBytes(theirs)}`,
    ratio: bytes / theirs,
    wanted: undefined,
  }
  return [children, resident]
}

/**
 * @param {Subject} ours
 * @returns {Promise<Row[]>}
 */
async function triggerRows(ours) {
  const plain = /** @type {const} */ ([ours, 'trigger 1 plain'])
  const deep = `a trigger ${DEPTH} levels deep`
  return [
    await besides(
      4,
      `${deep}, nobody watches recursively`,
      '1 level',
      [ours, `trigger ${DEPTH} plain`],
      plain,
    ),
    {
      ...(await besides(4, `${deep}, somebody does`, '1 level', [ours, `trigger ${DEPTH} recursive`], plain)),
      wanted: undefined,
    },
  ]
}

/**
 * @param {number} target
 * @param {string} name
 * @param {string} yardstick
 * @param {readonly [Subject, string]} one
 * @param {readonly [Subject, string]} other
 * @returns {Promise<Row>}
 */
async function besides(target, name, yardstick, one, other) {
  /** @type {[number[], number[]]} */
  const ns = [[], []]
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++)
    for (const [k, [subject, line]] of [one, other].entries()) {
      const [answer = 0] = await subject.ask(line)
      if (i >= 0) ns[k]?.push(answer)
    }
  const [ours, theirs] = [median(ns[0]), median(ns[1])]
  return {
    target,
    name,
    ours: showNs(ours),
    theirs: `${yardstick} ${showNs(theirs)}`,
    ratio: ours / theirs,
    wanted: SAME,
  }
}
