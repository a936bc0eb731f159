/**
 * KnownPaths: paths that were found valid a short while ago. A client names the same paths over and over, and telling that one is known
 * takes a fraction of reading it. Bounded: a path that falls on the place of another one takes it. Shared by a server and its clients.
 */
import { validatePath } from './path.js'

/** A power of two. */
const PLACES = 4096
/** Longer ones are rare, and would be held on to for long. */
const LONGEST = 256
const LOOKED_AT = 5
const TENS = 10
const HUNDREDS = 100
const THOUSANDS = 1000
/** Keeps what comes before a short suffix apart from what the others weigh. */
const ODD = 7

/** Checks paths. */
export class KnownPaths {
  readonly #valid: string[] = new Array<string>(PLACES).fill('')
  readonly #validate: (path: string) => void

  /** `validate` judges what is not known. */
  constructor(validate: (path: string) => void = validatePath) {
    this.#validate = validate
  }

  /** Lets valid paths pass. @throws TypeError quoting the path and the place */
  validate(path: string): void {
    if (this.has(path)) return
    this.#validate(path)
    if (path.length <= LONGEST) this.#valid[placeOf(path)] = path
  }

  /** True for a path that was found valid; false does not mean that it is not. */
  has(path: string): boolean {
    const isKept = typeof path === 'string' && path.length > 0 && path.length <= LONGEST
    return isKept && this.#valid[placeOf(path)] === path
  }
}

/**
 * By the end of the path, where the paths of one application differ: numbers that count up have places of their own, at the very end or
 * before a short suffix.
 */
function placeOf(path: string): number {
  const end = path.length - 1
  if (path.length < LOOKED_AT) return path.charCodeAt(end) + TENS * end
  const sum =
    path.charCodeAt(end) +
    TENS * path.charCodeAt(end - 1) +
    HUNDREDS * path.charCodeAt(end - 2) +
    THOUSANDS * path.charCodeAt(end - 3) +
    ODD * path.charCodeAt(end - 4)
  return sum & (PLACES - 1)
}
