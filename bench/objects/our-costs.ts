/** What lists of children and triggers cost zoolet's objects, in small and in large surroundings; asked line by line by costs.js. */
import { createInterface } from 'node:readline'
import { Tap } from '../../src/base/tap.js'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import { versionTraits } from '../../src/server/compatibility.js'
import { DataTree } from '../../src/server/data-tree.js'
import type { ServerWatcher } from '../../src/server/server-watcher.js'
import { WatchManager } from '../../src/server/watch-manager.js'
import { RECURSIVE, STANDARD } from '../../src/server/watch-modes.js'

const NS_A_MS = 1e6
const TRIGGERS = 100_000

/** What it has been told counts, so that no call can be left out. */
let heard = 0
/** By how many children the parent has. */
const families = new Map<number, DataTree>()

function answer([what, ...words]: readonly string[]): string {
  if (what === 'children') return String(nsAChild(Number(words[0])))
  if (what === 'trigger') return String(nsATrigger(Number(words[0]), words[1] === 'recursive'))
  return what === 'heard' ? String(heard) : `unknown ${what}`
}

/** All names of one parent, beside so many other znodes again. */
function nsAChild(count: number): number {
  const tree = families.get(count) ?? familyOf(count)
  families.set(count, tree)
  const start = performance.now()
  heard += tree.findNode('/bench')?.childNames().length ?? 0
  return ((performance.now() - start) * NS_A_MS) / count
}

function familyOf(count: number): DataTree {
  const tree = new DataTree()
  for (const parent of ['/bench', '/other']) {
    create(tree, parent)
    for (let i = 0; i < count; i++) create(tree, `${parent}/${String(i).padStart(17, '0')}`)
  }
  return tree
}

function create(tree: DataTree, path: string): void {
  const data = new Uint8Array(0)
  tree.createNode(
    { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false },
    { zxid: 1, timeMs: 1 },
  )
}

/** Of a path so deep that nobody watches, while somebody watches another one, or recursively all but below it. */
function nsATrigger(depth: number, isRecursive: boolean): number {
  const manager = new WatchManager('data', new Tap(() => undefined), versionTraits['3.9'])
  manager.addWatch('/elsewhere', counting(0), isRecursive ? RECURSIVE : STANDARD)
  const path = `/${Array.from({ length: depth }, (_, i) => `level-${i}`).join('/')}`
  const start = performance.now()
  for (let i = 0; i < TRIGGERS; i++)
    heard += Number(
      manager.triggerWatch({ type: 'NodeDataChanged', path, zxid: i, acl: OPEN_ACL_UNSAFE }) === undefined,
    )
  return ((performance.now() - start) * NS_A_MS) / TRIGGERS
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

// Not before all that it uses is there.
for await (const line of createInterface({ input: process.stdin }))
  console.log(answer(line.trim().split(' ')))
