/** Worker threads that coordinate through one tree, without sockets: each gets one end of a MessageChannel. */
import { equal } from 'node:assert/strict'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const file = fileURLToPath(import.meta.url)

if (isMainThread) {
  // region main-thread
  const { EmbeddedZooKeeper } = await import('zoolet')
  const { servePort } = await import('zoolet/message-port')

  const zoo = new EmbeddedZooKeeper()
  const workers = [1, 2, 3].map((number) => {
    const { port1, port2 } = new MessageChannel()
    servePort(zoo, port1)
    return new Worker(file, { workerData: { number, port: port2 }, transferList: [port2] })
  })
  // endregion
  await Promise.all(workers.map((worker) => once(worker, 'exit')))

  const zk = await zoo.connect()
  const { children } = await zk.getChildren('/turns')
  console.log('turns taken:', children.sort().join(' '))
  equal(children.length, 3)
  await zoo.close()
} else {
  // region worker-thread
  const { connectPort } = await import('zoolet/message-port')

  const zk = await connectPort(workerData.port)
  await zk.createAll('/turns')
  await zk.create('/turns/turn-', `worker ${workerData.number}`, { mode: 'PERSISTENT_SEQUENTIAL' })
  await zk.close()
  workerData.port.close()
  // endregion
}
