/** Assertions about our own code. A failed one is a bug of zoolet, never of its user; it is not meant to be caught. */
import { describe } from './describe.js'

/** What a failed invariant throws. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError'
}

/** States what must hold here. `explain` is called only when it does not. */
export function invariant(holds: boolean, explain: () => string): asserts holds {
  if (!holds) throw new InvariantError(`zoolet is broken, please report it: ${explain()}`)
}

/** Ends a `switch` over a union: the compiler proves that nothing arrives here. */
export function unreachable(value: never): never {
  throw new InvariantError(`zoolet is broken, please report it: unexpected ${describe(value)}`)
}
