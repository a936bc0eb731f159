/** Tests of the worst case: the server applies a write, and the connection breaks before the reply. */
import { deepEqual, equal } from 'node:assert/strict'
import { EmbeddedZooKeeper, isKeeperException, isRetryable } from 'zoolet'

// region lost-reply
/** Creates a znode once, however often it has to be tried. @param {import('zoolet').ZooKeeper} zk @param {string} path */
async function createOnce(zk, path) {
  for (;;) {
    try {
      return await zk.create(path)
    } catch (error) {
      if (isKeeperException(error, 'NODEEXISTS')) return path // it was applied the first time
      if (!isRetryable(error)) throw error
    }
  }
}

const zoo = new EmbeddedZooKeeper()
const zk = await zoo.connect()
/** @type {string[]} */
const states = []
zk.on('disconnected', () => states.push('disconnected'))
zk.on('connected', () => states.push('connected'))

zoo.loseNextReply(zk)
equal(await createOnce(zk, '/job'), '/job')
deepEqual(states, ['disconnected', 'connected'])
// endregion
console.log('one lost reply, one znode:', await zk.getChildren('/').then(({ children }) => children))
await zoo.close()
