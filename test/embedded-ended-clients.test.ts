/** Clients that have ended are let go, however many end at once, and ending many takes no longer for each than ending few. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { EmbeddedZooKeeper, type ZooKeeper } from '../src/index.js'
import { macrotask } from './semantics/ordering/event-loop.js'

const CLIENTS = 300

it('clients that end at once are forgotten by their server', async () => {
  const zoo = new EmbeddedZooKeeper()
  const gone = await endMany(zoo)
  await zoo.settle()

  await collectGarbage()

  expect(gone.filter((each) => each.deref() !== undefined).length).toBeLessThan(CLIENTS / 10)
  await zoo.close()
})

/** Nothing of this function's may keep a client alive once it has returned. */
async function endMany(zoo: EmbeddedZooKeeper): Promise<WeakRef<ZooKeeper>[]> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => zoo.connect()))
  await Promise.all(clients.map((zk) => zk.close()))
  return clients.map((zk) => new WeakRef(zk))
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc !== 'function') throw new Error('There is no gc')
  for (let times = 0; times < 4; times++) {
    await macrotask()
    gc()
  }
}
