/** A server on virtual time for tests of recipes under faults: plain and lasting clients, and somebody who acts at a certain request. */
import { EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import { LastingClient } from '../../src/recipes/index.js'
import { VirtualClock } from '../../src/testing/index.js'

export interface FaultWorld {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: VirtualClock
  /** Somebody whom no fault hits. */
  readonly admin: ZooKeeper
  /** Long enough for every try again. */
  rest(): Promise<void>
  /** The watches of a client at the server. */
  watchesOf(zk: ZooKeeper): readonly string[]
  /** Acts once, when the first such request has arrived. */
  when(isDue: (request: Request) => boolean, act: () => void): void
}

export async function startFaultWorld(
  options: { readonly containerCheckIntervalMs?: number } = {},
): Promise<FaultWorld> {
  const clock = new VirtualClock()
  const zoo = new EmbeddedZooKeeper({ clock, ...options })
  return {
    zoo,
    clock,
    admin: await zoo.connect(),
    rest: () => clock.advance(12_000),
    watchesOf: ({ sessionId }) =>
      (zoo.reports.watchesBySession().get(sessionId) ?? []).map(({ path }) => path),
    when: (isDue, act) => {
      const stop = zoo.inspect((event) => {
        if (event.kind !== 'request' || !isDue(event.request)) return
        stop()
        act()
      })
    },
  }
}

/** A client that outlives its sessions. */
export function connectLasting(zoo: EmbeddedZooKeeper): Promise<LastingClient> {
  return LastingClient.connect(() => zoo.connect())
}

/** The client's next call of this method is made only when the function is called that this returns. */
export function holdNext(zk: ZooKeeper, method: 'delete' | 'multi'): () => void {
  const call = Reflect.get(zk, method)
  let release = (): void => {
    Reflect.deleteProperty(zk, method)
  }
  Reflect.set(zk, method, (...args: unknown[]): unknown => {
    Reflect.deleteProperty(zk, method)
    return new Promise((resolve) => {
      release = () => resolve(Reflect.apply(call, zk, args))
    })
  })
  return () => release()
}

/** How a promise ends, looked at whenever one likes. */
export function watchEnd<T>(promise: Promise<T>): { readonly ended: () => unknown } {
  let end: unknown = 'pending'
  promise.then(
    (value) => {
      end = value ?? 'done'
    },
    (error: unknown) => {
      end = error
    },
  )
  return { ended: () => end }
}
