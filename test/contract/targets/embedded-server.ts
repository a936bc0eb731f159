/** The embedded server that four of the targets are about, set up as SERVER_SETTINGS say. */
import { EmbeddedZooKeeper } from '../../../src/index.js'
import { SERVER_SETTINGS, type ServerOptions, SUPER_DIGEST } from '../target.js'

/** Starts one. */
export function startEmbedded(options: ServerOptions = {}): EmbeddedZooKeeper {
  const { ttlNodes, limits } = options
  return new EmbeddedZooKeeper({
    ...SERVER_SETTINGS,
    superDigest: SUPER_DIGEST,
    enforceQuota: true,
    ttlNodes,
    limits,
  })
}
