/**
 * DueEvents: what a lasting watch, whatever form it has for its user, is owed. A8: each event that arrives and matches is told once, in
 * order, and nothing else is; a recursive one hears nothing of children as such; A7: paths are those of the client. What arrives while
 * a watch comes or goes may be told or not.
 */
import type { Notification } from '../../src/protocol/message.js'
import type { EventType } from '../../src/protocol/watched-event.js'
import { matches, type Trigger } from './triggers.js'
import type { Witness } from './witness.js'

/** What is watched. */
export interface WatchedPlace {
  /** As the client calls it. */
  readonly path: string
  readonly isRecursive: boolean
  /** The client's root; empty without one. */
  readonly chroot: string
}

interface Due {
  readonly key: string
  readonly isSure: boolean
}

/** Of one watch. */
export class DueEvents {
  /** For people. */
  readonly name: string
  /** As the server calls it. */
  readonly serverPath: string
  readonly #isRecursive: boolean
  readonly #toClient: (serverPath: string) => string
  readonly #witness: Witness
  #due: Due[] = []

  /** `form` says what the user has of it: a watch, a stream. */
  constructor(form: string, { path, isRecursive, chroot }: WatchedPlace, witness: Witness) {
    this.name = `a ${isRecursive ? 'recursive' : 'persistent'} ${form} of ${path}`
    this.serverPath = path === '/' && chroot !== '' ? chroot : chroot + path
    this.#isRecursive = isRecursive
    this.#toClient = (serverPath) => serverPath.slice(chroot.length) || '/'
    this.#witness = witness
  }

  /** An event has come, and is not delivered yet; it has to be if that is sure. */
  arrived(event: Notification, isSure: boolean): void {
    if (this.matches(event)) this.#due.push({ key: this.keyOf(event, event.zxid), isSure })
  }

  /** It was told. */
  told({ type, path, zxid }: Told): void {
    if (this.#isRecursive && type === 'NodeChildrenChanged')
      this.#witness.fault(`A8: ${type} ${path} for ${this.name}`)
    const key = `${type} ${path} ${zxid}`
    const at = this.#due.findIndex((due) => due.isSure || due.key === key)
    if (this.#due[at]?.key === key) this.#due = this.#due.slice(at + 1)
    else this.#witness.fault(`A8: ${key} for ${this.name}, where ${this.#due[at]?.key ?? 'nothing'} is due`)
  }

  /** What should have been told by now. */
  checkDelivered(): void {
    for (const { key, isSure } of this.#due)
      if (isSure) this.#witness.fault(`A8: ${key} has arrived, and ${this.name} was not told`)
    this.#due = []
  }

  /** Whether a change of the server is one of those that are watched. */
  matches(trigger: Trigger): boolean {
    return matches({ path: this.serverPath, isRecursive: this.#isRecursive }, trigger)
  }

  /** An event of the server as it is told. */
  keyOf({ type, path }: Trigger, zxid: number): string {
    return `${type} ${this.#toClient(path)} ${zxid}`
  }
}

/** As much of an event as a user sees. */
export interface Told {
  readonly type: EventType
  readonly path: string | null
  readonly zxid: bigint
}
