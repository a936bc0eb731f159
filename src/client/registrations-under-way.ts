/**
 * RegistrationsUnderWay: on which paths a call that is still awaited may leave a watch. As long as there is one, nobody takes the
 * path's watches away at the server. Invariant: each call counts from its acceptance until its outcome, or until it is given up.
 */
import type { WatchChange } from './watch-registration.js'

/** Kept by ClientCnxn. */
export class RegistrationsUnderWay {
  readonly #counts = new Map<string, number>()

  /** A call may leave a watch; others do not count. */
  begin(change: WatchChange | undefined): void {
    if (change?.isRegistration === true) this.#add(change.path, 1)
  }

  /** Its outcome is here, or nobody waits for it any more. */
  end(change: WatchChange | undefined): void {
    if (change?.isRegistration === true) this.#add(change.path, -1)
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
