/** What the tests of recipes begin with: a server on virtual time with two clients, and what is left at the server afterwards. */
import { EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { countingBytes } from '../semantics/fixture.js'

/** A server and two clients. */
export interface Recipes {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: VirtualClock
  readonly ann: ZooKeeper
  readonly bob: ZooKeeper
}

/** What recipes must not leave behind. */
export interface Leftovers {
  readonly ephemerals: number
  readonly watches: number
  readonly timers: number
}

/** A world in which nothing has happened. The ids of its recipes grow unless other bytes are given. */
export async function startRecipes(
  randomBytes: (length: number) => Uint8Array = countingBytes(),
  options: { readonly compatibility?: '3.8' | '3.9' } = {},
): Promise<Recipes> {
  const clock = new VirtualClock()
  const zoo = new EmbeddedZooKeeper({ clock, randomBytes, ...options })
  return { zoo, clock, ann: await zoo.connect(), bob: await zoo.connect() }
}

/** What is there once everything has come to rest; containers have a timer of the server's, which is not counted. */
export async function leftovers({ zoo, clock }: Recipes): Promise<Leftovers> {
  await zoo.settle()
  const { ephemerals, watches } = zoo.reports.counts()
  const hasContainers = zoo.reports.znodes().some(({ kind }) => kind === 'container')
  return { ephemerals, watches, timers: clock.pendingTimers - (hasContainers ? 1 : 0) }
}

/** Nothing at all. */
export const NOTHING: Leftovers = { ephemerals: 0, watches: 0, timers: 0 }

/** How a promise has come out so far: undefined while it is pending. */
export function outcomeOf<T>(promise: Promise<T>): { readonly settled: unknown } {
  const outcome: { settled: unknown } = { settled: undefined }
  promise.then(
    (value) => {
      outcome.settled = value
    },
    (error: unknown) => {
      outcome.settled = error
    },
  )
  return outcome
}

/** From now on, the reply that comes to this client after so many others is lost. Returns how to stop. */
export function loseReplyAfter(zoo: EmbeddedZooKeeper, zk: ZooKeeper, others: number): () => void {
  let left = others
  if (left === 0) zoo.loseNextReply(zk)
  return zoo.inspect((event) => {
    if (event.kind !== 'reply' || event.sessionId !== zk.sessionId) return
    left -= 1
    if (left === 0) zoo.loseNextReply(zk)
  })
}

/**
 * The client's next call of this method is applied, and its link is down before the reply: until it is reconnected, it cannot know
 * what has become of that.
 */
export function cutAtNext(
  zoo: EmbeddedZooKeeper,
  zk: ZooKeeper,
  method: 'create' | 'delete' | 'multi' | 'setData',
): void {
  const call = Reflect.get(zk, method)
  Reflect.set(zk, method, (...args: unknown[]): unknown => {
    Reflect.deleteProperty(zk, method)
    zoo.loseNextReply(zk)
    const result: unknown = Reflect.apply(call, zk, args)
    zoo.disconnect(zk)
    return result
  })
}

/** From now on the server of this client lags behind: it does not show the znode before a sync. */
export function lagUntilSync(zk: ZooKeeper, path: string): void {
  const { exists, sync } = zk
  Reflect.set(zk, 'exists', async (...args: unknown[]): Promise<unknown> => {
    const stat: unknown = await Reflect.apply(exists, zk, args)
    return args[0] === path ? null : stat
  })
  Reflect.set(zk, 'sync', (...args: unknown[]): unknown => {
    Reflect.deleteProperty(zk, 'exists')
    Reflect.deleteProperty(zk, 'sync')
    return Reflect.apply(sync, zk, args)
  })
}

/** The reasons of the rejections that nobody has handled by the end of the work and of what it has begun. */
export async function unhandledBy(zoo: EmbeddedZooKeeper, work: () => Promise<unknown>): Promise<unknown[]> {
  const others = process.listeners('unhandledRejection')
  const seen: unknown[] = []
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (reason) => seen.push(reason))
  try {
    await work()
    await zoo.settle()
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  }
  return seen
}

/** The names below a path, sorted. */
export function namesBelow(zoo: EmbeddedZooKeeper, path: string): string[] {
  const prefix = `${path}/`
  return Object.keys(zoo.dump())
    .filter((one) => one.startsWith(prefix))
    .map((one) => one.slice(prefix.length))
    .sort()
}
