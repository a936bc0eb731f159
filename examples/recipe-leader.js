/** A leader among worker threads: one works, the others stand by, and when it ends the next one takes over. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { EmbeddedZooKeeper } from 'zoolet'
import { connectPort, servePort } from 'zoolet/message-port'
import { LeaderElection } from 'zoolet/recipes'

if (isMainThread) {
  const zoo = new EmbeddedZooKeeper()
  const workers = [1, 2, 3].map((number) => {
    const { port1, port2 } = new MessageChannel()
    servePort(zoo, port1)
    const options = { workerData: { number, port: port2 }, transferList: [port2] }
    return new Worker(fileURLToPath(import.meta.url), options).on('message', (text) => console.log(text))
  })
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  await zoo.close()
} else {
  const { number, port } = workerData
  const zk = await connectPort(port)
  // region leader
  const election = new LeaderElection(zk, '/election', { identifier: `worker ${number}` })
  for await (const term of election.terms()) {
    const others = (await election.participants()).slice(1)
    if (!term.isHeld) continue // it was over before it began: stand again
    parentPort?.postMessage(`worker ${number} leads; ${others.length} stand by`)
    break // leaving the loop gives up the lead
  }
  // endregion
  await zk.close()
  port.close()
}
