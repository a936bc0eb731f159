/**
 * The package `zookeeper`, unmodified: an addon around the official C client (3.8), with all its calls, watches and events. It has to
 * be compiled; where that fails, these tests are skipped with a line that says so, in CI too.
 */
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { TcpProxy } from '../../node/tcp-proxy.js'
import { AddonClient, type AddonOptions, FLAGS } from './addon-client.js'
import { describeWithEachServer, type Given } from './each-server.js'
import { installClients, ZOOKEEPER } from './npm-clients.js'

const CODES = {
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  invalidAcl: -114,
  authFailed: -115,
  reconfigDisabled: -123,
}
const EXPIRED = 'close -112'
const OPEN = { perms: 31, scheme: 'world', auth: 'anyone' }
/** What the digest scheme makes of alice:pw. */
const ALICE = { perms: 31, scheme: 'digest', auth: 'alice:V55/p2T0OpjQ+low3NVAH4aLvm0=' }
const TTL_MS = 3_600_000
/** Short for sessions that are to expire, and long enough for a busy machine. */
const SHORT_MS = 2_000
/** After two thirds of its timeout, this client dials again. */
const PROXIED_MS = 4_000
/** A port of nobody. */
const NOWHERE = 0

await installClients()

const SUITE = { title: 'zookeeper', client: ZOOKEEPER, testCount: 37 }
const builds = ZOOKEEPER.find()

if (!builds) {
  process.stderr.write(`SKIPPED: the package zookeeper does not build here; try: ${ZOOKEEPER.install}\n`)
  describe.runIf(false)('zookeeper (skipped: does not build here)', () => it('connects', () => undefined))
}

const describeIfBuilt: typeof describeWithEachServer = builds ? describeWithEachServer : () => undefined

