/**
 * What a worker of worker.test.ts runs: a client on the port that it was given, and a few orders that it takes. It answers each
 * with what came of it, and says `ready` first.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { connectPort } from '../../src/message-port/index.js'

const port: MessagePort = workerData.port
const zk = await connectPort(port, { sessionTimeoutMs: workerData.sessionTimeoutMs })

const ORDERS: Readonly<Record<string, (argument: string) => Promise<unknown>>> = {
  create: (path) => zk.create(path, 'from a worker', { mode: 'EPHEMERAL' }),
  /** Resolves with the first event of the path. */
  watch: (path) =>
    new Promise((resolve, reject) => {
      zk.exists(path, { watcher: (event) => resolve(`${event.type} ${event.path}`) }).catch(reject)
    }),
  count: (times) => countUp(Number(times)),
  close: async () => {
    await zk.close()
    port.close()
    parentPort?.unref()
    return zk.state
  },
}

parentPort?.on('message', ([order, argument]: [string, string]) => {
  ORDERS[order]?.(argument).then(
    (value) => parentPort?.postMessage(value),
    (error: unknown) => parentPort?.postMessage(`${error}`),
  )
})
parentPort?.postMessage('ready')

/** Adds to a number that others add to as well. */
async function countUp(times: number): Promise<string> {
  for (let done = 0; done < times; ) {
    const { data, stat } = await zk.getData('/count')
    const next = Number(new TextDecoder().decode(data ?? undefined)) + 1
    const isOurs = await zk.setData('/count', `${next}`, stat.version).then(
      () => true,
      () => false,
    )
    if (isOurs) done += 1
  }
  return `counted ${times}`
}
