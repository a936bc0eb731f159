/** The servers that are compared: zoolet without a wire, zoolet over TCP, and Apache ZooKeeper; each empty, each set up alike. */
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { startApacheProcess } from '../../test/peers/apache-process.js'
import { InProcessCnxn } from './in-process-cnxn.js'
import { Subject } from './subject.js'
import { WireCnxn } from './wire-cnxn.js'

const TICK_TIME_MS = 2_000
const MAX_SESSION_TIMEOUT_MS = 600_000
/** No sweep comes while steps are done: when one comes is no business of a comparison. */
const SWEEP_INTERVAL_MS = 1_000_000_000

function startEmbedded(): EmbeddedZooKeeper {
  return new EmbeddedZooKeeper({
    compatibility: '3.8',
    tickTimeMs: TICK_TIME_MS,
    maxSessionTimeoutMs: MAX_SESSION_TIMEOUT_MS,
    containerCheckIntervalMs: SWEEP_INTERVAL_MS,
  })
}

/** zoolet, asked with objects. */
export function startInProcess(): { readonly subject: Subject; readonly zoo: EmbeddedZooKeeper } {
  const zoo = startEmbedded()
  const subject = new Subject(
    'zoolet in process',
    (events) => new InProcessCnxn(zoo, events),
    () => zoo.close(),
  )
  return { subject, zoo }
}

/** zoolet, asked with bytes. */
export async function startTcp(): Promise<Subject> {
  const zoo = startEmbedded()
  const endpoint = await listen(zoo, { port: 0, limits: { maxClientCnxns: Number.POSITIVE_INFINITY } })
  const { port = 0 } = endpoint
  const end = async (): Promise<void> => {
    await endpoint.close()
    await zoo.close()
  }
  return new Subject('zoolet over TCP', (events) => new WireCnxn(port, events), end)
}

/** Apache ZooKeeper, in a process of its own. */
export async function startApache(): Promise<Subject> {
  const { port, stop } = await startApacheProcess({
    configuration: { tickTime: TICK_TIME_MS, maxSessionTimeout: MAX_SESSION_TIMEOUT_MS },
    properties: {
      'znode.container.checkIntervalMs': String(SWEEP_INTERVAL_MS),
    },
  })
  const dial = (events: ConstructorParameters<typeof WireCnxn>[1]): WireCnxn => new WireCnxn(port, events)
  return new Subject('Apache ZooKeeper', dial, async () => void (await stop()))
}
