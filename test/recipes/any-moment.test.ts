/**
 * Every call of every recipe, disturbed at any moment: given up just after each turn of server or client and a little later, with
 * each of its replies lost, and with its session expired at each of these moments. Nothing is left behind, nobody waits in vain, and
 * who gives up gets the reason itself. A rejection that nobody handles fails the run.
 */
import { describe, expect, it } from 'vitest'
import { type Code, isKeeperException, type ZooKeeper } from '../../src/index.js'
import {
  Barrier,
  Counter,
  DoubleBarrier,
  GroupMembership,
  LastingClient,
  LeaderElection,
  Lock,
  MultiLock,
  ReadWriteLock,
  type RecipeClient,
  Semaphore,
  ServiceDiscovery,
  SharedValue,
  TaskQueue,
  TreeCache,
  textCodec,
  watchChildren,
  watchData,
} from '../../src/recipes/index.js'
import { leftovers, loseReplyAfter, outcomeOf, type Recipes, startRecipes } from './fixture.js'

type Call = (client: RecipeClient, signal: AbortSignal) => Promise<unknown>

/** A call, and what somebody else has done before. */
interface Scene {
  readonly prepare?: (other: ZooKeeper) => Promise<unknown>
  readonly call: Call
  /** Whether the call never ends by itself. */
  readonly waits?: true
  /** What it may say instead of going on. */
  readonly mayFailWith?: Code
}

/** A scene under way. */
interface Played {
  readonly world: Recipes
  readonly zk: ZooKeeper
  readonly stop: AbortController
  readonly outcome: { readonly settled: unknown }
  /** Fails unless everything is as it was before the call. */
  readonly expectNothingLeft: () => Promise<void>
}

/** A turn of the server or the client, and ticks after it. */
interface Moment {
  readonly turns: number
  readonly ticks: number
}

/** Does something at a moment; resolves when all is at rest to whether it came to that. */
type At = (world: Recipes, deed: () => void) => Promise<boolean>

const REASON = new Error('enough')
/** No recipe pauses for longer before its third try. */
const LONGEST_PAUSE_MS = 100
/** A turn comes four ticks after the one before: while what that has caused is under way, and when the recipe has gone on. */
const TICKS = [1, 3] as const
const kazoo = { layout: 'kazoo' } as const
const web = { name: 'web', id: 'a', address: 'h' } as const

/** They come to an end, and take away what they have made. */
const ENDING: Readonly<Record<string, Scene>> = {
  'a lock': { call: async (zk, signal) => (await new Lock(zk, '/x').acquire({ signal })).release() },
  'a lock of kazoo': {
    call: async (zk, signal) => (await new Lock(zk, '/x', kazoo).acquire({ signal })).release(),
  },
  'trying a lock': {
    call: async (zk, signal) => {
      const held = await new Lock(zk, '/x').tryAcquire({ signal })
      expect(held).not.toBeNull()
      await held?.release()
    },
  },
  'trying a lock in vain': {
    prepare: (other) => new Lock(other, '/x').acquire(),
    call: async (zk, signal) => expect(await new Lock(zk, '/x').tryAcquire({ signal })).toBeNull(),
  },
  'a semaphore': {
    call: async (zk, signal) => (await new Semaphore(zk, '/x', 1).acquire({ signal })).release(),
  },
  'a semaphore of kazoo': {
    call: async (zk, signal) => (await new Semaphore(zk, '/x', 1, kazoo).acquire({ signal })).release(),
  },
  'trying a semaphore': {
    call: async (zk, signal) => {
      const held = await new Semaphore(zk, '/x', 1).tryAcquire({ signal })
      expect(held).not.toBeNull()
      await held?.release()
    },
  },
  'a downgrade': {
    mayFailWith: 'SESSIONEXPIRED',
    call: async (zk, signal) => {
      const lock = new ReadWriteLock(zk, '/x')
      const written = await lock.write.acquire({ signal })
      await (await lock.downgrade(written, { signal })).release()
    },
  },
  'several locks': {
    call: async (zk, signal) => {
      const parts = [new Lock(zk, '/x'), new Semaphore(zk, '/y', 1)]
      await (await new MultiLock(zk, parts).acquire({ signal })).release()
    },
  },
  'a term': {
    call: async (zk, signal) => {
      for await (const term of new LeaderElection(zk, '/x').terms({ signal })) if (term.path !== '') break
    },
  },
  'a barrier': {
    call: async (zk, signal) => {
      const barrier = new Barrier(zk, '/x')
      await barrier.set({ signal })
      await barrier.remove({ signal })
      await barrier.wait({ signal })
    },
  },
  'a double barrier': {
    mayFailWith: 'SESSIONEXPIRED',
    call: async (zk, signal) => {
      const barrier = new DoubleBarrier(zk, '/x', 1)
      await barrier.enter({ signal })
      await barrier.leave({ signal })
    },
  },
  'a task': {
    prepare: (other) => new TaskQueue(other, '/x').put('it'),
    call: async (zk, signal) => (await new TaskQueue(zk, '/x').take({ signal })).putBack(),
  },
  'a task that is done': {
    mayFailWith: 'SESSIONEXPIRED',
    call: async (zk, signal) => {
      const queue = new TaskQueue(zk, '/x')
      await queue.put('it', { signal })
      await (await queue.take({ signal })).done()
    },
  },
  'a member': {
    call: async (zk, signal) => {
      const group = new GroupMembership(zk, '/x')
      await group.join('a', null, { signal })
      await group.setData('b')
      await group.leave()
    },
  },
  'an instance of a service': {
    call: async (zk, signal) => {
      const offering = await new ServiceDiscovery(zk, '/x').register(web, { signal })
      await offering.update({ port: 5 })
      await offering.close()
    },
  },
  'a provider': {
    prepare: (other) => other.createAll('/x/web/a', JSON.stringify(web)),
    call: async (zk, signal) => (await new ServiceDiscovery(zk, '/x').provide('web', { signal })).close(),
  },
  'a cache': {
    prepare: (other) => other.createAll('/x/y'),
    call: async (zk) => {
      const cache = new TreeCache(zk, '/x')
      await cache.ready
      await cache.close()
    },
  },
  'a counter': {
    mayFailWith: 'CONNECTIONLOSS',
    call: (zk, signal) => new Counter(zk, '/x').add(1, { signal }),
  },
  'a shared value': {
    call: async (zk, signal) => {
      await new SharedValue(zk, '/x', { codec: textCodec, initial: '' }).set('y', { signal })
    },
  },
}

