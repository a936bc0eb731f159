/**
 * KnownPaths: paths that were found valid a short while ago. A client names the same paths over and over, and looking one up takes a
 * fraction of reading it. Bounded: once it is full it starts over. Shared by the clients of one server.
 */
import { validatePath } from './path.js'

const MOST_PATHS = 4096

/** Checks paths. */
export class KnownPaths {
  readonly #valid = new Set<string>()
  readonly #validate: (path: string) => void

  /** `validate` judges what is not known. */
  constructor(validate: (path: string) => void = validatePath) {
    this.#validate = validate
  }

  /** Lets valid paths pass. @throws TypeError quoting the path and the place */
  validate(path: string): void {
    if (this.#valid.has(path)) return
    this.#validate(path)
    if (this.#valid.size >= MOST_PATHS) this.#valid.clear()
    this.#valid.add(path)
  }
}
