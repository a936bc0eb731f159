/**
 * Generator: steps from a seed. What the real server does not do in one order is kept apart: a window never depends on which of its
 * own threads is the quicker.
 */
import type { CreateRequest, MultiOp, Request } from '../../src/protocol/message.js'
import type { Random } from '../random.js'
import { NAMES, PAIRS, RequestGenerator, WORLD } from './generate-requests.js'
import { isRead, SESSION_BOUNDS, type Step } from './step.js'
import { QUOTA, type View } from './view.js'

/** How steps are made. */
export interface Plan {
  readonly steps: number
  readonly slots: number
  /** Requests in one go: 1 for lock-step. */
  readonly maxWindow: number
}

const SESSION_TIMEOUT_MS = 120_000
const { minMs, maxMs } = SESSION_BOUNDS
const LONG_TIMEOUTS_MS = [maxMs - 1, maxMs, maxMs + 1, 2 ** 31 - 1] as const
/** At the lower bound and below: all of them are the least that a session can have. */
const SHORT_TIMEOUTS_MS = [0, -5, 1, minMs - 1, minMs, -(2 ** 31)] as const
const LONG_TIMEOUT_CHANCE = 0.4
/** Operations that there are not; -1 and 0 mean something else in other places of the protocol. */
const UNKNOWN_OP_CODES = [9_999, 0, 10, -1, 99, 2 ** 31 - 1] as const
const REFUSED_SCHEMES = ['nothing', 'world', 'auth', 'super', ''] as const

const STEP_WEIGHTS = {
  send: 970,
  open: 10,
  close: 14,
  cut: 8,
  resume: 12,
  wrong: 2,
  ahead: 2,
  stranger: 1,
  refusedAuth: 4,
  unknown: 3,
  quota: 10,
  expire: 3,
} as const

/** A real server takes seconds for it. */
const MAX_EXPIRIES = 1

/** Makes the steps of one run, each when the ones before it are done. */
export class Generator {
  readonly #random: Random
  readonly #plan: Plan
  readonly #requests: RequestGenerator
  readonly #open = new Set<number>()
  readonly #cut = new Set<number>()
  #expiries = 0
  #view: View = { paths: [], zxid: 0, quotas: [], versionsOf: () => undefined }

  constructor(random: Random, plan: Plan) {
    this.#random = random
    this.#plan = plan
    this.#requests = new RequestGenerator(random)
  }

