/** A load that runs free: each worker sends when it likes, often without waiting, and sometimes ends its session and begins another. */
import type { ACL } from '../../src/protocol/acl.js'
import type { CreateMode } from '../../src/protocol/create-mode.js'
import type {
  CreateRequest,
  DeleteRequest,
  MultiOp,
  Request,
  SetDataRequest,
} from '../../src/protocol/message.js'
import type { Cnxn, Dial } from '../differential/cnxn.js'
import type { Random } from '../random.js'
import type { History } from './history.js'

/** One worker: how it connects, and what chance it has. */
export interface Worker {
  readonly name: string
  readonly dial: Dial
  readonly random: Random
  readonly requests: number
  /** Whether it may set watches that stay. */
  readonly hasLastingWatches: boolean
}

const OPEN: readonly ACL[] = [{ scheme: 'world', id: 'anyone', perms: 31 }]
const SESSION_TIMEOUT_MS = 30_000
const MAX_WINDOW = 8
const NAMES = ['a', 'b', 'c'] as const
const MODES: readonly CreateMode[] = [
  'PERSISTENT',
  'PERSISTENT',
  'EPHEMERAL',
  'PERSISTENT_SEQUENTIAL',
  'EPHEMERAL_SEQUENTIAL',
]

const WEIGHTS = {
  create: 25,
  delete: 20,
  setData: 15,
  getData: 12,
  exists: 12,
  getChildren2: 12,
  multi: 8,
  multiRead: 3,
  sync: 1,
  addWatch: 2,
  removeWatches: 2,
  getEphemerals: 1,
} as const

/** Runs until the worker has sent its requests and closed its last session. */
export async function work(history: History, worker: Worker): Promise<void> {
  const { random } = worker
  let left = worker.requests
  for (let session = 1; left > 0; session++) {
    const cnxn = history.dial(worker.dial, `${worker.name}, session ${session}`)
    cnxn.connect({
      lastZxidSeen: 0,
      timeoutMs: SESSION_TIMEOUT_MS,
      sessionId: 0n,
      password: new Uint8Array(16),
    })
    await cnxn.settled()
    const share = Math.min(left, 50 + random.int(500))
    await send(cnxn, worker, share)
    left -= share
    cnxn.send([{ type: 'closeSession' }])
    await cnxn.settled()
  }
}

async function send(cnxn: Cnxn, worker: Worker, count: number): Promise<void> {
  const { random } = worker
  for (let sent = 0; sent < count; ) {
    const window = Math.min(1 + random.int(MAX_WINDOW), count - sent)
    cnxn.send(Array.from({ length: window }, () => requestOf(worker)))
    sent += window
    if (random.chance(0.6)) await cnxn.settled()
    else if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve))
  }
  await cnxn.settled()
}

function requestOf({ random, hasLastingWatches }: Worker): Request {
  const kind = random.weighted(WEIGHTS)
  const path = pathOf(random)
  switch (kind) {
    case 'create':
      return createOf(random)
    case 'delete':
    case 'setData':
      return changeOf(kind, random)
    case 'getData':
    case 'exists':
    case 'getChildren2':
      return { type: kind, path, watch: random.chance(0.8) }
    case 'multi':
      return { type: 'multi', ops: Array.from({ length: 1 + random.int(4) }, () => opOf(random)) }
    case 'multiRead':
      return {
        type: 'multiRead',
        ops: [
          { type: 'getData', path },
          { type: 'getChildren', path: pathOf(random) },
        ],
      }
    case 'addWatch':
      if (!hasLastingWatches) return { type: 'sync', path }
      return { type: 'addWatch', path, mode: random.pick(['PERSISTENT', 'PERSISTENT_RECURSIVE']) }
    case 'removeWatches':
      if (!hasLastingWatches) return { type: 'sync', path }
      return { type: 'removeWatches', path, watcherType: random.pick(['Data', 'Children', 'Any']) }
    case 'getEphemerals':
    case 'sync':
      return { type: kind, path }
  }
}

function opOf(random: Random): MultiOp {
  if (random.chance(0.4)) return createOf(random)
  if (random.chance(0.3)) return { type: 'check', path: pathOf(random), version: random.pick([-1, 0, 1]) }
  return changeOf(random.pick(['delete', 'setData']), random)
}

function createOf(random: Random): CreateRequest {
  const mode = random.pick(MODES)
  return { type: 'create', path: pathOf(random), data: dataOf(random), acl: OPEN, mode, ttlMs: -1 }
}

function changeOf(type: 'delete' | 'setData', random: Random): DeleteRequest | SetDataRequest {
  const version = random.chance(0.7) ? -1 : random.int(3)
  const path = pathOf(random)
  return type === 'delete' ? { type, path, version } : { type, path, data: dataOf(random), version }
}

function dataOf(random: Random): Uint8Array | null {
  return random.chance(0.1) ? null : new TextEncoder().encode(String(random.int(1_000_000)))
}

function pathOf(random: Random): string {
  const depth = 1 + random.int(3)
  return Array.from({ length: depth }, () => `/${random.pick(NAMES)}`).join('')
}
