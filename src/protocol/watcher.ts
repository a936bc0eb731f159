/** Watcher, the callback, and the words for what a watch (a registration) looks at. */
import type { WatchedEvent } from './watched-event.js'

/**
 * Called by the EventThread, never during a call into zoolet. What it returns is not awaited; if it throws or its promise
 * rejects, the others are still called and the error goes to `watcherError`. Two registrations of one function are one watch.
 */
export type Watcher = (event: WatchedEvent) => unknown

/** Which watches of a path to check or remove, with its number on the wire. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const

/** Which watches of a path to check or remove. */
export type WatcherType = keyof typeof WatcherType

/** How a watch of `addWatch` looks, with its number on the wire. */
export const AddWatchMode = {
  PERSISTENT: 0,
  PERSISTENT_RECURSIVE: 1,
} as const

/** How a watch of `addWatch` looks. */
export type AddWatchMode = keyof typeof AddWatchMode
