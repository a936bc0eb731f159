/** The target without a wire: clients of the embedded server in its own process. */
import type { ZooKeeper } from '../../../src/index.js'
import type { ClientOptions, Link, Target } from '../target.js'
import { startEmbedded } from './embedded-server.js'

/** `zoo.connect`, and `zoo.disconnect` for the links. */
export const IN_PROCESS: Target = {
  name: 'in process',
  start: async (options) => {
    const zoo = startEmbedded(options)
    const connect = (clientOptions?: ClientOptions): Promise<ZooKeeper> => zoo.connect(clientOptions)
    const linkOf = (zk: ZooKeeper): Link => ({
      cut: () => zoo.disconnect(zk),
      restore: () => zoo.reconnect(zk),
      loseNextReply: () => zoo.loseNextReply(zk),
    })
    return {
      connect,
      connectByLink: async (clientOptions) => {
        const zk = await connect(clientOptions)
        return { zk, link: linkOf(zk) }
      },
      close: () => zoo.close(),
    }
  },
}
