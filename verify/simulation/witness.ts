/** Witness: what a party has seen and what was broken to it. What happens after it was told that nothing would is broken, too. */

/** One for each party. */
export class Witness {
  readonly name: string
  readonly #note: (line: string) => void
  readonly #faults: string[] = []
  readonly #counts = new Map<string, number>()
  #isSilent = false

  /** `note` takes down what is seen, for the trace of the run. */
  constructor(name: string, note: (line: string) => void) {
    this.name = name
    this.#note = note
  }

  get faults(): readonly string[] {
    return this.#faults
  }

  /** How often something happened that is worth a count. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  note(line: string): void {
    this.#note(`${this.name} ${line}`)
  }

  fault(what: string): void {
    this.#faults.push(`${this.name}: ${what}`)
  }

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  /** A watcher is called. */
  called(what: string): void {
    if (this.#isSilent) this.fault(`A4: ${what} after close() has resolved`)
    this.note(what)
  }

  /** Nobody is called any more. */
  closed(): void {
    this.#isSilent = true
  }
}
