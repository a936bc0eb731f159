/**
 * RegistrationsUnderWay: on which paths a call that is still awaited may leave a watch. As long as there is one, nobody takes the
 * path's watches away at the server; who wants to is remembered, and has its turn after the last of them.
 * Invariant: each call that is not answered at once counts until its outcome, or until it is given up.
 */
import type { WatcherType } from '../protocol/watcher.js'
import type { WatchChange } from './watch-registration.js'

/** A call that may leave a watch. */
interface RegisteringCall {
  readonly change: WatchChange | undefined
  isUnderWay: boolean
}

/** Kept by ClientCnxn. */
export class RegistrationsUnderWay {
  readonly #counts = new Map<string, number>()
  readonly #postponed = new Map<string, readonly WatcherType[]>()

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

  /** Whether somebody who wants to take the path's watches of these types away has to wait. */
  postpones(path: string, types: readonly WatcherType[]): boolean {
    const isUnderWay = this.#counts.has(path)
    if (isUnderWay) {
      const others = this.#postponed.get(path) ?? []
      this.#postponed.set(path, [...others, ...types.filter((type) => !others.includes(type))])
    }
    return isUnderWay
  }

  /** The types that somebody has waited to take away, and need not any longer; none if there is nobody. */
  takePostponed(path: string): readonly WatcherType[] {
    if (this.#counts.has(path)) return []
    const types = this.#postponed.get(path) ?? []
    this.#postponed.delete(path)
    return types
  }

  #add(path: string, step: 1 | -1): void {
    const count = (this.#counts.get(path) ?? 0) + step
    if (count > 0) this.#counts.set(path, count)
    else this.#counts.delete(path)
  }
}
