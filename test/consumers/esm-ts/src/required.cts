/** The same declarations as a CommonJS module sees them. Compiled, and never run. */
import { EmbeddedZooKeeper, isKeeperException } from 'zoolet'

/** Shows that the CommonJS declarations are whole. */
export async function read(path: string): Promise<Uint8Array | null> {
  const zk = await new EmbeddedZooKeeper().connect()
  try {
    return (await zk.getData(path)).data
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return null
    throw error
  }
}
