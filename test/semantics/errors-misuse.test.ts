/** Misuse that must not go unnoticed, crash something else, or leave something behind. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import { messageOf, startWorld, text } from './fixture.js'

/** A value that the types do not allow. */
function wrong(value: unknown): never {
  return value as never
}

/** A message of ours begins with what is wrong; one of the platform does not. */
const OURS = /^(TypeError|RangeError): (Invalid|Unknown|Pass|There is|That) /

describe('misuse of options', () => {
  it.each([
    ['create', { name: 'create' }],
    ['getData', { name: 'getData' }],
    ['exists', { name: 'exists' }],
    ['removeWatches', { name: 'removeWatches' }],
  ] as const)('rejects null in %s and does not throw', async (_, { name }) => {
    const { zk } = await startWorld()
    const calls = {
      create: () => zk.create('/a', null, wrong(null)),
      getData: () => zk.getData('/', wrong(null)),
      exists: () => zk.exists('/', wrong(null)),
      removeWatches: () => zk.removeWatches('/', wrong(null)),
    }

    let returned: unknown
    expect(() => {
      returned = calls[name]()
    }).not.toThrow()

    expect(await messageOf(() => returned)).toMatch(OURS)
  })

  it.each([5, null, {}])('rejects the signal %j by name', async (signal) => {
    const { zk } = await startWorld()

    expect(await messageOf(() => zk.getData('/', { signal: wrong(signal) }))).toMatch(OURS)
  })

  it.each([
    ['auth', 5],
    ['auth', 'digest:alice:pw'],
    ['remoteAddress', 5],
  ])('of connect rejects %s: %j by name', async (name, value) => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.connect(wrong({ [name]: value })))).toMatch(OURS)
  })

  it.each([
    ['randomBytes', 5],
    ['limits', 5],
    ['limits', null],
    ['superDigest', 5],
  ])('of the constructor rejects %s: %j by name', async (name, value) => {
    expect(await messageOf(() => new EmbeddedZooKeeper(wrong({ [name]: value })))).toMatch(OURS)
  })

  it.each([
    'clock',
    'scheduler',
    'randomBytes',
    'tickTimeMs',
    'limits',
    'ttlNodes',
    'containerCheckIntervalMs',
  ])('takes %s: undefined of the constructor for not set', async (name) => {
    const zoo = new EmbeddedZooKeeper(wrong({ [name]: undefined }))
    const zk = await zoo.connect()

    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000 })
    await zoo.close()

    expect(Object.keys(zoo.dump())).toEqual(['/t'])
  })

  it.each(['sessionTimeoutMs', 'chroot', 'auth', 'remoteAddress', 'watcher', 'session'])(
    'takes %s: undefined of connect for not set',
    async (name) => {
      const { zoo } = await startWorld()

      const zk = await zoo.connect(wrong({ [name]: undefined }))

      expect(await zk.whoAmI()).toEqual([{ scheme: 'ip', user: '127.0.0.1' }])
    },
  )
})

describe('a connect that fails for its options', () => {
  it.each([
    [{ auth: [{ scheme: 5, auth: 'x' }] }],
    [{ auth: [{ scheme: 'digest', auth: 5 }] }],
    [{ auth: 5 }],
    [{ chroot: 'app' }],
    [{ session: 5 }],
  ])('leaves neither a session nor a client behind: %j', async (options) => {
    const { zoo } = await startWorld()
    const before = { sessions: zoo.reports.counts().sessions, clients: zoo.pending().length }

    await messageOf(() => zoo.connect(wrong(options)))
    await zoo.settle()

    expect({ sessions: zoo.reports.counts().sessions, clients: zoo.pending().length }).toEqual(before)
  })
})

describe('misuse of the server', () => {
  it('of inspect is refused at once and not at each event', async () => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.inspect(wrong(5)))).toMatch(OURS)
  })

  it.each([undefined, 5])('of expire says that %j is no session', async (who) => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.expire(wrong(who)))).toMatch(OURS)
  })

  it.each([null, 5])('of load says that %j is no dump', async (dump) => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.load(wrong(dump)))).toMatch(OURS)
  })

  it('of load names the path whose base64 is none', async () => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.load({ '/a': { base64: '!!' } }))).toMatch(
      /^TypeError: Invalid dump: .*"\/a"/,
    )
  })
})

describe('a message', () => {
  it('quotes an object that was given for a path by its fields', async () => {
    const { zk } = await startWorld()

    expect(await messageOf(() => zk.getData(wrong({ path: '/a' })))).toBe(
      'TypeError: Invalid path { path }: it must be a string',
    )
  })

  it.each([
    ['text', 'x'.repeat(1_000_000)],
    ['a list', Array.from({ length: 100_000 }, () => 1)],
    ['numbers of two bytes', new Uint16Array(100_000)],
    ['a list in itself', selfish()],
  ])('stays short if what it quotes is long: %s', async (_, value) => {
    const { zk } = await startWorld()

    const messages = [
      await messageOf(() => zk.getData(wrong(value))),
      await messageOf(() => zk.create('/a', null, wrong(value))),
      await messageOf(() => zk.create('/a', null, { mode: wrong(value) })),
    ]

    expect(messages.map((message) => message.length > 1000)).toEqual([false, false, false])
    expect(messages.every((message) => OURS.test(message))).toBe(true)
  })

  it('about a limit quotes a text as text', async () => {
    const message = await messageOf(() => new EmbeddedZooKeeper({ limits: { maxZnodes: wrong('5') } }))

    expect(message).toContain('"5"')
  })

  it('of createAll and deleteAll names a path', async () => {
    const { zk } = await startWorld()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    const messages = [
      await messageOf(() => zk.createAll('/e/x')),
      await messageOf(() => zk.deleteAll('/zookeeper')),
    ]

    expect(messages).toEqual([
      expect.stringContaining('NOCHILDRENFOREPHEMERALS for /e/x'),
      expect.stringContaining('BADARGUMENTS for /zookeeper'),
    ])
  })
})

describe('data that is left out', () => {
  it('of setData does not wipe the znode', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'precious')

    await messageOf(() => zk.setData('/a', wrong(undefined)))

    expect(text((await zk.getData('/a')).data)).toBe('precious')
  })
})

function selfish(): unknown[] {
  const list: unknown[] = []
  list.push(list)
  return list
}

describe('a watcher that is null', () => {
  it.each([
    ['exists', (zk: ZooKeeper) => zk.exists('/a', wrong({ watcher: null }))],
    ['getData', (zk: ZooKeeper) => zk.getData('/', wrong({ watcher: null }))],
    ['addWatch', (zk: ZooKeeper) => zk.addWatch('/a', wrong(null))],
  ])('does not stand for the default watcher in %s', async (_what, call) => {
    const { zoo, zk } = await startWorld({ client: { watcher: () => undefined } })

    expect(await messageOf(() => call(zk))).toMatch(/^TypeError: Invalid watcher null/)
    expect(zoo.reports.counts().watches).toBe(0)
  })
})
