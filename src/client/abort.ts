/** Giving up on a call: an AbortSignal takes back a request that was not sent, and stops waiting for one that was. */

/** As much of the platform's AbortSignal as is needed, so that no platform's types are. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A signal of our own, for calls that the client itself gives up. */
export class Aborter implements AbortSignalLike {
  readonly #listeners = new Set<() => void>()
  aborted = false
  reason: unknown

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  abort(reason: unknown): void {
    this.aborted = true
    this.reason = reason
    for (const listener of this.#listeners) listener()
  }
}

/**
 * What a call rejects with when it is given up after its request was sent: nobody knows whether the server applied it.
 * A request that was not sent rejects with the signal's reason itself.
 */
export class RequestAbortedError extends Error {
  /** The reason's own name, usually AbortError or TimeoutError. */
  override readonly name: string
  /** Always true: read the state before you try again. */
  readonly mayHaveBeenApplied = true

  constructor(reason: unknown) {
    const isError = reason instanceof Error
    super(`${isError ? reason.message : String(reason)} (the request was sent and may have been applied)`, {
      cause: reason,
    })
    this.name = isError ? reason.name : 'AbortError'
  }
}
