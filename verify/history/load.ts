/**
 * What workers ask for: reads with watches and writes on few paths, so that they get in each other's way. Every write has bytes of its
 * own. Chance decides the same for one seed, whatever was answered; only the names of sequential znodes are taken from the answers.
 */
import type { ACL } from '../../src/protocol/acl.js'
import type { CreateMode } from '../../src/protocol/create-mode.js'
import type {
  CreateRequest,
  DeleteRequest,
  MultiOp,
  Request,
  SetDataRequest,
  SetWatchesRequest,
} from '../../src/protocol/message.js'
import type { Random } from '../random.js'

const OPEN: readonly ACL[] = [{ scheme: 'world', id: 'anyone', perms: 31 }]
const NAMES = ['a', 'b', 'c'] as const
const MODES: readonly CreateMode[] = [
  'PERSISTENT',
  'PERSISTENT',
  'EPHEMERAL',
  'PERSISTENT_SEQUENTIAL',
  'EPHEMERAL_SEQUENTIAL',
]

const [TOP, MIDDLE] = [below(''), below('').flatMap(below)]
const PATHS = ['/', ...TOP, ...MIDDLE, ...MIDDLE.flatMap(below)] as const

/** Sequential znodes that do not go with their session have names of their own. */
const LASTING = /-\d{10}$/

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

/** One worker's requests. */
export class Load {
  readonly #random: Random
  readonly #name: string
  readonly #hasLastingWatches: boolean
  /** Sequential znodes that somebody has to remove, or the tree grows for ever. */
  readonly #leftovers: string[] = []
  #written = 0

  /** `name` is short: the bytes of all writes begin with it. */
  constructor(options: {
    readonly random: Random
    readonly name: string
    readonly hasLastingWatches: boolean
  }) {
    this.#random = options.random
    this.#name = options.name
    this.#hasLastingWatches = options.hasLastingWatches
  }

  /** A path was created. */
  created(path: string): void {
    if (LASTING.test(path)) this.#leftovers.push(path)
  }

  next(): Request {
    const kind = this.#random.weighted(WEIGHTS)
    const path = pathOf(this.#random)
    switch (kind) {
      case 'create':
        return this.#createOf()
      case 'delete':
      case 'setData':
        return this.#changeOf(kind)
      case 'getData':
      case 'exists':
      case 'getChildren2':
        return { type: kind, path, watch: this.#random.chance(0.8) }
      case 'multi':
        return { type: 'multi', ops: Array.from({ length: 1 + this.#random.int(4) }, () => this.#opOf()) }
      case 'multiRead': {
        const other = pathOf(this.#random)
        const ops = [{ type: 'getData', path } as const, { type: 'getChildren', path: other } as const]
        return { type: 'multiRead', ops }
      }
      case 'addWatch':
        if (!this.#hasLastingWatches) return { type: 'sync', path }
        return { type: 'addWatch', path, mode: this.#random.pick(['PERSISTENT', 'PERSISTENT_RECURSIVE']) }
      case 'removeWatches':
        if (!this.#hasLastingWatches) return { type: 'sync', path }
        return { type: 'removeWatches', path, watcherType: this.#random.pick(['Data', 'Children', 'Any']) }
      case 'getEphemerals':
      case 'sync':
        return { type: kind, path }
    }
  }

  /** A write, then a look at every path that is not sequential. */
  *everything(): Generator<Request> {
    yield this.#createOf()
    for (const path of PATHS) {
      yield { type: 'getData', path, watch: false }
      yield { type: 'getChildren2', path, watch: false }
    }
  }

  /** An ephemeral znode. */
  ephemeral(): CreateRequest {
    return { ...this.#createOf(), mode: 'EPHEMERAL_SEQUENTIAL', path: `/${this.#random.pick(NAMES)}` }
  }

  /** What a client brings to a new connection that has seen this zxid; how often that happens is not up to the load. */
  watches(relativeZxid: number, random: Random): SetWatchesRequest {
    const some = (isPossible = true): string[] =>
      isPossible ? [...new Set(Array.from({ length: random.int(5) }, () => pathOf(random)))] : []
    return {
      type: 'setWatches',
      // Not always what was seen last, so that there is more to catch up with.
      relativeZxid: Math.max(0, relativeZxid - random.pick([0, 0, 5, 50, 1_000])),
      dataWatches: some(),
      existWatches: some(),
      childWatches: some(),
      persistentWatches: some(this.#hasLastingWatches),
      persistentRecursiveWatches: some(this.#hasLastingWatches),
    }
  }

  #opOf(): MultiOp {
    if (this.#random.chance(0.4)) return this.#createOf()
    const path = pathOf(this.#random)
    if (this.#random.chance(0.3)) return { type: 'check', path, version: this.#random.pick([-1, 0, 1]) }
    return this.#changeOf(this.#random.pick(['delete', 'setData']))
  }

  #createOf(): CreateRequest {
    const mode = this.#random.pick(MODES)
    const path = pathOf(this.#random) + (mode === 'PERSISTENT_SEQUENTIAL' ? '-' : '')
    return { type: 'create', path, data: this.#dataOf(), acl: OPEN, mode, ttlMs: -1 }
  }

  #changeOf(type: 'delete' | 'setData'): DeleteRequest | SetDataRequest {
    const version = this.#random.chance(0.7) ? -1 : this.#random.int(3)
    const isTidy = type === 'delete' && this.#random.chance(0.7)
    const path = pathOf(this.#random)
    const leftover = isTidy ? this.#leftovers.shift() : undefined
    if (leftover !== undefined) return { type: 'delete', path: leftover, version: -1 }
    return type === 'delete' ? { type, path, version } : { type, path, data: this.#dataOf(), version }
  }

  #dataOf(): Uint8Array | null {
    if (this.#random.chance(0.1)) return null
    this.#written += 1
    return new TextEncoder().encode(`${this.#name}:${this.#written}`)
  }
}

/** One of 39, up to three deep. */
export function pathOf(random: Random): string {
  const depth = 1 + random.int(3)
  return Array.from({ length: depth }, () => `/${random.pick(NAMES)}`).join('')
}

function below(path: string): string[] {
  return NAMES.map((name) => `${path}/${name}`)
}
