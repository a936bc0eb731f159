/** The beginning of what is kept in the background, for a call that waits until it is there, and has nothing kept if it gives up. */
import { ignore } from './ignore.js'
import { latestClient, type RecipeClient } from './lasting-client.js'
import { patiently, unlessAborted, type WaitOptions } from './patience.js'
import type { PersistentNode } from './persistent-node.js'

/** What is kept from now on. */
interface Kept {
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** Resolves once it is ready; else it is closed. `what` is done, for the message. @throws what `ready` does, TimeoutError, the signal's reason, TypeError, RangeError */
export async function untilReady(
  client: RecipeClient,
  kept: Kept,
  what: string,
  options: WaitOptions,
): Promise<void> {
  try {
    const { clock } = latestClient(client)
    await patiently(clock, options, what, (signal) => unlessAborted(kept.ready, signal))
  } catch (error) {
    kept.close().catch(ignore)
    throw error
  }
}

/** Tells of a loss once the znode was there: before, `ready` tells why it will not be. */
export function onLoss(node: PersistentNode, listener: (error: unknown) => void): void {
  node.once('created', () => void node.once('lost', listener))
}
