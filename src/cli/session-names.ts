/**
 * SessionNames: short numbers for sessions, `s1` and on, in the order in which they were first heard of. A name is never given
 * twice. Ended sessions keep theirs for a while, since the last words about a session come after its end.
 */

/** How many ended sessions keep their names. */
const MAX_ENDED = 1000

/** The names of the sessions of one server. */
export class SessionNames {
  readonly #nameById = new Map<bigint, string>()
  readonly #ended = new Set<bigint>()
  #given = 0

  /** The name of a session, a new one if it has none yet. */
  nameOf(sessionId: bigint): string {
    const known = this.#nameById.get(sessionId)
    if (known !== undefined) return known
    this.#given += 1
    const name = `s${this.#given}`
    this.#nameById.set(sessionId, name)
    return name
  }

  /** The name of a session that has one. */
  findName(sessionId: bigint): string | undefined {
    return this.#nameById.get(sessionId)
  }

  /** Lets the name of a session be forgotten once many others have ended after it. */
  end(sessionId: bigint): void {
    this.#ended.add(sessionId)
    if (this.#ended.size <= MAX_ENDED) return
    const [oldest = sessionId] = this.#ended
    this.#ended.delete(oldest)
    this.#nameById.delete(oldest)
  }
}
