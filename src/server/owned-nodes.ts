/**
 * The znodes that something may end: ephemerals by session, containers, and znodes with a TTL.
 * Invariant: exactly the paths in the tree whose owner says so, and no empty set. Edited by DataTree alone.
 */
import { addTo, deleteFrom } from '../base/set-map.js'
import { CONTAINER_OWNER, ownerKind, PERSISTENT_OWNER } from '../protocol/ephemeral-owner.js'

const NONE: ReadonlySet<string> = new Set<string>()

/** Paths by what ends them. */
export class OwnedNodes {
  readonly #ephemeralsBySession = new Map<bigint, Set<string>>()
  readonly #containers = new Set<string>()
  readonly #ttls = new Set<string>()
  #ephemeralCount = 0

  /** Files a new znode under its owner. */
  link(owner: bigint, path: string): void {
    if (owner === PERSISTENT_OWNER) return
    if (owner === CONTAINER_OWNER) this.#containers.add(path)
    else if (ownerKind(owner) === 'ttl') this.#ttls.add(path)
    else {
      addTo(this.#ephemeralsBySession, owner, path)
      this.#ephemeralCount += 1
    }
  }

  /** Forgets a znode that is gone, and had an owner. */
  unlink(owner: bigint, path: string): void {
    if (owner === CONTAINER_OWNER) this.#containers.delete(path)
    else if (ownerKind(owner) === 'ttl') this.#ttls.delete(path)
    else if (deleteFrom(this.#ephemeralsBySession, owner, path)) this.#ephemeralCount -= 1
  }

  /** The ephemerals of a session, in the order of their creation. */
  ephemeralsOf(sessionId: bigint): ReadonlySet<string> {
    return this.#ephemeralsBySession.get(sessionId) ?? NONE
  }

  get ephemeralCount(): number {
    return this.#ephemeralCount
  }

  get containers(): ReadonlySet<string> {
    return this.#containers
  }

  get ttls(): ReadonlySet<string> {
    return this.#ttls
  }

  /** True while a sweep could find something. */
  get needsSweep(): boolean {
    return this.#containers.size > 0 || this.#ttls.size > 0
  }
}
