/** The servers that are compared: zoolet without a wire, zoolet over TCP, and Apache ZooKeeper; each empty, each set up alike. */
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { isApacheInstalled, startApacheProcess } from '../../test/peers/apache-process.js'
import { UsageError } from '../part.js'
import { InProcessCnxn } from './in-process-cnxn.js'
import { SESSION_BOUNDS, type Side } from './step.js'
import { Subject } from './subject.js'
import { WireCnxn } from './wire-cnxn.js'

const TICK_TIME_MS = 1_000
const { minMs: MIN_SESSION_TIMEOUT_MS, maxMs: MAX_SESSION_TIMEOUT_MS } = SESSION_BOUNDS
/** No sweep comes while steps are done: when one comes is no business of a comparison. */
const SWEEP_INTERVAL_MS = 1_000_000_000

function startEmbedded(): EmbeddedZooKeeper {
  return new EmbeddedZooKeeper({
    compatibility: '3.8',
    tickTimeMs: TICK_TIME_MS,
    minSessionTimeoutMs: MIN_SESSION_TIMEOUT_MS,
    maxSessionTimeoutMs: MAX_SESSION_TIMEOUT_MS,
    enforceQuota: true,
    containerCheckIntervalMs: SWEEP_INTERVAL_MS,
  })
}

/** zoolet, asked with objects. */
export function startInProcess(): { readonly subject: Subject; readonly zoo: EmbeddedZooKeeper } {
  const zoo = startEmbedded()
  const subject = new Subject('zoolet in process', {
    dial: (events) => new InProcessCnxn(zoo, events),
    end: () => zoo.close(),
    expire: (sessionId) => zoo.expire(sessionId),
  })
  zoo.on('watcherError', (error) => subject.fail(error))
  return { subject, zoo }
}

/** zoolet, asked with bytes. */
export async function startTcp(patienceMs?: number): Promise<Subject> {
  const zoo = startEmbedded()
  const endpoint = await listen(zoo, { port: 0, limits: { maxClientCnxns: Number.POSITIVE_INFINITY } })
  const { port = 0 } = endpoint
  const end = async (): Promise<void> => {
    await endpoint.close()
    await zoo.close()
  }
  const subject = new Subject('zoolet over TCP', {
    dial: (events) => new WireCnxn(port, events, patienceMs),
    end,
    expire: (sessionId) => zoo.expire(sessionId),
  })
  zoo.on('watcherError', (error) => subject.fail(error))
  return subject
}

/** Apache ZooKeeper, in a process of its own. */
export async function startApache(patienceMs?: number): Promise<Subject> {
  const { port, stop } = await startApacheProcess({
    configuration: {
      tickTime: TICK_TIME_MS,
      minSessionTimeout: MIN_SESSION_TIMEOUT_MS,
      maxSessionTimeout: MAX_SESSION_TIMEOUT_MS,
    },
    properties: {
      'znode.container.checkIntervalMs': String(SWEEP_INTERVAL_MS),
      'zookeeper.enforceQuota': 'true',
    },
  })
  return new Subject('Apache ZooKeeper', {
    dial: (events) => new WireCnxn(port, events, patienceMs),
    end: async () => void (await stop()),
  })
}

/** @throws UsageError where there is no Apache ZooKeeper */
export function requireApache(isInstalled: boolean = isApacheInstalled()): void {
  if (!isInstalled)
    throw new UsageError('there is no Apache ZooKeeper on this machine: apt-get install zookeeper')
}

/** Everything that one run needs. */
export interface Servers {
  readonly leader: Side
  readonly zoo: EmbeddedZooKeeper
  readonly alike: readonly Side[]
  readonly real: Side
  /** Ends them, as far as they can still be ended. */
  close(): Promise<void>
}

/** Starts servers that nobody has used. Without a patience they have the usual time for each answer. */
export type Start = (patienceMs?: number) => Promise<Servers>

/** All three. */
export const startAll: Start = async (patienceMs) => {
  const [{ subject: leader, zoo }, tcp, real] = [
    startInProcess(),
    await startTcp(patienceMs),
    await startApache(patienceMs),
  ]
  const close = async (): Promise<void> => {
    // A server that is broken may not even end well.
    await Promise.allSettled([leader, tcp, real].map((subject) => subject.close()))
  }
  return { leader, zoo, alike: [tcp], real, close }
}
