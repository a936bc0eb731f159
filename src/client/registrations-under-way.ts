/**
 * RegistrationsUnderWay: on which paths a call that is still awaited may leave a watch. As long as there is one, nobody takes the
 * path's watches away at the server; who wants to is remembered, and has its turn after the last of them.
 * Invariant: each call that is not answered at once counts until its outcome, or until it is given up.
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
  readonly #postponed = new Map<string, boolean>()

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

  /** Whether somebody who wants to take the path's watches away, lasting ones among them or not, has to wait. */
  postpones(path: string, hadLasting: boolean): boolean {
    const isUnderWay = this.#counts.has(path)
    if (isUnderWay) this.#postponed.set(path, hadLasting || this.#postponed.get(path) === true)
    return isUnderWay
  }

  /** Who has waited for this path, and need not any longer: with lasting ones among them or not; undefined if there is nobody. */
  takePostponed(path: string): boolean | undefined {
    if (this.#counts.has(path)) return undefined
    const hadLasting = this.#postponed.get(path)
    this.#postponed.delete(path)
    return hadLasting
  }

  #add(path: string, step: 1 | -1): void {
    const count = (this.#counts.get(path) ?? 0) + step
    if (count > 0) this.#counts.set(path, count)
    else this.#counts.delete(path)
  }
}
