/**
 * CommonJS, for those who cannot use import. In a file that is CommonJS itself the first two lines are not needed.
 * Both copies of zoolet can meet in one process, so errors are told by `isKeeperException` and not by `instanceof`.
 */
import { createRequire } from 'node:module'
import { isKeeperException } from 'zoolet'

const require = createRequire(import.meta.url)

// region require
const { EmbeddedZooKeeper } = require('zoolet')
// endregion

const zoo = new EmbeddedZooKeeper()
const zk = await zoo.connect()
/** @type {unknown} */
const error = await zk.getData('/missing').catch((/** @type {unknown} */ error) => error)
console.log(isKeeperException(error, 'NONODE') && error.message)
await zoo.close()
