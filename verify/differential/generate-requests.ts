/**
 * RequestGenerator: one random request after the other. It looks at the state of the first subject, so that what it asks for is mostly
 * possible, and sometimes just not: versions are right, wrong or left open, names collide, multis are doomed by one of their operations.
 */
import type { ACL } from '../../src/protocol/acl.js'
import { CreateMode } from '../../src/protocol/create-mode.js'
import type {
  AuthRequest,
  Bytes,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiReadOp,
  Request,
  SaslRequest,
  SetDataRequest,
} from '../../src/protocol/message.js'
import type { Random } from '../random.js'
import { QUOTA, type View } from './view.js'

/** Of znodes; few, so that they collide. */
export const NAMES = ['a', 'b', 'c', 'd'] as const
const MAX_DEPTH = 4
/** Names that mean something to JavaScript, to a file system, or in Unicode. */
const TRAP_NAMES = [
  '__proto__',
  'constructor',
  'then',
  'toString',
  'a b',
  'ü',
  'x'.repeat(3_000),
  '-',
  '0000000001',
] as const
const PATH_WITH_NUL = '/a\u0000b'
const BAD_PATHS = [
  '',
  'a',
  '//',
  '/a/',
  '/a//b',
  '/.',
  '/..',
  '/a/.',
  '/a/../b',
  PATH_WITH_NUL,
  '/a\u0001',
  '/\ufff0',
  '/\ud83d\ude00',
] as const
const RESERVED = ['/zookeeper', '/zookeeper/config', '/zookeeper/quota', '/zookeeper/x'] as const
/** Users with their passwords. */
export const PAIRS = ['alice:a', 'bob:b'] as const
/** The digests of those pairs. */
const DIGESTS = {
  'alice:a': 'alice:AIueg8ag5ALfqeEyKdLnva1Wvi0=',
  'bob:b': 'bob:LcrmCNs/wfVD+i5a5yaz89GyjIM=',
} as const
const MAX_VERSION = 2_147_483_647

const ALL_PERMS = 31
const PERMS = [31, 31, 1, 2, 4, 8, 16, 3, 5, 27, 30, 0] as const

/** Everybody may do everything. */
export const WORLD: readonly ACL[] = [{ scheme: 'world', id: 'anyone', perms: ALL_PERMS }]

const QUOTA_MULTI_CHANCE = 0.2
const ODD_PATH_CHANCE = 0.3

const REQUEST_WEIGHTS = {
  create: 220,
  delete: 150,
  setData: 130,
  getData: 100,
  exists: 100,
  children: 100,
  multi: 70,
  multiRead: 15,
  setACL: 25,
  getACL: 25,
  addWatch: 40,
  removeWatches: 20,
  checkWatches: 16,
  setWatches: 12,
  getAllChildrenNumber: 8,
  getEphemerals: 8,
  sync: 8,
  ping: 5,
  whoAmI: 8,
  auth: 16,
  reconfig: 1,
} as const

const READS = [
  'getData',
  'exists',
  'children',
  'multiRead',
  'getACL',
  'getAllChildrenNumber',
  'getEphemerals',
  'sync',
] as const

/** Makes requests. */
export class RequestGenerator {
  readonly #random: Random
  #view: View = { paths: [], zxid: 0, quotas: [], versionsOf: () => undefined }

  constructor(random: Random) {
    this.#random = random
  }

