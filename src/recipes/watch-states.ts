/** Watching a state by one-shot watches: look, yield, wait until it changes, look again. What is common to watchData and watchChildren. */
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { type RecipeClient, withSession } from './lasting-client.js'
import { catchUpInNewSession } from './new-session.js'
import { persist } from './retry.js'
import type { OneShot } from './until-changed.js'

/** A state, and the watch that was left for the next one. */
export interface Sight<S> {
  readonly state: S
  readonly watch: OneShot
}

/**
 * Yields what `next` makes of each state of a path and the one yielded before; undefined is no change worth telling. It never goes back,
 * over sessions too. Ends with the signal.
 */
export async function* watchStates<S, T>(
  client: RecipeClient,
  path: string,
  signal: AbortSignalLike | undefined,
  look: (zk: ZooKeeper) => Promise<Sight<S>>,
  next: (state: S, before: S | undefined) => T | undefined,
): AsyncGenerator<T, void, undefined> {
  let before: S | undefined
  let sight: Sight<S> | undefined
  let seenBy: ZooKeeper | undefined
  try {
    for (;;) {
      let last = sight
      sight = await withSession(client, signal, async (zk) => {
        const waited = last
        // In a new session there is nothing to wait for.
        last = undefined
        await waited?.watch.fired(signal)
        if (seenBy !== undefined && seenBy !== zk)
          await persist(zk, () => catchUpInNewSession(zk, path, signal), signal)
        seenBy = zk
        return persist(zk, () => look(zk), signal)
      })
      const told = next(sight.state, before)
      if (told === undefined) continue
      before = sight.state
      yield told
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  } finally {
    sight?.watch.remove()
  }
}
