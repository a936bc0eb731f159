/** The tree, driven directly by transactions that the model has decided, against the model's own tree. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CONTAINER_OWNER, ttlOwner } from '../../src/protocol/ephemeral-owner.js'
import type { DataNode, NodeFields } from '../../src/server/data-node.js'
import { DataTree } from '../../src/server/data-tree.js'
import { steps } from './arbitraries.js'
import { canonical, expectSameLines } from './canonical.js'
import { brokenInTree } from './invariants.js'
import { attempt, type Call, type MultiCall, type MultiResult } from './model-calls.js'
import {
  childNames,
  descendants,
  ephemeralsOf,
  freshTree,
  type ModelNode,
  type ModelTree,
  nodeAt,
  statOf,
} from './model-tree.js'
import { setAcl, type WriteContext, write, writeMulti } from './model-writes.js'
import { runParameters, timeLimitMs } from './run-parameters.js'
import { resolve, SLOTS, type Step } from './steps.js'

const WEIGHTS = { session: 1, time: 1, quota: 0, acl: 4, watch: 0 }

/** A change that the model has let through. */
type Applied = MultiCall | (Call & { readonly op: 'setACL' })

/** Decides steps on the model's tree and applies what is let through to the tree under test. */
class Decider {
  model: ModelTree = freshTree()
  tree: DataTree = new DataTree()
  #zxid = 0
  #nowMs = 1000

  /** Makes one step; calls that change nothing are passed over. */
  play(step: Step): void {
    if (step.kind !== 'call') return
    const call = resolve(step.call, { tree: this.model, watches: [] })
    this.#zxid += 1
    this.#nowMs += 7
    const session = BigInt(step.slot + 1)
    const context: WriteContext = {
      tree: new Map(this.model),
      before: this.model,
      charges: [],
      ids: [],
      session,
      zxid: this.#zxid,
      nowMs: this.#nowMs,
    }
    for (const [each, path] of decided(context, call)) this.#apply(each, path, session)
    this.model = context.tree
  }

  #apply(call: Applied, path: string, session: bigint): void {
    const stamp = { zxid: this.#zxid, timeMs: this.#nowMs }
    if (call.op === 'create') {
      const owner = ownerOf(call.mode, call.ttlMs, session)
      this.tree.createNode(
        { type: 'create', path, data: bytesOf(call.data), acl: call.acl, owner, withStat: false },
        stamp,
      )
    } else if (call.op === 'delete') {
      this.tree.deleteNode(path, stamp.zxid)
    } else if (call.op === 'setData') {
      const version = (this.tree.findNode(path)?.version ?? 0) + 1
      this.tree.setData({ type: 'setData', path, data: bytesOf(call.data), version }, stamp)
    } else if (call.op === 'setACL') {
      const aversion = (this.tree.findNode(path)?.aversion ?? 0) + 1
      this.tree.setACL({ type: 'setACL', path, acl: call.acl, aversion })
    }
  }
}

/** What of a call the model lets through, on the context's tree; nothing of a failed multi. */
function decided(context: WriteContext, call: Call): readonly (readonly [Applied, string])[] {
  if (call.op === 'multi') {
    const scratch = { ...context, tree: new Map(context.tree) }
    const outcome = writeMulti(scratch, call.ops)
    if ('code' in outcome) return []
    replace(context.tree, scratch.tree)
    return call.ops.map((op, i) => [op, createdPath(outcome.result[i]) ?? op.path])
  }
  if (call.op === 'setACL') return 'code' in attempt(() => setAcl(context, call)) ? [] : [[call, call.path]]
  if (call.op !== 'create' && call.op !== 'delete' && call.op !== 'setData') return []
  const tried = attempt(() => write(context, call))
  return 'code' in tried ? [] : [[call, createdPath(tried.value.result) ?? call.path]]
}

function replace(tree: ModelTree, by: ModelTree): void {
  tree.clear()
  for (const [path, node] of by) tree.set(path, node)
}

