/**
 * Tenure: something that is held until it is released or becomes uncertain: a lock, a lease, the lead. It is held by an ephemeral
 * znode of its own; when the session may have lost that, the signal says so at once, and nothing makes it held again.
 */

import { type AsyncDisposableLike, addAsyncDisposeBy } from '../base/async-dispose.js'
import { describe } from '../base/describe.js'
import {
  type AbortControllerLike,
  createAbortController,
  type PlatformAbortSignal,
} from '../base/platform.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import { ignore } from './ignore.js'
import { checkWait, patiently, unlessAborted, type WaitOptions } from './patience.js'

/** When a tenure stops being certain. */
export type AbortOn = 'disconnection' | 'expiry'

/** Why something is not held any more: the reason of its signal. */
export class TenureOverError extends Error {
  override readonly name: string = 'TenureOverError'
  /** CONNECTIONLOSS (it is uncertain), SESSIONEXPIRED or AUTHFAILED (it is lost), or undefined (it was released). */
  readonly code: Code | undefined

  constructor(what: string, code?: Code) {
    super(
      code === undefined
        ? `${what} was released`
        : `${what} may be somebody else's by now: stop, and release it`,
      code === undefined ? undefined : { cause: new KeeperException(code) },
    )
    this.code = code
  }
}

/** What a tenure stands on. */
export interface TenureGround {
  readonly zk: ZooKeeper
  /** What is held, for errors: `the lock /a`. */
  readonly what: string
  /** The znode that holds it. */
  readonly path: string
  readonly czxid: bigint
  /** What is larger than the token of everybody who held it before, and less than that of who comes next; the czxid unless set. */
  readonly fencingToken?: bigint
  readonly abortOn: AbortOn
  /** Takes the znode away for certain; resolves when that has happened, or the session is over. */
  readonly giveBack: () => Promise<void>
}

/** Why it is over: a code, or none if it was released. */
interface Ended {
  readonly code: Code | undefined
}

type Ending = 'disconnected' | 'expired' | 'closed' | 'authFailed'

const LOST: readonly (readonly [Ending, Code])[] = [
  ['expired', 'SESSIONEXPIRED'],
  ['closed', 'SESSIONEXPIRED'],
  ['authFailed', 'AUTHFAILED'],
]
const ENDINGS: Readonly<Record<AbortOn, typeof LOST>> = {
  disconnection: [['disconnected', 'CONNECTIONLOSS'], ...LOST],
  expiry: LOST,
}

/** Something held. Give it back with `release`, or by `await using`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class Tenure {
  readonly #ground: TenureGround
  /** Made when somebody asks for the signal: most who lock for a moment do not. */
  #controller: AbortControllerLike | undefined
  /** How it ended. */
  #ending: Ended | undefined
  readonly #listeners: readonly (readonly [Ending, () => void])[]
  #released: Promise<void> | undefined

  static {
    addAsyncDisposeBy(Tenure.prototype, (tenure) => tenure.#released ?? tenure.release())
  }

  /** Begins: the znode is there. For the recipes; users get theirs from them. */
  constructor(ground: TenureGround) {
    const { zk } = ground
    this.#ground = ground
    this.#listeners = ENDINGS[ground.abortOn].map(([ending, code]) => [ending, () => this.#end({ code })])
    for (const [ending, listener] of this.#listeners) zk.on(ending, listener)
    // What went wrong before anybody could listen.
    if (zk.state === 'CLOSED') this.#end({ code: 'SESSIONEXPIRED' })
    else if (zk.state === 'AUTH_FAILED') this.#end({ code: 'AUTHFAILED' })
    else if (zk.state !== 'CONNECTED' && ground.abortOn === 'disconnection')
      this.#end({ code: 'CONNECTIONLOSS' })
  }

  /** The znode that holds it. */
  get path(): string {
    return this.#ground.path
  }

  /**
   * The czxid of its znode: larger than that of everybody who held the same thing before. Where one holds it alone (a lock, a write
   * lock, a lead), pass it along with each write to a store that refuses what comes with a smaller one than it has seen, and a holder
   * that does not know yet what it lost does no harm. Leases and readers hold at the same time, the older ones with smaller tokens:
   * such a store would refuse those although they are valid.
   */
  get fencingToken(): bigint {
    return this.#ground.fencingToken ?? this.#ground.czxid
  }

  /** Aborts as soon as this is not certainly held any more, with a TenureOverError that says why. Give it to what is done meanwhile. */
  get signal(): PlatformAbortSignal {
    this.#controller ??= createAbortController()
    if (this.#ending !== undefined) this.#abort(this.#ending)
    return this.#controller.signal
  }

  /**
   * Whether it is certainly held at this moment, as far as a session can tell: that somebody has deleted its znode by hand is not
   * noticed, neither here nor by Curator or kazoo.
   */
  get isHeld(): boolean {
    const { zk, abortOn } = this.#ground
    const isUp =
      abortOn === 'expiry' ? zk.state !== 'CLOSED' && zk.state !== 'AUTH_FAILED' : zk.state === 'CONNECTED'
    return isUp && this.#ending === undefined
  }

  /** Whether `release` was called. */
  get isReleased(): boolean {
    return this.#released !== undefined
  }

  /**
   * Gives it back: the signal aborts at once, and this resolves when the znode is gone, or the session is. Who gives up waiting for
   * that does not stop it. @throws TypeError (released before), TimeoutError, the signal's reason
   */
  async release(options: WaitOptions = {}): Promise<void> {
    const { zk, what, giveBack } = this.#ground
    checkWait(options)
    if (this.#released !== undefined) throw new TypeError(`${what} is not held: it was released before`)
    this.#end({ code: undefined })
    const released = giveBack()
    this.#released = released
    // Whoever has given up does not hear of it.
    released.catch(ignore)
    await patiently(zk.clock, options, `release ${what}`, (signal) => unlessAborted(released, signal))
  }

  #end(ended: Ended): void {
    const { zk } = this.#ground
    for (const [ending, listener] of this.#listeners) zk.off(ending, listener)
    // The first reason counts.
    if (this.#ending !== undefined) return
    this.#ending = ended
    this.#abort(ended)
  }

  #abort({ code }: Ended): void {
    const controller = this.#controller
    if (controller === undefined || controller.signal.aborted) return
    controller.abort(new TenureOverError(this.#ground.what, code))
  }
}

/** The method for `await using`, where the types know it. */
export interface Tenure extends AsyncDisposableLike {}

/** When to abort; at a disconnection unless set. @throws TypeError */
export function checkAbortOn(abortOn: unknown = 'disconnection'): AbortOn {
  if (abortOn === 'disconnection' || abortOn === 'expiry') return abortOn
  throw new TypeError(`Invalid abortOn ${describe(abortOn)}: there are ${Object.keys(ENDINGS).join(', ')}`)
}
