/**
 * LastingClient: a client that outlives its sessions. A ZooKeeper ends with its session, as in Java; this makes a new one when the
 * old one has expired, so that recipes can start over. They take either; with a plain ZooKeeper they end with it.
 */
import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException, KeeperException } from '../protocol/keeper-exception.js'
import { patiently, unlessAborted, type WaitOptions } from './patience.js'
import { Pauses } from './retry.js'
import { tell } from './tell.js'

const CLOSED = 'this LastingClient was closed'
const NOT_NEW = 'The client maker gave a client that has ended: it has to make a new one each time'

/** What a LastingClient emits. */
export interface LastingClientEvents {
  /** There is a new session: the ephemeral znodes and the watches of the old one are gone. */
  renewed: (zk: ZooKeeper) => void
  /** No new client could be made, for this reason; those who wait for one try again after a pause. */
  renewalFailed: (error: unknown) => void
}

/** Keeps a client at hand whose session is not over. Nothing is dialled before somebody asks. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class LastingClient extends EventEmitter<LastingClientEvents> {
  readonly #connect: () => Promise<ZooKeeper>
  #zk: ZooKeeper
  /** All that were ever given: none is new a second time. */
  readonly #given: WeakSet<ZooKeeper>
  #renewing: Promise<ZooKeeper> | undefined
  #isClosed = false

  static {
    addAsyncDispose(LastingClient.prototype)
  }

  private constructor(zk: ZooKeeper, connect: () => Promise<ZooKeeper>) {
    super()
    this.#zk = zk
    this.#given = new WeakSet([zk])
    this.#connect = connect
  }

  /**
   * Makes the first client with a function such as `() => zoo.connect()` or `() => connect('host:2181')`, which is called again
   * for each later one. @throws whatever the function throws
   */
  static async connect(makeClient: () => Promise<ZooKeeper>): Promise<LastingClient> {
    if (typeof makeClient !== 'function')
      throw new TypeError(
        `Invalid client maker ${describe(makeClient)}: pass a function such as () => zoo.connect()`,
      )
    const zk = requireClient(await makeClient())
    if (zk.state === 'CLOSED') throw new MisuseError(NOT_NEW)
    return new LastingClient(zk, makeClient)
  }

  /** The time that it goes by. */
  get clock(): Clock {
    return this.#zk.clock
  }

  /** The client of the last session; that may be over. */
  get latest(): ZooKeeper {
    return this.#zk
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * The client, or a new one if its session has expired. All who ask at the same time get the same.
   * @throws KeeperException SESSIONEXPIRED (closed by `close`), AUTHFAILED; whatever making a new one throws
   */
  current(): Promise<ZooKeeper> {
    const zk = this.#zk
    if (this.#isClosed) return Promise.reject(over(CLOSED))
    if (zk.state === 'AUTH_FAILED') return Promise.reject(new KeeperException('AUTHFAILED'))
    if (zk.state !== 'CLOSED') return Promise.resolve(zk)
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  /** Ends the session for good. A second call does nothing. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#renewing?.catch(() => undefined)
    await this.#zk.close()
  }

  async #renew(): Promise<ZooKeeper> {
    try {
      const zk = this.#requireNew(await this.#connect())
      this.#zk = zk
      if (this.#isClosed) throw over(CLOSED)
      tell(() => this.emit('renewed', zk))
      return zk
    } catch (error) {
      if (!this.#isClosed) tell(() => this.emit('renewalFailed', error))
      throw this.#isClosed ? over(CLOSED) : error
    }
  }

  /** A session that is over at its very beginning may be bad luck; the same client again never is. @throws MisuseError, KeeperException */
  #requireNew(made: unknown): ZooKeeper {
    const zk = requireClient(made)
    if (this.#given.has(zk)) throw new MisuseError(NOT_NEW)
    this.#given.add(zk)
    if (zk.state === 'CLOSED') throw over('the client maker gave a client whose session is over already')
    return zk
  }
}

/** The method for `await using`, where the types know it. */
export interface LastingClient extends AsyncDisposableLike {}

/** What a recipe works with: a client that ends with its session, or one that outlives it. */
export type RecipeClient = ZooKeeper | LastingClient

/** The client of the last session, which may be over: for its clock. */
export function latestClient(client: RecipeClient): ZooKeeper {
  return outlives(client) ? client.latest : client
}

/**
 * A client whose session is not known to be over; a new one is made as often as it takes.
 * @throws KeeperException SESSIONEXPIRED, AUTHFAILED; the signal's reason; TypeError (the maker makes no new client)
 */
export async function usableClient(
  client: RecipeClient,
  signal: AbortSignalLike | undefined,
): Promise<ZooKeeper> {
  const pauses = outlives(client) ? new Pauses(client.latest) : undefined
  while (outlives(client)) {
    try {
      return await unlessAborted(client.current(), signal)
    } catch (error) {
      // Whatever the maker says may pass: "fetch failed" is a TypeError, and a session that it needs for itself may expire.
      if (signal?.aborted === true || error instanceof MisuseError || isOver(client)) throw error
    }
    await pauses?.next(signal)
  }
  if (client.state !== 'CLOSED') return client
  throw over('this client has ended; to outlive its session, give the recipe a LastingClient')
}

/**
 * Does work that needs a session; with a LastingClient it begins anew, in a new session, when its own has expired.
 * @throws what the work throws, and what `usableClient` throws
 */
export async function withSession<T>(
  client: RecipeClient,
  signal: AbortSignalLike | undefined,
  work: (zk: ZooKeeper) => Promise<T>,
): Promise<T> {
  for (;;) {
    const zk = await usableClient(client, signal)
    try {
      return await work(zk)
    } catch (error) {
      if (!outlives(client) || !isKeeperException(error, 'SESSIONEXPIRED')) throw error
    }
  }
}

/**
 * Does work that needs a session for as long as the caller waits. `what` is done, for the message of a TimeoutError.
 * @throws TypeError, RangeError, TimeoutError, the signal's reason; as `withSession`
 */
export function within<T>(
  client: RecipeClient,
  options: WaitOptions,
  what: string,
  work: (zk: ZooKeeper, signal: AbortSignalLike | undefined) => Promise<T>,
): Promise<T> {
  return patiently(latestClient(client).clock, options, what, (signal) =>
    withSession(client, signal, (zk) => work(zk, signal)),
  )
}

/** Whether a recipe with this client starts over after an expiry. */
export function outlives(client: RecipeClient): client is LastingClient {
  return 'current' in client
}

/** Lets clients pass. @throws TypeError */
export function checkClient(client: unknown): asserts client is RecipeClient {
  const isClient =
    typeof client === 'object' && client !== null && ('getData' in client || 'current' in client)
  if (!isClient)
    throw new TypeError(`Invalid client ${describe(client)}: pass a ZooKeeper or a LastingClient`)
}

/** A client maker that is wrong each time: to ask it again helps nobody. A TypeError of its own may pass, this does not. */
class MisuseError extends TypeError {}

/** Lets ZooKeepers pass. @throws MisuseError */
function requireClient(made: unknown): ZooKeeper {
  if (isClient(made)) return made
  throw new MisuseError(`Invalid client ${describe(made)}: the client maker has to make a ZooKeeper`)
}

function isClient(value: unknown): value is ZooKeeper {
  return typeof value === 'object' && value !== null && 'getData' in value && 'state' in value
}

/** Whether there will be no new client, whatever the maker says. */
function isOver(client: LastingClient): boolean {
  return client.isClosed || client.latest.state === 'AUTH_FAILED'
}

function over(detail: string): KeeperException {
  return new KeeperException('SESSIONEXPIRED', undefined, { detail })
}