  /** The next one, as the state is now. */
  next(view: View): Request {
    this.#view = view
    // Otherwise too few of them would ever meet a quota.
    if (view.quotas.length > 0 && this.#random.chance(QUOTA_MULTI_CHANCE))
      return { type: 'multi', ops: this.#multiOps() }
    return this.#request()
  }

  #request(): Request {
    const kind = this.#random.weighted(REQUEST_WEIGHTS)
    switch (kind) {
      case 'create':
        return this.#create()
      case 'delete':
        return this.#delete()
      case 'setData':
        return this.#setData()
      case 'multi':
        return { type: 'multi', ops: this.#multiOps() }
      case 'setACL': {
        const path = this.#path()
        return { type: 'setACL', path, acl: this.#acl(), version: this.#version(path, 'aversion') }
      }
      case 'auth':
        return this.#claim()
      case 'ping':
      case 'whoAmI':
      case 'reconfig':
        return { type: kind }
      case 'addWatch':
      case 'removeWatches':
      case 'checkWatches':
      case 'setWatches':
        return this.#watchRequest(kind)
      default:
        return this.#read(kind)
    }
  }

  /** One that is accepted: a server that is not set up for SASL says yes to anything. */
  #claim(): AuthRequest | SaslRequest {
    if (this.#random.chance(0.1)) return { type: 'sasl', token: new Uint8Array([1, 2, 3]) }
    const scheme = this.#random.chance(0.9) ? 'digest' : 'ip'
    return { type: 'auth', scheme, auth: new TextEncoder().encode(this.#random.pick(PAIRS)) }
  }

  #watchRequest(kind: 'addWatch' | 'removeWatches' | 'checkWatches' | 'setWatches'): Request {
    const random = this.#random
    if (kind === 'setWatches') return this.#setWatches()
    const path = this.#path()
    if (kind === 'addWatch')
      return { type: kind, path, mode: random.pick(['PERSISTENT', 'PERSISTENT_RECURSIVE']) }
    const watcherType = random.pick(['Data', 'Children', 'Any', 'Persistent', 'PersistentRecursive'] as const)
    // What is no path at all is answered by the watches of others (D47).
    return { type: kind, path: random.chance(ODD_PATH_CHANCE) ? random.pick(BAD_PATHS) : path, watcherType }
  }

  #read(kind: (typeof READS)[number]): Request {
    const random = this.#random
    const path = random.chance(0.1) ? this.#statsPath() : this.#path()
    const watch = random.chance(0.7)
    switch (kind) {
      case 'exists':
        return { type: kind, path: random.chance(0.02) ? PATH_WITH_NUL : path, watch }
      case 'getData':
        return { type: kind, path, watch }
      case 'children':
        return { type: random.pick(['getChildren', 'getChildren2']), path, watch }
      case 'multiRead':
        return { type: 'multiRead', ops: Array.from({ length: random.int(5) }, () => this.#multiReadOp()) }
      // The root has two names at the real server (D21).
      case 'getAllChildrenNumber':
        return { type: kind, path: random.chance(ODD_PATH_CHANCE) ? '' : path }
      default:
        return { type: kind, path }
    }
  }

  #create(): CreateRequest {
    const random = this.#random
    const mode = random.pick(Object.values(CreateMode))
    const path = this.#newPath(mode)
    const data = this.#data()
    const acl = random.chance(0.85) ? WORLD : this.#acl()
    if (mode === 'CONTAINER') return { type: 'createContainer', path, data, acl, mode, ttlMs: -1 }
    if (mode.endsWith('TTL')) {
      const ttlMs = random.chance(0.9)
        ? 1 + random.int(1_000_000_000)
        : random.pick([0, -1, -5, 2 ** 40, 2 ** 41])
      return { type: 'createTTL', path, data, acl, mode, ttlMs }
    }
    return { type: random.pick(['create', 'create2']), path, data, acl, mode, ttlMs: -1 }
  }

  #delete(): DeleteRequest {
    const path = this.#path()
    return { type: 'delete', path, version: this.#version(path, 'version') }
  }

  #setData(): SetDataRequest {
    const path = this.#path()
    return { type: 'setData', path, data: this.#data(), version: this.#version(path, 'version') }
  }

  /** Where there is a quota, one change at most: the real server does not count those before it (D6). */
  #multiOps(): readonly MultiOp[] {
    const ops = Array.from({ length: this.#random.int(7) }, () => this.#multiOp())
    if (this.#view.quotas.length === 0) return ops
    const first = ops.findIndex(({ type }) => type !== 'check')
    return ops.filter(({ type }, i) => type === 'check' || i === first)
  }

  #multiOp(): MultiOp {
    switch (this.#random.weighted({ create: 5, delete: 3, setData: 4, check: 2 })) {
      case 'create':
        return this.#create()
      case 'delete':
        return this.#delete()
      case 'setData':
        return this.#setData()
      case 'check': {
        const path = this.#path()
        return { type: 'check', path, version: this.#version(path, 'version') }
      }
    }
  }

  #multiReadOp(): MultiReadOp {
    return { type: this.#random.pick(['getData', 'getChildren']), path: this.#path() }
  }

  #setWatches(): Request {
    const paths = (): readonly string[] => Array.from({ length: this.#random.int(4) }, () => this.#goodPath())
    const isLasting = this.#random.chance(0.4)
    return {
      type: 'setWatches',
      relativeZxid: this.#random.int(this.#view.zxid + 1),
      dataWatches: paths(),
      existWatches: paths(),
      childWatches: paths(),
      persistentWatches: isLasting ? paths() : [],
      persistentRecursiveWatches: isLasting ? paths() : [],
    }
  }

  #acl(): readonly ACL[] {
    const random = this.#random
    const kind = random.weighted({ world: 6, auth: 5, digest: 4, ip: 2, none: 1, bad: 2, two: 2 })
    switch (kind) {
      case 'world':
        return [{ scheme: 'world', id: 'anyone', perms: random.pick(PERMS) }]
      case 'auth':
        return [{ scheme: 'auth', id: '', perms: random.pick(PERMS) }]
      case 'digest':
        return [{ scheme: 'digest', id: DIGESTS[random.pick(PAIRS)], perms: random.pick(PERMS) }]
      case 'ip':
        return [
          {
            scheme: 'ip',
            id: random.pick(['127.0.0.1', '127.0.0.0/8', '10.0.0.1', '10.0.0.0/8']),
            perms: random.pick(PERMS),
          },
        ]
      case 'none':
        return []
      case 'bad':
        return [
          random.pick([
            { scheme: 'world', id: 'someone', perms: 31 },
            { scheme: 'nothing', id: 'x', perms: 31 },
            { scheme: 'digest', id: 'no colon', perms: 31 },
            { scheme: 'ip', id: '300.0.0.1', perms: 31 },
            { scheme: 'ip', id: '10.0.0.0/33', perms: 31 },
          ]),
        ]
      case 'two':
        return [...this.#acl(), ...this.#acl()]
    }
  }

  #data(): Bytes {
    const length = this.#random.pick([0, 1, 3, 16, 100, 1_000])
    if (length === 0 && this.#random.chance(0.5)) return null
    return Uint8Array.from({ length }, () => this.#random.int(256))
  }

  #version(path: string, which: 'version' | 'aversion'): number {
    const kind = this.#random.weighted({ any: 50, right: 35, wrong: 13, extreme: 2 })
    if (kind === 'any') return -1
    if (kind === 'extreme') return this.#random.pick([MAX_VERSION, -MAX_VERSION - 1, -2])
    const right = this.#view.versionsOf(path)?.[which] ?? 0
    return kind === 'right' ? right : right + 1
  }

  /** A path for a read or a change: mostly of a znode that there is. */
  #path(): string {
    const random = this.#random
    const kind = random.weighted({ known: 70, made: 22, root: 4, reserved: 2, bad: 2 })
    if (kind === 'bad') return random.pick(BAD_PATHS)
    if (kind === 'reserved') return random.pick(RESERVED)
    if (kind === 'root') return '/'
    const [quota] = this.#view.quotas
    if (quota !== undefined && random.chance(0.2)) return quota
    if (kind === 'known' && this.#view.paths.length > 0) return random.pick(this.#view.paths)
    return this.#madePath()
  }

  /** Where the usage of a quota is told, if there is one. */
  #statsPath(): string {
    const [path] = this.#view.quotas
    return path === undefined ? this.#path() : `${QUOTA}${path}/zookeeper_stats`
  }

  #goodPath(): string {
    const { paths } = this.#view
    return paths.length > 0 && this.#random.chance(0.7) ? this.#random.pick(paths) : this.#madePath()
  }

  #madePath(): string {
    const depth = 1 + this.#random.int(MAX_DEPTH)
    return Array.from({ length: depth }, () => `/${this.#name()}`).join('')
  }

  /** A path for a create: mostly below a znode that there is. */
  #newPath(mode: CreateMode): string {
    const random = this.#random
    if (random.chance(0.12)) return this.#path()
    if (random.chance(0.02)) return random.pick(BAD_PATHS)
    const [quota] = this.#view.quotas
    if (quota !== undefined && random.chance(0.4)) return `${quota}/${this.#name()}`
    const parents = this.#view.paths.filter((path) => path.split('/').length <= MAX_DEPTH)
    const parent = parents.length > 0 && random.chance(0.75) ? random.pick(parents) : ''
    const isSequential = mode.includes('SEQUENTIAL')
    return `${parent}/${isSequential && random.chance(0.3) ? '' : this.#name()}`
  }

  #name(): string {
    return this.#random.chance(0.95) ? this.#random.pick(NAMES) : this.#random.pick(TRAP_NAMES)
  }
}
