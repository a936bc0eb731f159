/**
 * The game of locks, leases and leads. R1: by server time never two who exclude each other hold something. R2: what is held has its
 * znode, and says so as soon as it may have lost it, and not without reason. R3: fencing tokens grow.
 */
import type { Patience } from './action.js'
import { type Claim, claimsOf, type Held, type Share } from './claims.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Party } from './party.js'

interface Holder {
  readonly party: Party
  readonly held: Held
  readonly sessionId: bigint
  /** How often the connection had broken when it began. */
  readonly breaks: number
  /** Ends a `run`; undefined for what is released by hand. */
  readonly finish: (() => void) | undefined
}

/** One game. */
export class TenureGame implements Game {
  readonly #around: GameSurroundings
  readonly #claims = new Map<Party, ReadonlyMap<string, Claim>>()
  readonly #holders = new Set<Holder>()
  /** The largest tokens of what has begun, and of what has ended, by resource. */
  readonly #begun = new Map<string, bigint>()
  readonly #ended = new Map<string, bigint>()
  /** How often somebody has begun to hold a resource alone. */
  readonly #lonely = new Map<string, number>()
  readonly #candidates = new Set<Party>()
  #hasDeleted = false

  constructor(around: GameSurroundings) {
    this.#around = around
  }

  welcome(party: Party): void {
    for (const holder of this.#holders) {
      if (holder.party.index !== party.index) continue
      this.#drop(holder)
      holder.finish?.()
    }
    this.#claims.set(party, claimsOf(party, this.#around.setup))
  }

  wish(party: Party, { wish, patience }: Wish): boolean {
    const [, verb = '', name = ''] = /^(\w+) ?(.*)$/.exec(wish) ?? []
    if (verb === 'release') return this.#release(party, patience)
    if (verb === 'downgrade') return this.#downgrade(party, patience)
    const claim = this.#claims.get(party)?.get(name)
    if (claim === undefined) throw new Error(`There is nothing called ${name}`)
    return this.#ask(party, verb, { name, claim, patience })
  }

