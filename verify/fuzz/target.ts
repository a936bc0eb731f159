/** Target: one thing that takes bytes from strangers, as the fuzzer sees it. What is expected of it is written down in its `run`. */

/** What the mutator may know about an input. */
export interface InputShape {
  /** Bytes in front that steer the target and are no part of what a stranger sends. */
  readonly headBytes: number
  /** Whether the rest is a stream of frames; else it is one message, or text. */
  readonly isFramed: boolean
  /** Pieces that mean something to the target. */
  readonly words: readonly Uint8Array[]
}

/** One target. Every input stands for itself: nothing of an earlier one is left when `run` begins. */
export interface Target {
  readonly name: string
  readonly shape: InputShape
  /** Where the first inputs come from, besides the corpus. */
  readonly seeds: readonly Uint8Array[]
  /** The test file in which an input that was found becomes a test. */
  readonly regression: string
  /** Inputs for which a commit has time. */
  readonly inputs: number
  /** Inputs between two looks at the coverage, which cost about a millisecond. */
  readonly batch: number
  /** Returns, or resolves, if all is well, which refused input is. @throws whatever the target must not do */
  run(input: Uint8Array): void | Promise<void>
}

/** Something that has to hold and does not. */
export class BrokenLaw extends Error {
  override readonly name: string = 'BrokenLaw'
  /** The law, in words that are the same for each input that breaks it. */
  readonly law: string

  constructor(law: string, detail = '') {
    super(detail === '' ? law : `${law}: ${detail}`)
    this.law = law
  }
}

/** @throws BrokenLaw */
export function requireLaw(holds: boolean, law: string, detail?: () => string): void {
  if (!holds) throw new BrokenLaw(law, detail?.())
}

/** @throws BrokenLaw if the list of what is broken has an entry */
export function requireNone(broken: readonly unknown[], law: string): void {
  requireLaw(broken.length === 0, law, () => broken.map(String).join('; '))
}

/** Takes part in no ordering: the turn of the event loop after this one. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
