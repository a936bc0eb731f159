/**
 * zoolet's DataTree and WatchManager as objects, without a server: asked the same, line by line, as RealObjects.java, which says what a
 * line means. Bundled from the sources, since no door leads to them.
 */
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { Tap } from '../../src/base/tap.js'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import { versionTraits } from '../../src/server/compatibility.js'
import { DataTree } from '../../src/server/data-tree.js'
import type { ServerWatcher } from '../../src/server/server-watcher.js'
import { WatchManager } from '../../src/server/watch-manager.js'
import { STANDARD } from '../../src/server/watch-modes.js'
import { Watches } from '../../src/server/watches.js'

const ROOT = '/bench'
const COLLECTIONS = 3
/** Array buffers that nobody has are freed by a thread of its own. */
const SWEEP_MS = 20
const NS_A_MS = 1e6
/** A hot set is gone through until there were so many calls: its memory is to be near. */
const LEAST_CALLS = 20_000
/** Few watches are set anew until there were so many. */
const LEAST_WATCHES = 1_000_000
/** Of small ones, so many are filled to see what one takes: less than what else comes and goes in a process. */
const SMALL_MANAGERS = 10
const MOST_PATHS_OF_SMALL = 10_000
/** What is added or created in one order of chance is fired in another one. */
const ADDING = 1
const FIRING = 2

/** What it has been told counts, so that no call can be left out. */
let heard = 0
let zxid = 0
let tree = new DataTree()
/** Nobody watches the znodes, but each write looks. */
const unwatched = new Watches(
  { maxWatches: Number.POSITIVE_INFINITY, maxWatchesPerSession: Number.POSITIVE_INFINITY },
  new Tap(() => undefined),
  versionTraits['3.9'],
)
let paths: string[] = []
const watchers: ServerWatcher[] = []

async function answer([what, ...words]: readonly string[]): Promise<string> {
  if (what === 'tree') return askTree(Number(words[0]), Number(words[1]), words[2] ?? '')
  if (what === 'watches')
    return askWatches(
      Number(words[1]),
      Number(words[2]),
      Number(words[3]),
      words[4] === 'chance',
      words[5] === 'bytes',
    )
  if (what === 'heard') return String(heard)
  return `unknown ${what}`
}

async function askTree(count: number, bytes: number, operation: string): Promise<string> {
  const data = new Uint8Array(bytes)
  if (paths.length !== count) {
    tree = new DataTree()
    paths = []
    paths = namesOf(count)
    shuffle(paths, ADDING)
    create(ROOT, data)
    const before = await usedBytes()
    for (const path of namesOf(count)) create(path, data.slice())
    if (operation === 'bytes') return String(((await usedBytes()) - before) / count)
  }
  if (operation === 'churn') return churn(data)
  const goThrough = LOOPS[operation]
  if (goThrough === undefined) return `unknown ${operation}`
  const start = performance.now()
  let calls = 0
  for (; calls < LEAST_CALLS; calls += count) goThrough(data)
  return String(((performance.now() - start) * NS_A_MS) / calls)
}

function churn(data: Uint8Array): string {
  let [createMs, deleteMs, calls] = [0, 0, 0]
  for (; calls < LEAST_CALLS; calls += paths.length) {
    const start = performance.now()
    for (const path of paths) {
      const { acl, parentAcl } = tree.deleteNode(path, ++zxid)
      unwatched.nodeDeleted({ path, zxid, acl, parentAcl })
    }
    const middle = performance.now()
    for (const path of paths) create(path, data)
    deleteMs += middle - start
    createMs += performance.now() - middle
  }
  return `${(createMs * NS_A_MS) / calls} ${(deleteMs * NS_A_MS) / calls}`
}

/** Each operation has a function of its own, as each caller has: what an engine puts into one is limited, whatever its loops hold. */
const LOOPS: Readonly<Record<string, (data: Uint8Array) => void>> = {
  lookup() {
    for (const path of paths) heard += tree.has(path) ? 1 : 0
  },
  find() {
    for (const path of paths) heard += tree.findNode(path)?.version ?? 0
  },
  exists() {
    for (const path of paths) heard += tree.findNode(path)?.stat().version ?? 0
  },
  getData() {
    for (const path of paths) {
      const node = tree.findNode(path)
      heard += (node?.copyData()?.length ?? 0) + (node?.stat().version ?? 0)
    }
  },
  lendData() {
    for (const path of paths) {
      const node = tree.findNode(path)
      heard += (node?.lendData()?.length ?? 0) + (node?.stat().version ?? 0)
    }
  },
  setData(data) {
    for (const path of paths) {
      const node = tree.setData({ type: 'setData', path, data, version: 1 }, stamp())
      unwatched.nodeDataChanged(path, zxid, node.acl)
      heard += node.stat().version
    }
  },
}

