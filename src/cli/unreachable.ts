/** Ends a `switch` over a union. The door shows no such function, and the command line imports only doors. */

/** Does not return: the compiler proves that nothing arrives here. @throws TypeError */
export function unreachable(value: never): never {
  throw new TypeError(`zoolet is broken, please report it: unexpected ${JSON.stringify(value)}`)
}