function createdPath(result: MultiResult | undefined): string | undefined {
  return result?.type === 'create' ? result.path : undefined
}

function ownerOf(mode: string, ttlMs: number | undefined, session: bigint): bigint {
  if (mode.startsWith('EPHEMERAL')) return session
  if (mode === 'CONTAINER') return CONTAINER_OWNER
  return ttlMs === undefined ? 0n : ttlOwner(ttlMs)
}

function bytesOf(data: string | null): Uint8Array | null {
  return data === null ? null : Buffer.from(data)
}

/** A znode of the model as a line. */
function modelLine(model: ModelTree, path: string): string {
  const { data } = nodeAt(model, path)
  return canonical([path, data, statOf(model, path), childNames(model, path)])
}

/** A znode of the tree in the same words. */
function treeLine(path: string, node: DataNode): string {
  return canonical([path, node.copyData(), { ...node.stat() }, node.childNames().sort()])
}

/** All that there is to a znode but its children. */
function fieldsOf(node: DataNode): NodeFields {
  const { acl, owner, ctimeMs, mtimeMs, version, aversion, createdCount } = node
  const [czxid, mzxid, pzxid] = [Number(node.czxid), Number(node.mzxid), Number(node.pzxid)]
  const times = { czxid, mzxid, pzxid, ctimeMs, mtimeMs }
  return { data: node.copyData(), acl, owner, ...times, version, aversion, createdCount }
}

function byKind(model: ModelTree, kind: ModelNode['kind']): readonly string[] {
  return [...model].flatMap(([path, node]) => (node.kind === kind ? [path] : [])).sort()
}

function compare({ model, tree }: Decider): void {
  const lines = [...tree.entries()].map(([path, node]) => treeLine(path, node)).sort()
  expectSameLines(lines, [...model.keys()].map((path) => modelLine(model, path)).sort())
  expectSameLines(brokenInTree(tree), [])
  expectSameLines([...tree.owned.containers].sort(), byKind(model, 'container'))
  expectSameLines([...tree.owned.ttls].sort(), byKind(model, 'ttl'))
  for (let slot = 0; slot < SLOTS; slot++) {
    const session = BigInt(slot + 1)
    expectSameLines([...tree.owned.ephemeralsOf(session)].sort(), [...ephemeralsOf(model, session)].sort())
  }
  expect(tree.owned.ephemeralCount).toBe(byKind(model, 'ephemeral').length)
}

const parameters = runParameters(600)
const run = steps(WEIGHTS, 40)

test('transactions that the model lets through make the model’s tree', {
  timeout: timeLimitMs(parameters),
}, () => {
  const property = fc.property(run, (run) => {
    const decider = new Decider()
    for (const step of run) {
      decider.play(step)
      compare(decider)
    }
  })
  fc.assert(property, parameters)
})

test('paths below and counts are those of a scan over all paths', {
  timeout: timeLimitMs(parameters),
}, () => {
  const property = fc.property(run, (run) => {
    const decider = new Decider()
    for (const step of run) decider.play(step)
    const { model, tree } = decider

    for (const path of model.keys()) {
      expectSameLines([...tree.pathsBelow(path)].sort(), [...descendants(model, path)].sort())
      expect(tree.countBelow(path)).toBe(descendants(model, path).length)
    }
    expect(tree.nodeCount).toBe(model.size)
    expect(tree.dataBytes).toBe(
      [...model.values()].reduce((sum, { data }) => sum + Buffer.byteLength(data ?? ''), 0),
    )
  })
  fc.assert(property, parameters)
})

test('a tree that is put back znode by znode is the same tree', { timeout: timeLimitMs(parameters) }, () => {
  const property = fc.property(run, (run) => {
    const decider = new Decider()
    for (const step of run) decider.play(step)

    const copy = new DataTree()
    copy.clear()
    for (const [path, node] of decider.tree.entries()) copy.restoreNode(path, fieldsOf(node))

    decider.tree = copy
    compare(decider)
  })
  fc.assert(property, parameters)
})
