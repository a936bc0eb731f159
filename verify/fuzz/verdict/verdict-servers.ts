/** The two servers whose verdicts are compared, with the same znodes, as often as they have to be the same again. */
import { digestId, EmbeddedZooKeeper, type ZooKeeper } from '../../../src/index.js'
import { connect, listen } from '../../../src/node/index.js'
import { startApacheProcess } from '../../../test/peers/apache-process.js'
import type { Asked } from './wire-verdict.js'

const TICK_TIME_MS = 2000
const MAX_SESSION_TIMEOUT_MS = 600_000
/** No sweep comes while inputs are compared. */
const SWEEP_INTERVAL_MS = 1_000_000_000
const SUPER = { scheme: 'digest', auth: 'super:pw' } as const
const UNBOUNDED = Number.POSITIVE_INFINITY

/** Both. */
export interface VerdictServers {
  readonly real: Asked
  readonly zoolet: Asked
  /** Makes the znodes of both what they were at the beginning. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** Starts them, with the znodes that inputs are about. */
export async function startVerdictServers(): Promise<VerdictServers> {
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
  return {
    real: { name: 'Apache ZooKeeper', port: apache.port },
    zoolet: { name: 'zoolet', port: endpoint.port ?? 0 },
    reset,
    close: async () => {
      await Promise.all(janitors.map((janitor) => janitor.close()))
      await endpoint.close()
      await zoo.close()
      await apache.stop()
    },
  }
}

const OPEN = [{ perms: 31, scheme: 'world', id: 'anyone' }] as const
const BOBS = [{ perms: 31, scheme: 'digest', id: digestId('bob:secret') }] as const

async function resetTree(zk: ZooKeeper): Promise<void> {
  await zk.setACL('/', OPEN)
  const { children } = await zk.getChildren('/')
  for (const name of children) if (name !== 'zookeeper') await zk.deleteAll(`/${name}`)
  for (const path of ['/a', '/a/b', '/b', '/e']) await zk.create(path, 'data', { acl: OPEN })
  await zk.create('/secret', 'data', { acl: BOBS })
  await zk.create('/c', 'data', { mode: 'CONTAINER' })
  await zk.create('/t', 'data', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1_000_000_000 })
}
