/** Assertions about our own code. A failed one is a bug of zoolet, never of its user; it is not meant to be caught. */
import { describe } from './describe.js'

/** What a failed invariant throws. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError'
}

/** States what must hold here. `explain` is called only when it does not. */
export function invariant(holds: boolean, explain: () => string): asserts holds {
  if (!holds) broken(explain())
}

/** Says what does not hold here: for places that are passed so often that making an explanation would count. */
export function broken(what: string): never {
  throw new InvariantError(`zoolet is broken, please report it: ${what}`)
}

/** Ends a `switch` over a union: the compiler proves that nothing arrives here. */
export function unreachable(value: never): never {
  throw new InvariantError(`zoolet is broken, please report it: unexpected ${describe(value)}`)
}
