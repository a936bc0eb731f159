/** A CommonJS consumer, and what happens when both copies of the library meet in one process. */
const assert = require('node:assert/strict')
const required = require('zoolet')

async function main() {
  const imported = await import('zoolet')
  assert.notEqual(required.EmbeddedZooKeeper, imported.EmbeddedZooKeeper, 'there are two copies')

  const zoo = new required.EmbeddedZooKeeper()
  const zk = await zoo.connect({ sessionTimeoutMs: 10_000 })
  const events = []
  await zk.create('/app', 'hello')
  const { data, stat } = await zk.getData('/app', {
    watcher: ({ type, path }) => events.push({ type, path }),
  })
  await zk.setData('/app', 'world', stat.version)
  const error = await zk.create('/app').catch((reason) => reason)
  await zk.close()
  await zoo.close()

  assert.equal(Buffer.from(data).toString(), 'hello')
  assert.deepEqual(events, [{ type: 'NodeDataChanged', path: '/app' }])
  for (const { isKeeperException } of [required, imported]) {
    assert.ok(isKeeperException(error, 'NODEEXISTS'), 'an error of the one copy is known to the other')
    assert.ok(!isKeeperException(error, 'NONODE'))
  }
}

void main()