function stamp(): { zxid: number; timeMs: number } {
  return { zxid: ++zxid, timeMs: 1 }
}

function create(path: string, data: Uint8Array): void {
  const acl = OPEN_ACL_UNSAFE
  const { parentAcl } = tree.createNode(
    { type: 'create', path, data, acl, owner: 0n, withStat: false },
    stamp(),
  )
  unwatched.nodeCreated({ path, zxid, acl, parentAcl })
}

async function askWatches(
  pathCount: number,
  watcherCount: number,
  each: number,
  isByChance: boolean,
  isForBytes: boolean,
): Promise<string> {
  const namesToWatch = (): string[] => (isByChance ? namesByChance(pathCount, ADDING) : namesOf(pathCount))
  // Connections are there long before their watches.
  while (watchers.length < watcherCount) watchers.push(counting(watchers.length))
  if (isForBytes) {
    const names = namesToWatch()
    const managers = Array.from({ length: pathCount <= MOST_PATHS_OF_SMALL ? SMALL_MANAGERS : 1 }, newManager)
    const before = await usedBytes()
    for (const manager of managers) add(manager, names, watcherCount, each)
    const bytes = (await usedBytes()) - before
    for (const manager of managers) fire(manager, names)
    return String(bytes / managers.length)
  }
  let [addMs, fireMs, count] = [0, 0, 0]
  while (count < LEAST_WATCHES) {
    const names = namesToWatch()
    const others = isByChance ? namesByChance(pathCount, FIRING) : names
    const manager = newManager()
    const start = performance.now()
    add(manager, names, watcherCount, each)
    const middle = performance.now()
    fire(manager, others)
    addMs += middle - start
    fireMs += performance.now() - middle
    count += pathCount * each
  }
  return `${(addMs * NS_A_MS) / count} ${(fireMs * NS_A_MS) / count}`
}

function newManager(): WatchManager {
  return new WatchManager('data', new Tap(() => undefined), versionTraits['3.9'])
}

/** So many watchers on each path, by turns. */
function add(manager: WatchManager, names: readonly string[], watcherCount: number, each: number): void {
  let at = 0
  for (const name of names) {
    for (let j = 0; j < each; j++) {
      const watcher = watchers[at]
      if (watcher !== undefined) manager.addWatch(name, watcher, STANDARD)
      at = at + 1 === watcherCount ? 0 : at + 1
    }
  }
}

function fire(manager: WatchManager, names: readonly string[]): void {
  for (const path of names)
    manager.triggerWatch({ type: 'NodeDataChanged', path, zxid: 1, acl: OPEN_ACL_UNSAFE })
}

function counting(id: number): ServerWatcher {
  return {
    id,
    sessionId: BigInt(id),
    process: () => {
      heard += 1
    },
  }
}

function namesByChance(count: number, seed: number): string[] {
  const names = namesOf(count)
  shuffle(names, seed)
  return names
}

/** Paths of 24 characters. */
function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => copyText(`${ROOT}/${String(i).padStart(17, '0')}`))
}

/** The order in which znodes are asked for has nothing to do with where they lie; the same as in RealObjects.java. */
function shuffle(names: string[], seed: number): void {
  let chance = seed
  for (let i = names.length - 1; i > 0; i--) {
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) | 0
    const other = (chance >>> 8) % (i + 1)
    const [one = '', two = ''] = [names[i], names[other]]
    names[i] = two
    names[other] = one
  }
}

/** The same text in memory of its own, flat: what comes from a network is that. */
function copyText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

async function usedBytes(): Promise<number> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.()
    await setTimeout(SWEEP_MS)
  }
  // What is external has the array buffers in it.
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

// Not before all that it uses is there.
for await (const line of createInterface({ input: process.stdin }))
  console.log(await answer(line.trim().split(' ')))
