/**
 * RegistrationsUnderWay: on which paths a call that is still awaited may leave a watch. As long as there is one, nobody takes the
 * path's watches away at the server. Invariant: each call that is not answered at once counts until its outcome, or until it is given up.
 */
import type { WatchChange } from './watch-registration.js'

/** A call that may leave a watch. */
interface RegisteringCall {
  readonly change: WatchChange | undefined
  isUnderWay: boolean
}

/** Kept by ClientCnxn. */
export class RegistrationsUnderWay {
  readonly #counts = new Map<string, number>()

  /** A call has to wait for its answer; only those that may leave a watch count. */
  begin(call: RegisteringCall): void {
    const { change } = call
    if (change?.isRegistration !== true) return
    call.isUnderWay = true
    this.#add(change.path, 1)
  }

  /** Its outcome is here, or nobody waits for it any more. */
  end(call: RegisteringCall): void {
    const { change } = call
    if (change === undefined || !call.isUnderWay) return
    call.isUnderWay = false
    this.#add(change.path, -1)
  }

  has(path: string): boolean {
    return this.#counts.has(path)
  }

  #add(path: string, step: 1 | -1): void {
    const count = (this.#counts.get(path) ?? 0) + step
    if (count > 0) this.#counts.set(path, count)
    else this.#counts.delete(path)
  }
}