/** They wait for good. */
const WAITING: Readonly<Record<string, Scene>> = {
  'a lock': {
    prepare: (other) => new Lock(other, '/x').acquire(),
    call: (zk, signal) => new Lock(zk, '/x').acquire({ signal }),
  },
  'a read lock': {
    prepare: (other) => new ReadWriteLock(other, '/x').write.acquire(),
    call: (zk, signal) => new ReadWriteLock(zk, '/x').read.acquire({ signal }),
  },
  'a semaphore': {
    prepare: (other) => new Semaphore(other, '/x', 1).acquire(),
    call: (zk, signal) => new Semaphore(zk, '/x', 1).acquire({ signal }),
  },
  'a semaphore of kazoo': {
    prepare: (other) => new Semaphore(other, '/x', 1, kazoo).acquire(),
    call: (zk, signal) => new Semaphore(zk, '/x', 1, kazoo).acquire({ signal }),
  },
  'several locks': {
    prepare: (other) => new Lock(other, '/y').acquire(),
    call: (zk, signal) => new MultiLock(zk, [new Lock(zk, '/x'), new Lock(zk, '/y')]).acquire({ signal }),
  },
  'the lead': {
    prepare: (other) => new LeaderElection(other, '/x').lead(),
    call: (zk, signal) => new LeaderElection(zk, '/x').lead({ signal }),
  },
  'a barrier': {
    prepare: (other) => new Barrier(other, '/x').set(),
    call: (zk, signal) => new Barrier(zk, '/x').wait({ signal }),
  },
  'a double barrier': { call: (zk, signal) => new DoubleBarrier(zk, '/x', 2).enter({ signal }) },
  'a task': { call: (zk, signal) => new TaskQueue(zk, '/x').take({ signal }) },
  'a name that is taken': {
    prepare: (other) => new GroupMembership(other, '/x').join('a'),
    call: (zk, signal) => new GroupMembership(zk, '/x').join('a', null, { signal }),
  },
  'the next data': {
    prepare: (other) => other.create('/x'),
    call: (zk, signal) => exhaust(watchData(zk, '/x', { signal })),
  },
  'data of a znode that is missing': { call: (zk, signal) => exhaust(watchData(zk, '/x', { signal })) },
  'the next children': {
    prepare: (other) => other.createAll('/x/y'),
    call: (zk, signal) => exhaust(watchChildren(zk, '/x', { signal })),
  },
  'the next member': {
    prepare: (other) => new GroupMembership(other, '/x').join('a'),
    call: (zk, signal) => exhaust(new GroupMembership(zk, '/x').watch({ signal })),
  },
}

