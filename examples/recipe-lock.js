/** A distributed lock: three processes (here: three clients) write to one account, and no write is lost. */
import { equal } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { Lock } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
let balance = 0 // somewhere outside: a file, a service, a printer

// region lock
/** Adds to the balance, alone. @param {import('zoolet').ZooKeeper} zk @param {number} amount */
async function deposit(zk, amount) {
  const lock = new Lock(zk, '/locks/account', { identifier: `depositor of ${amount}` })
  await lock.run(
    async (held) => {
      const before = balance
      await slowNetwork()
      held.signal.throwIfAborted() // the lock may be somebody else's by now: write nothing
      balance = before + amount
    },
    { timeoutMs: 5000 },
  )
}
// endregion

const clients = await Promise.all([1, 2, 3].map(() => zoo.connect()))
await Promise.all(clients.map((zk, i) => deposit(zk, 10 ** i)))
console.log('balance:', balance)
equal(balance, 111)
await zoo.close()

function slowNetwork() {
  return new Promise((resolve) => setImmediate(resolve))
}