describeIfBuilt(SUITE, (given) => {
  it.each([
    ['a persistent', FLAGS.persistent, undefined, /-$/],
    ['a sequential', FLAGS.sequence, undefined, /-0000000000$/],
    ['a container', FLAGS.container, undefined, /-$/],
    ['a TTL', FLAGS.ttl, TTL_MS, /-$/],
    ['a sequential TTL', FLAGS.ttlSequence, TTL_MS, /-0000000000$/],
  ])('creates %s znode', async (_, flags, ttlMs, name) => {
    const { zk, root } = await start(given)

    const path = await zk.create(`${root}/z-`, 'hello', flags, ttlMs)

    expect(path).toMatch(name)
    expect(await zk.exists(path, false)).toMatchObject({ ...fresh, dataLength: 5, ephemeralOwner: '0' })
  })

  it.each([
    ['an ephemeral', FLAGS.ephemeral, /-$/],
    ['a sequential ephemeral', FLAGS.ephemeralSequence, /-0000000000$/],
  ])('creates %s znode of its own', async (_, flags, name) => {
    const { zk, root } = await start(given)

    const path = await zk.create(`${root}/z-`, '', flags)

    expect(path).toMatch(name)
    expect(await zk.exists(path, false)).toMatchObject({
      ephemeralOwner: zk.client_id,
      createdInThisSession: true,
    })
  })

  it.each([
    ['what is there', CODES.nodeExists, ''],
    ['what has no parent', CODES.noNode, '/none/x'],
    ['below an ephemeral znode', CODES.noChildrenForEphemerals, '/e/x'],
  ])('does not create %s', async (_, code, path) => {
    const { zk, root } = await start(given)
    await zk.create(`${root}/e`, '', FLAGS.ephemeral)

    expect(await AddonClient.codeOf(zk.create(`${root}${path}`, '', 0))).toBe(code)
  })

  it('reads what it wrote', async () => {
    const { zk, root } = await start(given)

    expect(await zk.set(root, Buffer.from([0, 1, 255]), 0)).toMatchObject({ version: 1, dataLength: 3 })
    expect(await zk.get(root, false)).toEqual([
      expect.objectContaining({ ...fresh, version: 1, dataLength: 3 }),
      Buffer.from([0, 1, 255]),
    ])
  })

  it('reads a million bytes', async () => {
    const { zk, root } = await start(given)
    const data = Buffer.alloc(1_000_000, 7)
    await zk.set(root, data, -1)

    expect(data.equals((await zk.get(root, false))[1] ?? Buffer.alloc(0))).toBe(true)
  })

  it('reads nothing where there is no znode', async () => {
    const { zk, root } = await start(given)

    expect(await zk.pathExists(`${root}/none`, false)).toBe(false)
    expect(await AddonClient.codeOf(zk.get(`${root}/none`, false))).toBe(CODES.noNode)
    expect(await AddonClient.codeOf(zk.get_children(`${root}/none`, false))).toBe(CODES.noNode)
  })

  it('lists children, sent at once, with the Stat', async () => {
    const { zk, root } = await start(given)
    const names = Array.from({ length: 1_000 }, (_, each) => `child-with-a-long-name-${each}`)

    await Promise.all(names.map((name) => zk.create(`${root}/${name}`, '', 0)))
    const [children, stat] = await zk.get_children2(root, false)

    expect(children.sort()).toEqual(names.toSorted())
    expect((await zk.get_children(root, false)).sort()).toEqual(names.toSorted())
    expect(stat).toMatchObject({ numChildren: 1_000, cversion: 1_000 })
  })

  it('writes and deletes the version that it knows and no other', async () => {
    const { zk, root } = await start(given)
    await zk.create(`${root}/a`, '', 0)

    expect(await AddonClient.codeOf(zk.set(`${root}/a`, '', 3))).toBe(CODES.badVersion)
    expect(await AddonClient.codeOf(zk.delete_(`${root}/a`, 3))).toBe(CODES.badVersion)
    expect(await AddonClient.codeOf(zk.delete_(root, -1))).toBe(CODES.notEmpty)
    await zk.delete_(`${root}/a`, 0)
    expect(await AddonClient.codeOf(zk.delete_(`${root}/a`, -1))).toBe(CODES.noNode)
  })

  it('makes a path', async () => {
    const { zk, root } = await start(given)

    await new Promise((resolve) => zk.mkdirp(`${root}/a/b/c`, resolve))

    expect(await zk.get_children(`${root}/a/b`, false)).toEqual(['c'])
  })

  it('reads and writes an ACL', async () => {
    const { client, zk, root } = await start(given)

    expect(await zk.get_acl(root)).toEqual([[OPEN], expect.objectContaining({ aversion: 0 })])
    expect(await client.claim('digest', 'alice:pw')).toBe(0)
    await zk.set_acl(root, 0, [{ ...OPEN, perms: 1 }, ALICE])
    expect(await zk.get_acl(root)).toEqual([
      [{ ...OPEN, perms: 1 }, ALICE],
      expect.objectContaining({ aversion: 1 }),
    ])
    expect(await AddonClient.codeOf(zk.set_acl(root, 0, [OPEN]))).toBe(CODES.badVersion)
  })

  it('is refused what it may not do', async () => {
    const { zk, root } = await start(given)
    await zk.set_acl(root, -1, [{ ...OPEN, perms: 16 }])

    expect(await AddonClient.codeOf(zk.get(root, false))).toBe(CODES.noAuth)
    expect(await AddonClient.codeOf(zk.set(root, '', -1))).toBe(CODES.noAuth)
    expect(await AddonClient.codeOf(zk.create(`${root}/a`, '', 0))).toBe(CODES.noAuth)
    expect(await AddonClient.codeOf(zk.set_acl(root, -1, [{ ...OPEN, scheme: 'unheard' }]))).toBe(
      CODES.invalidAcl,
    )
  })

  it('syncs, and asks for the configuration', async () => {
    const { zk, root } = await start(given)

    await zk.sync(`${root}/none`)
    expect(await zk.getconfig(false)).toEqual([
      expect.objectContaining({ aversion: -1, dataLength: 0 }),
      Buffer.alloc(0),
    ])
    expect(await AddonClient.codeOf(zk.reconfig(null, '1', null, -1))).toBe(CODES.reconfigDisabled)
  })

  it.each([
    ['the znode appears', 'w_exists', 'create', ['created']],
    ['the data change', 'w_exists', 'set', ['changed']],
    ['the znode goes', 'w_exists', 'remove', ['deleted']],
    ['the data change', 'w_get', 'set', ['changed']],
    ['the znode goes', 'w_get', 'remove', ['deleted']],
    ['a child comes', 'w_get', 'addChild', []],
    ['a child comes', 'w_get_children', 'addChild', ['child']],
    ['the znode goes', 'w_get_children2', 'remove', ['deleted']],
    ['the data change', 'w_get_children2', 'set', []],
  ] as const)('when %s, a watch of %s hears of it once (%s)', async (_, watch, change, events) => {
    const { zk: writing, root } = await start(given)
    const watching = await AddonClient.to(given.server())
    const path = `${root}/a`
    if (change !== 'create') await writing.create(path, '', 0)
    await watching.zk[watch](path, watching.watcher).catch(() => undefined)

    await CHANGES[change](writing, path)

    expect(await watching.allHeard()).toEqual(events.map((event) => `watcher: ${event} ${path}`))
  })

  it('emits what the default watcher hears', async () => {
    const { zk: writing, root } = await start(given)
    const watching = await AddonClient.to(given.server())
    await AddonClient.codeOf(watching.zk.exists(`${root}/late`, true))
    await watching.zk.get(root, true)
    await watching.zk.get_children(root, true)

    await writing.set(root, '', -1)
    await writing.create(`${root}/late`, '', 0)

    expect(await watching.allHeard()).toEqual([`changed ${root}`, `created ${root}/late`, `child ${root}`])
  })

  it('has a session with an id, a password and the timeout that it asked for', async () => {
    const { zk } = await AddonClient.to(given.server(), { timeoutMs: 5_000 })

    expect(zk.timeout).toBe(5_000)
    expect(zk.client_id).toMatch(/^[0-9a-f]+$/)
    expect(zk.client_password).toMatch(/^[0-9A-F]{32}$/)
  })

  it('takes its ephemeral znodes with it', async () => {
    const { client, zk, root } = await start(given)
    const other = await AddonClient.to(given.server())
    await zk.create(`${root}/e`, '', FLAGS.ephemeral)
    await other.zk.w_exists(`${root}/e`, other.watcher)

    zk.close()
    await other.hears(`watcher: deleted ${root}/e`)

    expect(client.heard).toEqual(['close 0'])
  })

  it('goes on after its connection broke, with its watches, its identity and what it missed', async () => {
    const { client, proxy } = await behindProxy(given)
    const { zk: writing, root } = await start(given)
    await client.claim('digest', 'alice:pw')
    await writing.create(`${root}/secret`, 'x', 0)
    await writing.set_acl(`${root}/secret`, -1, [ALICE])
    await client.zk.create(`${root}/e`, '', FLAGS.ephemeral)
    await client.zk.w_get(root, client.watcher)
    await client.zk.w_get_children(root, client.watcher)
    await client.zk.w_exists(`${root}/later`, client.watcher).catch(() => undefined)

    await reconnect(client, { proxy, given }, () => writing.set(root, 'new', -1))

    expect(await client.allHeard()).toEqual([`watcher: changed ${root}`])
    expect((await client.zk.get(`${root}/secret`, false))[1]).toEqual(Buffer.from('x'))
    expect(await client.zk.exists(`${root}/e`, false)).toMatchObject({ createdInThisSession: true })
    await writing.create(`${root}/later`, '', 0)
    expect(await client.allHeard()).toEqual([`watcher: created ${root}/later`, `watcher: child ${root}`])
  })

  it('is resumed by another client that knows its password', async () => {
    const { client, proxy } = await behindProxy(given)
    const { client_id: id, client_password: password } = client.zk
    const path = await client.zk.create(given.newPath(), '', FLAGS.ephemeral)
    proxy.retarget(NOWHERE)
    proxy.cut()

    const next = await AddonClient.to(given.server(), { id, password })

    expect(next.zk.client_id).toBe(id)
    expect(await next.zk.exists(path, false)).toMatchObject({ createdInThisSession: true })
  })

  it('is not resumed with a wrong password', async () => {
    const { zk } = await start(given)
    const stranger = AddonClient.dialing(given.server(), { id: zk.client_id, password: '07'.repeat(16) })

    await stranger.hears(EXPIRED)

    expect(stranger.heard).toEqual([])
  })

  it('stays while it pings', async () => {
    const client = await AddonClient.to(given.server(), { timeoutMs: SHORT_MS })
    const path = await client.zk.create(given.newPath(), '', FLAGS.ephemeral)

    await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_MS))

    expect(await client.allHeard()).toEqual([])
    expect(await client.zk.exists(path, false)).toMatchObject({ createdInThisSession: true })
  })

  it('expires when it is not heard of', async () => {
    const { client, proxy } = await behindProxy(given, { timeoutMs: SHORT_MS })
    const other = await AddonClient.to(given.server())
    const path = await client.zk.create(given.newPath(), '', FLAGS.ephemeral)
    await other.zk.w_exists(path, other.watcher)
    proxy.retarget(NOWHERE)
    proxy.cut()

    await other.hears(`watcher: deleted ${path}`)
    proxy.retarget(given.server().port)

    await client.hears(EXPIRED)
  })

  it('ends with a scheme that nobody knows', async () => {
    const { client } = await start(given)

    expect(await client.claim('unheard', 'of')).toBe(CODES.authFailed)
  })
})

