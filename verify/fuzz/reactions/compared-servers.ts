/** The two servers whose reactions are compared, with the same znodes, as often as they have to be the same again. */
import { digestId, EmbeddedZooKeeper, OPEN_ACL_UNSAFE, type ZooKeeper } from '../../../src/index.js'
import { connect, listen } from '../../../src/node/index.js'
import { startApacheProcess } from '../../../test/peers/apache-process.js'
import { TREE, TREE_DATA } from '../targets/tree.js'
import { reactionOf } from './reaction.js'

const TICK_TIME_MS = 2000
const MAX_SESSION_TIMEOUT_MS = 600_000
/** No sweep comes while inputs are compared. */
const SWEEP_INTERVAL_MS = 1_000_000_000
const SUPER = { scheme: 'digest', auth: 'super:pw' } as const
const UNBOUNDED = Number.POSITIVE_INFINITY

/** What they do about one frame, as text. */
export interface Reactions {
  readonly real: string
  readonly zoolet: string
}

/** Both. */
export interface ComparedServers {
  /** On a connection of its own to each, with its length. Who says nothing for so long will not answer any more. */
  ask(frame: Uint8Array, patienceMs: number): Promise<Reactions>
  /** Makes the znodes of both what they were at the beginning. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** Starts them, with the znodes that inputs are about. */
export async function startComparedServers(): Promise<ComparedServers> {
  const superDigest = digestId('super:pw')
  const apache = await startApacheProcess({
    configuration: { tickTime: TICK_TIME_MS, maxSessionTimeout: MAX_SESSION_TIMEOUT_MS },
    properties: {
      'znode.container.checkIntervalMs': String(SWEEP_INTERVAL_MS),
      'zookeeper.DigestAuthenticationProvider.superDigest': superDigest,
    },
  })
  const zoo = new EmbeddedZooKeeper({
    compatibility: '3.8',
    tickTimeMs: TICK_TIME_MS,
    maxSessionTimeoutMs: MAX_SESSION_TIMEOUT_MS,
    containerCheckIntervalMs: SWEEP_INTERVAL_MS,
    superDigest,
  })
  const endpoint = await listen(zoo, { port: 0, limits: { maxClientCnxns: UNBOUNDED, maxCnxns: UNBOUNDED } })
  const janitors = await Promise.all([
    connect(`127.0.0.1:${apache.port}`, { auth: [SUPER], sessionTimeoutMs: MAX_SESSION_TIMEOUT_MS }),
    connect(endpoint.connectString, { auth: [SUPER], sessionTimeoutMs: MAX_SESSION_TIMEOUT_MS }),
  ])
  const reset = async (): Promise<void> => void (await Promise.all(janitors.map(resetTree)))
  await reset()
  const ports = { real: apache.port, zoolet: endpoint.port ?? 0 }
  return {
    ask: (frame, patienceMs) => askBoth(ports, frame, patienceMs),
    reset,
    close: async () => {
      await Promise.all(janitors.map((janitor) => janitor.close()))
      await endpoint.close()
      await zoo.close()
      await apache.stop()
    },
  }
}

async function askBoth(
  ports: { readonly real: number; readonly zoolet: number },
  frame: Uint8Array,
  patienceMs: number,
): Promise<Reactions> {
  const [real, zoolet] = await Promise.all([
    reactionOf(ports.real, frame, patienceMs),
    reactionOf(ports.zoolet, frame, patienceMs),
  ])
  return { real, zoolet }
}

async function resetTree(zk: ZooKeeper): Promise<void> {
  await zk.setACL('/', OPEN_ACL_UNSAFE)
  const { children } = await zk.getChildren('/')
  for (const name of children) if (name !== 'zookeeper') await zk.deleteAll(`/${name}`)
  for (const { path, type, acl, mode } of TREE) {
    const ttl = type === 'createTTL' ? { ttlMs: SWEEP_INTERVAL_MS } : {}
    await zk.create(path, TREE_DATA, { acl, mode, ...ttl })
  }
}