const SCENES: readonly (readonly [string, Scene])[] = [
  ...Object.entries(ENDING),
  ...Object.entries(WAITING).map(
    ([name, scene]) => [`waiting for ${name}`, { ...scene, waits: true }] as const,
  ),
]

describe.each(SCENES)('%s', (_, scene) => {
  it('leaves nothing behind when it is given up at any moment', async () => {
    await atEachMoment(async (at) => {
      const { world, stop, outcome, expectNothingLeft } = await play(scene, 'plain')

      const isReached = await at(world, () => stop.abort(REASON))

      stop.abort(REASON)
      await expectNothingLeft()
      expect([REASON, 'done']).toContain(outcome.settled)
      return isReached
    })
  })

  it('goes on when any reply is lost', async () => {
    for (let others = 0, isLost = true; isLost; others++) {
      const played = await play(scene, 'plain')
      const { zoo } = played.world
      isLost = false
      const stops = [
        loseReplyAfter(zoo, played.zk, others),
        zoo.inspect(({ kind }) => {
          isLost ||= kind === 'disconnected'
        }),
      ]
      await zoo.settle()
      for (const stop of stops) stop()

      await expectGoesOn(scene, played).catch((cause: unknown) => {
        throw new Error(`the reply after ${others} others`, { cause })
      })
    }
  })

  it('goes on in a new session when its own expires at any moment', async () => {
    await atEachMoment(async (at) => {
      const played = await play(scene, 'lasting')

      const isReached = await at(played.world, () => played.world.zoo.expire(played.zk))

      await expectGoesOn(scene, played)
      return isReached
    })
  })
})

/** Begins the call of a scene. */
async function play({ prepare, call }: Scene, kind: 'plain' | 'lasting'): Promise<Played> {
  const world = await startRecipes()
  const { zoo, ann, bob } = world
  await prepare?.(bob)
  const before = await leftovers(world)
  const lasting = kind === 'lasting' ? await LastingClient.connect(() => zoo.connect()) : undefined
  const zk = lasting?.latest ?? ann
  const stop = new AbortController()
  const outcome = outcomeOf(call(lasting ?? zk, stop.signal).then(() => 'done'))
  const expectNothingLeft = async (): Promise<void> => {
    expect(await leftovers(world)).toEqual(before)
    expect([...zk.eventNames(), ...(lasting?.latest ?? zk).eventNames()]).toEqual([])
  }
  return { world, zk, stop, outcome, expectNothingLeft }
}

/** A call that was disturbed comes to its end; one that waits goes on waiting, and can be given up. */
async function expectGoesOn({ waits, mayFailWith }: Scene, played: Played): Promise<void> {
  const { world, stop, outcome, expectNothingLeft } = played
  if (outcome.settled === undefined) await world.clock.advance(LONGEST_PAUSE_MS)
  const hasFailed = mayFailWith !== undefined && isKeeperException(outcome.settled, mayFailWith)
  if (!hasFailed) expect(outcome.settled).toBe(waits === true ? undefined : 'done')
  stop.abort(REASON)
  await expectNothingLeft()
  if (waits === true) expect([REASON, 'done']).toContain(outcome.settled)
}

/** Tries what is to be done at each moment, until there is no such moment any more; says which one it was if it fails. */
async function atEachMoment(attempt: (at: At) => Promise<boolean>): Promise<void> {
  for (let turns = 0; ; turns++) {
    for (const ticks of TICKS) {
      const isReached = await attempt((world, deed) => doAt(world, { turns, ticks }, deed)).catch(
        (cause: unknown) => {
          throw new Error(`${ticks} ticks after turn ${turns}`, { cause })
        },
      )
      if (!isReached) return
    }
  }
}

/** So many ticks after so many turns of the server or the client. Resolves when all is at rest to whether it came to that. */
async function doAt({ zoo }: Recipes, { turns, ticks }: Moment, deed: () => void): Promise<boolean> {
  let left = turns
  let isNew = true
  let isReached = false
  const begin = async (): Promise<void> => {
    stop()
    for (let i = 0; i < ticks; i++) await undefined
    isReached = true
    deed()
  }
  const stop = zoo.inspect(() => {
    if (!isNew) return
    isNew = false
    left -= 1
    if (left === 0) void begin()
    else
      void Promise.resolve().then(() => {
        isNew = true
      })
  })
  if (turns === 0) await begin()
  await zoo.settle()
  stop()
  return isReached
}

async function exhaust(states: AsyncIterable<unknown>): Promise<void> {
  for await (const state of states) expect(state).toBeDefined()
}