  /** The next step, or several that belong together. */
  next(view: View): readonly Step[] {
    this.#view = view
    if (this.#open.size === 0) return [this.#opening()]
    const kind = this.#random.weighted(STEP_WEIGHTS)
    switch (kind) {
      case 'open':
        return this.#open.size + this.#cut.size < this.#plan.slots ? [this.#opening()] : [this.#sending()]
      case 'close':
        return this.#open.size > 1 ? [this.#closing()] : [this.#sending()]
      case 'cut':
        return [{ do: 'cut', slot: this.#takeOpen() }]
      case 'resume':
        return [this.#resuming()]
      case 'wrong':
      case 'ahead': {
        if (this.#cut.size === 0) return [this.#sending()]
        const slot = this.#random.pick([...this.#cut])
        if (kind === 'wrong') return [{ do: 'resume', slot, password: 'wrong', seen: 'last' }]
        return [{ do: 'resume', slot, password: 'right', seen: 'ahead' }]
      }
      case 'stranger':
        // Where the real server cuts off the owner, and zoolet does not (D1).
        return [{ do: 'resume', slot: this.#takeOpen(), password: 'wrong', seen: 'last' }]
      case 'refusedAuth':
        return [this.#refusedAuth()]
      case 'unknown': {
        const opCode = this.#random.pick(UNKNOWN_OP_CODES)
        return [{ do: 'send', slot: this.#takeOpen(), requests: [{ type: 'unknown', opCode }] }]
      }
      case 'quota':
        return [this.#quota()]
      case 'expire':
        return this.#expiries < MAX_EXPIRIES && this.#open.size > 0 ? this.#expiring() : [this.#sending()]
      case 'send':
        return [this.#sending()]
    }
  }

  #opening(): Step {
    const slot = this.#freeSlot()
    this.#open.add(slot)
    return { do: 'open', slot, timeoutMs: this.#timeoutMs() }
  }

  #freeSlot(): number {
    let slot = 0
    while (this.#open.has(slot) || this.#cut.has(slot)) slot++
    return slot
  }

  /** A session of its own, with one ephemeral znode: several would go in no order. */
  #expiring(): readonly Step[] {
    this.#expiries++
    const slot = this.#freeSlot()
    const parent = this.#random.pick(['/shelf', this.#random.pick(['', ...this.#view.paths])])
    const path = `${parent}/mine`
    const requests: readonly Request[] = [
      createPersistent('/shelf', ''),
      { ...createPersistent(path, 'mine'), mode: 'EPHEMERAL' },
    ]
    const places = [path, parent === '' ? '/' : parent, '/']
    const reads = shuffled(this.#random, places.flatMap(watchesOf))
    const short = this.#random.pick(SHORT_TIMEOUTS_MS)
    const resume = { do: 'resume', slot, password: 'right' } as const
    return [
      // Short sessions are short of time as well: nothing else is done while one lives.
      { do: 'open', slot, timeoutMs: short },
      { ...resume, seen: 'last', timeoutMs: SESSION_TIMEOUT_MS },
      ...requests.map((request): Step => ({ do: 'send', slot, requests: [request] })),
      ...reads.map(
        (read): Step => ({ do: 'send', slot: this.#random.pick([...this.#open]), requests: [read] }),
      ),
      { ...resume, seen: 'last', timeoutMs: short },
      { do: 'cut', slot },
      { do: 'expire', slot },
      // Where zoolet tells a client from the future that its session is over (D48).
      { ...resume, seen: 'ahead' },
      { ...resume, seen: 'last' },
    ]
  }

  #timeoutMs(): number {
    return this.#random.chance(LONG_TIMEOUT_CHANCE) ? this.#random.pick(LONG_TIMEOUTS_MS) : SESSION_TIMEOUT_MS
  }

  #closing(): Step {
    const slot = this.#random.pick([...this.#open])
    this.#open.delete(slot)
    return { do: 'send', slot, requests: [{ type: 'closeSession' }] }
  }

  #resuming(): Step {
    const slot = this.#random.pick([...this.#open, ...this.#cut])
    this.#cut.delete(slot)
    this.#open.add(slot)
    const isOther = this.#random.chance(LONG_TIMEOUT_CHANCE)
    return {
      do: 'resume',
      slot,
      password: 'right',
      seen: 'last',
      ...(isOther ? { timeoutMs: this.#timeoutMs() } : {}),
    }
  }

  /** A slot whose connection is about to end, and whose session is not. */
  #takeOpen(): number {
    const slot = this.#random.pick([...this.#open])
    this.#open.delete(slot)
    this.#cut.add(slot)
    return slot
  }

  /** Ends the connection; by itself, since it is answered before what was sent earlier (D39). */
  #refusedAuth(): Step {
    const scheme = this.#random.pick([...REFUSED_SCHEMES, 'digest'])
    const slot = this.#takeOpen()
    const auth = scheme === 'digest' ? null : new TextEncoder().encode(this.#random.pick(PAIRS))
    return { do: 'send', slot, requests: [{ type: 'auth', scheme, auth }] }
  }

  /** Sets a quota with hard limits, or takes away what there is. */
  #quota(): Step {
    const slot = this.#random.pick([...this.#open])
    const [path] = this.#view.quotas
    const ops = path === undefined ? this.#newQuota(`${QUOTA}/${this.#random.pick(NAMES)}`) : noQuota(path)
    return { do: 'send', slot, requests: [{ type: 'multi', ops }] }
  }

  #newQuota(top: string): readonly MultiOp[] {
    const count = this.#random.pick([-1, 0, 2, 5])
    const bytes = this.#random.pick([-1, 20, 200, 2_000])
    const limits = `count=${count},bytes=${bytes}=;byteHardLimit=${bytes};countHardLimit=${count}`
    return [
      createPersistent(top, ''),
      createPersistent(`${top}/zookeeper_limits`, limits),
      createPersistent(`${top}/zookeeper_stats`, 'count=0,bytes=0'),
    ]
  }

  #sending(): Step {
    const slot = this.#random.pick([...this.#open])
    // While there is a quota the real server decides by what was applied, however much is on its way.
    const window = this.#view.quotas.length > 0 ? 1 : 1 + this.#random.int(this.#plan.maxWindow)
    const requests = Array.from({ length: window }, () => this.#requests.next(this.#view))
    return { do: 'send', slot, requests: inOneOrder(requests) }
  }
}

/**
 * What has one outcome. The real server takes a claim of identity out of the order (D39), so there is one at most, in front. It goes
 * on deciding by the old ACL while it sets a new one (D46), which is not so for reads: they alone come after a setACL.
 */
function inOneOrder(requests: readonly Request[]): readonly Request[] {
  const [claim] = requests.filter(isClaim)
  const others = withOneDifference(requests.filter((request) => !isClaim(request)))
  const at = others.findIndex(({ type }) => type === 'setACL')
  const ordered =
    at < 0 ? others : [...others.slice(0, at + 1), ...others.slice(at + 1).filter(({ type }) => isRead(type))]
  return claim === undefined ? ordered : [claim, ...ordered]
}

function isClaim({ type }: Request): boolean {
  return type === 'auth' || type === 'sasl'
}

/** What can differ on purpose, by the kind of difference: only the first kind stays, since a difference explains all or nothing. */
function withOneDifference(requests: readonly Request[]): readonly Request[] {
  const first = requests.map(differenceIn).find((id) => id !== undefined)
  return requests.filter((request) => [undefined, first].includes(differenceIn(request)))
}

function differenceIn(request: Request): string | undefined {
  switch (request.type) {
    case 'setWatches':
      return 'D7'
    case 'getACL':
      return 'D11'
    case 'getAllChildrenNumber':
      return request.path === '' ? 'D21' : undefined
    case 'checkWatches':
      return request.path.startsWith('/') ? undefined : 'D47'
    default:
      return undefined
  }
}

/** One of each kind. */
function watchesOf(path: string): readonly Request[] {
  return [
    { type: 'exists', path, watch: true },
    { type: 'getData', path, watch: true },
    { type: 'getChildren', path, watch: true },
    { type: 'addWatch', path, mode: 'PERSISTENT' },
    { type: 'addWatch', path, mode: 'PERSISTENT_RECURSIVE' },
  ]
}

function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.int(left.length), 1))
}

/** As the quota of this path was made. */
function noQuota(path: string): readonly MultiOp[] {
  const top = `${QUOTA}${path}`
  const gone = [`${top}/zookeeper_stats`, `${top}/zookeeper_limits`, top]
  return gone.map((each) => ({ type: 'delete', path: each, version: -1 }))
}

function createPersistent(path: string, text: string): CreateRequest {
  const data = new TextEncoder().encode(text)
  return { type: 'create', path, data, acl: WORLD, mode: 'PERSISTENT', ttlMs: -1 }
}
