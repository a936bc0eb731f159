/** A Jest consumer: CommonJS, in a realm of Jest's own, with fake timers in half of the tests. */
const { EmbeddedZooKeeper, isKeeperException } = require('zoolet')

describe.each(['real', 'fake'])('with %s timers', (timers) => {
  beforeEach(() => void (timers === 'fake' && jest.useFakeTimers()))
  afterEach(() => jest.useRealTimers())

  test('a data watch fires when the data changes', async () => {
    const zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect({ sessionTimeoutMs: 10_000 })
    const events = []
    await zk.create('/app', 'hello')
    await zk.getData('/app', { watcher: ({ type, path }) => events.push({ type, path }) })

    await zk.setData('/app', new Uint8Array([1]))

    expect(events).toEqual([{ type: 'NodeDataChanged', path: '/app' }])
    await zoo.close()
  })

  test('a missing znode is NONODE', async () => {
    const zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect()

    const error = await zk.getData('/missing').catch((reason) => reason)

    expect(isKeeperException(error, 'NONODE')).toBe(true)
    await zoo.close()
  })
})

test('the testing door loads', () => {
  expect(require('zoolet/testing')).toBeDefined()
})
