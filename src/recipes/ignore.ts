/** Stands where a promise may fail and there is nobody left to tell: its znode goes with its session at the latest. */

/** Does nothing. */
export function ignore(): void {}
