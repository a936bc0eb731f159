/** Claims: what a party of a run can hold, by the names of its wishes, whatever recipe it is made of. */
import {
  type Acquirable,
  LeaderElection,
  Lock,
  type LockOptions,
  MultiLock,
  ReadWriteLock,
  type RecipeClient,
  Semaphore,
  type Tenure,
  type WaitOptions,
} from '../../src/recipes/index.js'
import { ROOT, type Setup } from './action.js'
import type { Party } from './party.js'

/** How something is held: by one, along with others of this kind, or as one of so many leases. */
export type Mode = 'alone' | 'shared' | 'lease'

/** A part of what is held. */
export interface Share {
  readonly resource: string
  readonly mode: Mode
  readonly tenure: Tenure
}

/** What was acquired. */
export interface Held {
  readonly shares: readonly Share[]
  readonly isHeld: boolean
  readonly isReleased: boolean
  release(options: WaitOptions): Promise<void>
  /** Where a writer can become a reader. */
  readonly downgrade?: (options: WaitOptions) => Promise<Held>
}

/** What can be acquired. */
export interface Claim {
  acquire(options: WaitOptions): Promise<Held>
  tryAcquire(options: WaitOptions): Promise<Held | null>
  /** Holds it until the work is done; what it holds releases itself then. */
  run?(work: (held: Held) => Promise<void>, options: WaitOptions): Promise<void>
}

/** The claims of a party, by name. */
export function claimsOf({ client, name }: Party, setup: Setup): ReadonlyMap<string, Claim> {
  const { layout, abortOn, leases } = setup
  const options: LockOptions = { layout, abortOn, identifier: name }
  const at = (path: string): string => `${ROOT}/${path}`
  switch (setup.recipe) {
    case 'lock':
      return new Map([['lock', claimOf(new Lock(client, at('lock'), options), 'lock', 'alone')]])
    case 'readWriteLock':
      return readWriteClaims(new ReadWriteLock(client, at('rw'), options))
    case 'semaphore':
      return new Map([
        ['lease', claimOf(new Semaphore(client, at('semaphore'), leases, options), 'semaphore', 'lease')],
      ])
    case 'election': {
      const election = new LeaderElection(client, at('election'), options)
      const lead = async (wait: WaitOptions): Promise<Held> =>
        heldOf(await election.lead(wait), 'election', 'alone')
      return new Map([['lead', { acquire: lead, tryAcquire: lead }]])
    }
    default: {
      const lock: Part = [new Lock(client, at('a'), options), 'a', 'alone']
      const writer: Part = [new ReadWriteLock(client, at('b'), options).write, 'b', 'alone']
      const reader: Part = [new ReadWriteLock(client, at('b'), options).read, 'b', 'shared']
      const lease: Part = [new Semaphore(client, at('c'), leases, options), 'c', 'lease']
      return new Map([
        ['all', multiClaimOf(client, [lease, writer, lock])],
        ['first two', multiClaimOf(client, [lock, reader])],
        ['last two', multiClaimOf(client, [writer, lease])],
      ])
    }
  }
}

type Part = readonly [Acquirable, string, Mode]

function claimOf(acquirable: Acquirable, resource: string, mode: Mode): Claim {
  return {
    acquire: async (options) => heldOf(await acquirable.acquire(options), resource, mode),
    tryAcquire: async (options) => {
      const tenure = await acquirable.tryAcquire(options)
      return tenure === null ? null : heldOf(tenure, resource, mode)
    },
    run: (work, options) => acquirable.run((tenure) => work(heldOf(tenure, resource, mode)), options),
  }
}

function heldOf(tenure: Tenure, resource: string, mode: Mode): Held {
  return {
    shares: [{ resource, mode, tenure }],
    get isHeld() {
      return tenure.isHeld
    },
    get isReleased() {
      return tenure.isReleased
    },
    release: (options) => tenure.release(options),
  }
}

function readWriteClaims(lock: ReadWriteLock): ReadonlyMap<string, Claim> {
  const withDowngrade = (tenure: Tenure): Held => ({
    ...heldOf(tenure, 'rw', 'alone'),
    // A spread takes the values of the moment.
    get isHeld() {
      return tenure.isHeld
    },
    get isReleased() {
      return tenure.isReleased
    },
    downgrade: async (options) => heldOf(await lock.downgrade(tenure, options), 'rw', 'shared'),
  })
  const write: Claim = {
    acquire: async (options) => withDowngrade(await lock.write.acquire(options)),
    tryAcquire: async (options) => {
      const tenure = await lock.write.tryAcquire(options)
      return tenure === null ? null : withDowngrade(tenure)
    },
  }
  return new Map([
    ['read', claimOf(lock.read, 'rw', 'shared')],
    ['write', write],
  ])
}

function multiClaimOf(client: RecipeClient, parts: readonly Part[]): Claim {
  const lock = new MultiLock(
    client,
    parts.map(([acquirable]) => acquirable),
  )
  // In the order of their paths, which is that of their resources.
  const sorted = [...parts].sort(([, a], [, b]) => (a < b ? -1 : 1))
  const held = (multi: Awaited<ReturnType<MultiLock['acquire']>>): Held => ({
    shares: sorted.flatMap(([, resource, mode], i) => {
      const tenure = multi.tenures[i]
      return tenure === undefined ? [] : [{ resource, mode, tenure }]
    }),
    get isHeld() {
      return multi.isHeld
    },
    get isReleased() {
      return multi.isReleased
    },
    release: (options) => multi.release(options),
  })
  return {
    acquire: async (options) => held(await lock.acquire(options)),
    tryAcquire: async (options) => {
      const multi = await lock.tryAcquire(options)
      return multi === null ? null : held(multi)
    },
    run: (work, options) => lock.run((multi) => work(held(multi)), options),
  }
}
