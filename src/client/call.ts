/**
 * Call: one request of a user, from submission to the promise that awaits it. Invariant: the promise settles exactly once.
 * Made by the facade, kept by ClientCnxn until the reply, handed over by the EventThread.
 */
import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import { DONE, type Request, type Response } from '../protocol/message.js'
import { type AbortSignalLike, RequestAbortedError } from './abort.js'
import type { Completion } from './event-thread.js'
import type { ReplyReader } from './reply-reader.js'
import type { WatchChange } from './watch-registration.js'

/** What a call is about. */
export interface CallSpec<T> {
  readonly request: Request
  readonly reader: ReplyReader<T>
  /** The client's path, for errors. */
  readonly path?: string | undefined
  /** What it changes in the watch tables. */
  readonly change?: WatchChange | undefined
}

/** A call as the connection sees it, whatever its result is. */
export interface AnyCall extends Completion {
  readonly request: Request
  readonly change: WatchChange | undefined
  readonly isSettled: boolean
  /** Whether it has its outcome, whoever still has to hear of it. */
  readonly isFinished: boolean
  /** Whether it counts among the registrations under way. */
  isUnderWay: boolean
  xid: number
  finish(code: Code, response?: Response, cause?: unknown): void
}

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** A request on its way. */
export class Call<T> implements AnyCall {
  readonly isCompletion = true
  readonly request: Request
  readonly change: WatchChange | undefined
  readonly #spec: CallSpec<T>
  /** Who awaits it; nobody yet if it is settled before it is asked for its promise. */
  #waiting: Waiting<T> | undefined
  #response: Response | undefined
  /** Why it was given up. */
  #abortion: { readonly error: unknown } | undefined
  #stopListening: (() => void) | undefined
  #isSettled = false
  #isFinished = false
  #cause: unknown
  isUnderWay = false
  /** Given by the connection when it is sent. */
  xid = 0
  /** How it ended; set by `finish`. */
  code: Code = 'OK'

  constructor(spec: CallSpec<T>, request: Request = spec.request) {
    this.request = request
    this.change = spec.change
    this.#spec = spec
  }

  /** True once nobody waits for it any more. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  get isFinished(): boolean {
    return this.#isFinished
  }

  /** What the caller awaits; to be asked for once. In process the outcome is mostly there already, and needs nobody to settle it. */
  promise(): Promise<T> {
    if (!this.#isSettled) {
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject }
      })
    }
    if (this.#abortion !== undefined) return Promise.reject(this.#abortion.error)
    return settled(this.#spec, this.#response ?? this.code, this.#cause)
  }

  /** Takes the outcome; `run` hands it over. A success without a response is one whose failure does not matter. */
  finish(code: Code, response?: Response, cause?: unknown): void {
    this.#isFinished = true
    this.code = code
    this.#cause = cause
    this.#response = code === 'OK' ? (response ?? DONE) : undefined
    this.#stopListening?.()
  }

  run(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const waiting = this.#waiting
    if (waiting === undefined) return
    try {
      waiting.resolve(resultOf(this.#spec, this.#response ?? this.code, this.#cause))
    } catch (error) {
      waiting.reject(error)
    }
  }

  /** Gives up when the signal says so; `withdraw` tells whether the request could still be taken back. */
  abortWith(signal: AbortSignalLike, withdraw: () => boolean): void {
    const abort = (): void => {
      this.#stopListening?.()
      if (this.#isSettled) return
      const isUnsent = withdraw()
      this.#isSettled = true
      const error = isUnsent ? signal.reason : new RequestAbortedError(signal.reason)
      this.#abortion = { error }
      this.#waiting?.reject(error)
    }
    this.#stopListening = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
  }
}

/** The promise of a call whose outcome is known. */
export function settled<T>(spec: CallSpec<T>, outcome: Response | Code, cause: unknown): Promise<T> {
  try {
    return Promise.resolve(resultOf(spec, outcome, cause))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** What a call resolves to. @throws KeeperException for a code, or a response that tells of a failure */
function resultOf<T>({ reader, path }: CallSpec<T>, outcome: Response | Code, cause: unknown): T {
  if (typeof outcome === 'object') return reader.read(outcome)
  if (outcome === 'NONODE' && reader.ifNoNode !== undefined) return reader.ifNoNode()
  throw new KeeperException(outcome, path, { cause })
}
