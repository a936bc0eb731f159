/**
 * Watchers: those that wait for the same. Nearly always that is one function, and a Set around it would cost more than the rest of its
 * watch. Invariant: a Set holds at least one, and nobody changes it once it was handed out.
 */
import type { Watcher } from '../protocol/watcher.js'

/** One watcher, or a set of them. */
export type Watchers = Watcher | ReadonlySet<Watcher>

const NOBODY: ReadonlySet<Watcher> = new Set<Watcher>()

/** Each of them, in the order of their coming. */
export function eachOf(watchers: Watchers | undefined): Iterable<Watcher> {
  if (watchers === undefined) return NOBODY
  return typeof watchers === 'function' ? [watchers] : watchers
}

/** How many there are. */
export function countOf(watchers: Watchers | undefined): number {
  if (watchers === undefined) return 0
  return typeof watchers === 'function' ? 1 : watchers.size
}

/** Whether it is one of them. */
export function includes(watchers: Watchers | undefined, watcher: Watcher): boolean {
  if (watchers === undefined) return false
  return typeof watchers === 'function' ? watchers === watcher : watchers.has(watcher)
}

/** Those of both, each once. */
export function union(some: Watchers | undefined, others: Watchers | undefined): Watchers | undefined {
  if (some === undefined || some === others) return others
  if (others === undefined) return some
  return new Set([...eachOf(some), ...eachOf(others)])
}