const fresh = { version: 0, cversion: 0, aversion: 0, numChildren: 0 }

type Zk = AddonClient['zk']

/** Each is done twice where that is possible: a watch is good for one event. */
const CHANGES = {
  create: (zk: Zk, path: string) => zk.create(path, '', 0).then(() => zk.set(path, '', -1)),
  set: (zk: Zk, path: string) => zk.set(path, '', -1).then(() => zk.set(path, '', -1)),
  addChild: (zk: Zk, path: string) => zk.create(`${path}/1`, '', 0).then(() => zk.create(`${path}/2`, '', 0)),
  remove: (zk: Zk, path: string) => zk.delete_(path, -1),
} as const

/** A client, and a znode of the test that it has created. */
async function start(given: Given): Promise<{ client: AddonClient; zk: Zk; root: string }> {
  const client = await AddonClient.to(given.server())
  return { client, zk: client.zk, root: await client.zk.create(given.newPath(), '', 0) }
}

/** A client whose connection can be broken. */
async function behindProxy(
  given: Given,
  options: AddonOptions = {},
): Promise<{ client: AddonClient; proxy: TcpProxy }> {
  const proxy = await TcpProxy.start(given.server().port)
  return { client: await AddonClient.to(proxy, { timeoutMs: PROXIED_MS, ...options }), proxy }
}

/** Breaks the connection, lets something happen, and lets the client in again. */
async function reconnect(
  client: AddonClient,
  { proxy, given }: { proxy: TcpProxy; given: Given },
  whileAway: () => Promise<unknown>,
): Promise<void> {
  proxy.retarget(NOWHERE)
  proxy.cut()
  await client.hears('connecting')
  await whileAway()
  proxy.retarget(given.server().port)
  await client.hears('connect')
}
