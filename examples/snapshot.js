/** State for tests: a tree written by hand, read back for an assertion, and a whole server that goes on elsewhere. */
import { deepEqual } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'

// region dump
const zoo = new EmbeddedZooKeeper()
zoo.load({ '/app/config': 'v1', '/app/logo': { base64: 'iVBORw==' } }) // missing parents come too
const zk = await zoo.connect()
await zk.setData('/app/config', 'v2')
await zk.delete('/app/logo')
deepEqual({ ...zoo.dump() }, { '/app': null, '/app/config': 'v2' })
// endregion

// region snapshot
await zk.create('/app/worker', null, { mode: 'EPHEMERAL' })
const copy = new EmbeddedZooKeeper({ snapshot: structuredClone(zoo.snapshot()) })

const resumed = await copy.connect({ session: { id: zk.sessionId, password: zk.sessionPassword } })
deepEqual(await resumed.getEphemerals(), ['/app/worker'])
deepEqual(await resumed.exists('/app/config'), await zk.exists('/app/config'))
// endregion
console.log('the copy has', Object.keys(copy.dump()).join(' '), 'and the session with its ephemeral znode')
await zoo.close()
await copy.close()