  happened(): void {
    const { truth } = this.#around
    const byResource = new Map<string, { readonly share: Share; readonly holder: Holder }[]>()
    for (const holder of this.#holders)
      for (const share of holder.held.shares) {
        const { tenure, resource } = share
        if (!tenure.isHeld || !truth.znodes.has(tenure.path)) continue
        const sharers = byResource.get(resource) ?? []
        sharers.push({ share, holder })
        byResource.set(resource, sharers)
      }
    for (const [resource, sharers] of byResource) {
      const isAlone = sharers.some(({ share }) => share.mode === 'alone')
      const leases = sharers.filter(({ share }) => share.mode === 'lease').length
      if ((isAlone && sharers.length > 1) || leases > this.#around.setup.leases) {
        const who = sharers.map(({ holder, share }) => `${holder.party.name} (${share.mode})`)
        this.#around.fault(`R1: ${who.join(' and ')} hold ${resource} at the same time`)
      }
    }
  }

  look(): void {
    this.happened()
    for (const holder of this.#holders) this.#lookAt(holder)
  }

  isIdle(party: Party): boolean {
    return ![...this.#holders].some((holder) => holder.party === party)
  }

  /** Those who wait. Who takes away what is held gives it to another: no holder hears of that, here as with Curator and kazoo. */
  victims(): readonly string[] {
    // A MultiLock holds some of its parts before it says so.
    if (this.#around.setup.recipe === 'multiLock') return []
    this.#hasDeleted = true
    const held = new Set(
      [...this.#holders].flatMap(({ held: { shares } }) => shares.map(({ tenure }) => tenure.path)),
    )
    const ephemerals = [...this.#around.truth.znodes.values()].filter(({ kind }) => kind === 'ephemeral')
    return ephemerals.map(({ path }) => path).filter((path) => !held.has(path))
  }

  calm(party: Party): void {
    while (this.#release(party, PATIENT));
  }

  unfinished(): readonly string[] {
    return Array.from(this.#holders, ({ party }) => `${party.name} still holds something`)
  }

  finish(): void {}

  mayStay(): boolean {
    return false
  }

  #ask(
    party: Party,
    verb: string,
    { name, claim, patience }: { readonly name: string; readonly claim: Claim; readonly patience: Patience },
  ): boolean {
    // A candidate stands once.
    if (name === 'lead') {
      if (this.#candidates.has(party) || !this.isIdle(party)) return false
      this.#candidates.add(party)
    }
    const what = `${verb} ${name}`
    const { run } = claim
    if (verb === 'run' && run !== undefined) {
      party.begin({
        what,
        patience,
        work: (options, isServed) => {
          const hold = (held: Held, finish: () => void): void => {
            isServed()
            this.#hold(party, held, finish)
          }
          return run((held) => new Promise<void>((resolve) => hold(held, resolve)), options)
        },
      })
      return true
    }
    party.begin({
      what,
      patience,
      work: (options) => (verb === 'try' ? claim.tryAcquire(options) : claim.acquire(options)),
      ended: (outcome) => {
        this.#candidates.delete(party)
        if (outcome.ended === 'served' && outcome.value !== null) this.#hold(party, outcome.value)
      },
    })
    return true
  }

  #hold(party: Party, held: Held, finish?: () => void): void {
    const { truth, say } = this.#around
    const { sessionId } = party.zk
    const holder: Holder = { party, held, sessionId, breaks: truth.breaksOf(sessionId), finish }
    this.#holders.add(holder)
    for (const { resource, mode, tenure } of held.shares) {
      say(`${party.name} holds ${resource} (${mode}) by ${tenure.path}`)
      this.#checkToken(party, { resource, mode, tenure })
      if (mode === 'alone') this.#lonely.set(resource, (this.#lonely.get(resource) ?? 0) + 1)
    }
    this.happened()
  }

  /** What excludes others has a larger token than all before; what is shared, one not smaller than what excluded it. */
  #checkToken(party: Party, { resource, mode, tenure }: Share): void {
    const token = tenure.fencingToken
    if (!tenure.isHeld) return
    const key = mode === 'shared' ? `${resource} alone` : resource
    const least = (mode === 'lease' ? this.#ended : this.#begun).get(key) ?? 0n
    if (mode === 'shared' ? token < least : token <= least)
      this.#around.fault(`R3: the token of ${party.name} for ${resource} is ${token}, after ${least}`)
    raise(this.#begun, resource, token)
    if (mode === 'alone') raise(this.#begun, `${resource} alone`, token)
  }

  #release(party: Party, patience: Patience): boolean {
    for (const holder of this.#holders) {
      const { held, finish } = holder
      if (holder.party !== party || held.isReleased) continue
      const note = (): void => {
        for (const { resource, tenure } of held.shares) raise(this.#ended, resource, tenure.fencingToken)
      }
      if (finish !== undefined) {
        this.#drop(holder)
        finish()
        return true
      }
      party.begin({
        what: 'release',
        patience,
        work: async (options) => held.release(options),
        ended: (outcome) => {
          if (outcome.ended === 'served') note()
        },
      })
      this.#drop(holder)
      return true
    }
    return false
  }

  #downgrade(party: Party, patience: Patience): boolean {
    for (const holder of this.#holders) {
      const { held } = holder
      const { downgrade } = held
      const resource = held.shares[0]?.resource ?? ''
      if (holder.party !== party || downgrade === undefined || held.isReleased) continue
      const lonely = this.#lonely.get(resource)
      const wasHeld = held.isHeld
      party.begin({
        what: 'downgrade',
        patience,
        work: (options) => downgrade(options),
        // Lost before.
        codes: ['NONODE', 'SESSIONEXPIRED'],
        ended: (outcome) => {
          if (outcome.ended !== 'served') return
          if (wasHeld && this.#lonely.get(resource) !== lonely)
            this.#around.fault(`R1: somebody else wrote ${resource} before ${party.name} became a reader`)
          this.#hold(party, outcome.value)
        },
      })
      this.#drop(holder)
      return true
    }
    return false
  }

  #drop(holder: Holder): void {
    this.#holders.delete(holder)
  }

  #lookAt({ party, held, sessionId, breaks }: Holder): void {
    const { truth, fault, setup } = this.#around
    const hasBroken = truth.breaksOf(sessionId) > breaks
    const isSession = party.zk.sessionId === sessionId
    const isCut = !isSession || party.zk.state !== 'CONNECTED'
    for (const { tenure, resource } of held.shares) {
      const { path } = tenure
      if (tenure.isHeld) {
        const mayBelieve = setup.abortOn === 'expiry' && isCut && party.zk.state !== 'CLOSED'
        // It has asked to be told of the end, and nobody has heard it yet.
        const isAsking = party.gate.length > 0
        if (!truth.znodes.has(path) && !mayBelieve && !isAsking)
          fault(`R2: ${party.name} believes that it holds ${resource}, and ${path} is gone`)
        if (setup.abortOn === 'disconnection' && (hasBroken || isCut))
          fault(`R2: ${party.name} was disconnected, and believes that it holds ${resource}`)
      } else if (
        !tenure.isReleased &&
        !this.#hasDeleted &&
        truth.breaksOf(sessionId) === 0 &&
        !party.isClosed
      )
        fault(`R2: ${party.name} was told that ${resource} may be lost, without reason`)
    }
    const isWhole = held.shares.every(({ tenure }) => tenure.isHeld)
    if (held.isHeld !== isWhole && !held.isReleased)
      fault(`R2: ${party.name} is told ${held.isHeld} of what is held ${isWhole}`)
  }
}

function raise(tokens: Map<string, bigint>, key: string, token: bigint): void {
  if (token > (tokens.get(key) ?? 0n)) tokens.set(key, token)
}
