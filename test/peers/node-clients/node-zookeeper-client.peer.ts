/** node-zookeeper-client, unmodified: every call that it has and every watch that it knows. */
import { expect, it } from 'vitest'
import { describeWithEachServer, type Given } from './each-server.js'
import { installClients, NODE_ZOOKEEPER_CLIENT } from './npm-clients.js'
import { PromisedClient } from './promised-client.js'

const OPEN = { permission: 31, scheme: 'world', id: 'anyone' }
const CREATOR = { permission: 31, scheme: 'auth', id: '' }
/** What the digest scheme makes of alice:pw. */
const ALICE = { permission: 31, scheme: 'digest', id: 'alice:V55/p2T0OpjQ+low3NVAH4aLvm0=' }
/** The types of the results of a transaction. */
const RESULT = { error: -1, create: 1, remove: 2, setData: 5, check: 13 }
const NOBODY = Buffer.alloc(8)

await installClients()

const SUITE = { title: 'node-zookeeper-client', client: NODE_ZOOKEEPER_CLIENT, testCount: 36 }

describeWithEachServer(SUITE, (given) => {
  it('creates a persistent znode', async () => {
    const { client, root } = await start(given)

    expect(await client.create(`${root}/a`, { data: 'hello' })).toBe(`${root}/a`)
    expect(await client.exists(`${root}/a`)).toMatchObject({
      ...fresh,
      dataLength: 5,
      ephemeralOwner: NOBODY,
    })
  })

  it('creates an ephemeral znode of its own', async () => {
    const { client, root } = await start(given)

    expect(await client.create(`${root}/e`, { mode: 'EPHEMERAL' })).toBe(`${root}/e`)
    expect(await client.exists(`${root}/e`)).toMatchObject({ ...fresh, ephemeralOwner: client.sessionId })
  })

  it('numbers sequential znodes', async () => {
    const { client, root } = await start(given)

    const first = await client.create(`${root}/p-`, { mode: 'PERSISTENT_SEQUENTIAL' })
    const second = await client.create(`${root}/e-`, { mode: 'EPHEMERAL_SEQUENTIAL' })

    expect([first, second]).toEqual([`${root}/p-0000000000`, `${root}/e-0000000001`])
  })

  it.each([
    ['what is there', 'NODE_EXISTS', ''],
    ['what has no parent', 'NO_NODE', '/none/x'],
    ['below an ephemeral znode', 'NO_CHILDREN_FOR_EPHEMERALS', '/e/x'],
  ])('does not create %s', async (_, name, path) => {
    const { client, root } = await start(given)
    await client.create(`${root}/e`, { mode: 'EPHEMERAL' })

    await expect(client.create(`${root}${path}`)).rejects.toMatchObject({ name })
  })

  it('reads what it wrote', async () => {
    const { client, root } = await start(given)
    await client.create(`${root}/a`, { data: 'hällo' })

    expect(await client.getData(`${root}/a`)).toMatchObject({
      data: 'hällo',
      stat: { ...fresh, dataLength: 6 },
    })
  })

  it('tells no data from empty data', async () => {
    const { client, root } = await start(given)
    await client.create(`${root}/none`)
    await client.create(`${root}/empty`, { data: '' })

    expect((await client.getData(`${root}/none`)).data).toBeUndefined()
    expect((await client.getData(`${root}/empty`)).data).toBe('')
  })

  it('reads a million bytes', async () => {
    const { client, root } = await start(given)
    const data = 'x'.repeat(1_000_000)
    await client.create(`${root}/large`, { data })

    expect((await client.getData(`${root}/large`)).data).toBe(data)
  })

  it('lists thousands of children, sent at once', async () => {
    const { client, root } = await start(given)
    const names = Array.from({ length: 3_000 }, (_, each) => `child-with-a-long-name-${each}`)

    const paths = await Promise.all(names.map((name) => client.create(`${root}/${name}`)))
    const { children, stat } = await client.getChildren(root)

    expect(paths).toEqual(names.map((name) => `${root}/${name}`))
    expect(children).toEqual(names.toSorted())
    expect(stat).toMatchObject({ numChildren: 3_000, cversion: 3_000 })
  })

  it('reads nothing where there is no znode', async () => {
    const { client, root } = await start(given)

    expect(await client.exists(`${root}/none`)).toBeNull()
    await expect(client.getData(`${root}/none`)).rejects.toMatchObject({ name: 'NO_NODE' })
    await expect(client.getChildren(`${root}/none`)).rejects.toMatchObject({ name: 'NO_NODE' })
  })

  it('writes the version that it knows and no other', async () => {
    const { client, root } = await start(given)

    expect(await client.setData(root, 'one', 0)).toMatchObject({ version: 1, dataLength: 3 })
    await expect(client.setData(root, 'two', 0)).rejects.toMatchObject({ name: 'BAD_VERSION' })
    expect(await client.setData(root, 'three')).toMatchObject({ version: 2, dataLength: 5 })
  })

  it('removes the version that it knows and no other', async () => {
    const { client, root } = await start(given)
    await client.create(`${root}/a`)

    await expect(client.remove(`${root}/a`, 3)).rejects.toMatchObject({ name: 'BAD_VERSION' })
    await client.remove(`${root}/a`, 0)
    await expect(client.remove(`${root}/a`)).rejects.toMatchObject({ name: 'NO_NODE' })
  })

  it('does not remove a znode with children', async () => {
    const { client, root } = await start(given)
    await client.create(`${root}/a`)

    await expect(client.remove(root)).rejects.toMatchObject({ name: 'NOT_EMPTY' })
  })

  it('makes a path, lists what is below and removes it', async () => {
    const { client, root } = await start(given)

    expect(await client.mkdirp(`${root}/a/b/c`)).toBe(`${root}/a/b/c`)
    expect(await client.listSubTree(`${root}/a/b`)).toEqual([`${root}/a/b`, `${root}/a/b/c`])
    await client.removeRecursive(`${root}/a/b`)
    expect((await client.getChildren(`${root}/a`)).children).toEqual([])
  })

  it('is told of no znode when it removes one that is gone', async () => {
    const { client, root } = await start(given)

    await expect(client.removeRecursive(`${root}/none`)).rejects.toMatchObject({ name: 'NO_NODE' })
  })

  it('commits a transaction with the result of each operation', async () => {
    const { client, root } = await start(given)

    const { error, results } = await client.commit((transaction) =>
      transaction
        .create(`${root}/a`, Buffer.from('1'))
        .check(`${root}/a`)
        .setData(`${root}/a`, Buffer.from('22'), -1)
        .create(`${root}/s-`, Buffer.from(''), 3)
        .remove(`${root}/a`, 1),
    )

    expect(error).toBeUndefined()
    expect(results).toMatchObject([
      { type: RESULT.create, path: `${root}/a` },
      { type: RESULT.check },
      { type: RESULT.setData, stat: { version: 1, dataLength: 2 } },
      { type: RESULT.create, path: `${root}/s-0000000001` },
      { type: RESULT.remove },
    ])
  })

  it('commits nothing of a transaction that fails, and says where', async () => {
    const { client, root } = await start(given)

    const { error, results } = await client.commit((transaction) =>
      transaction.create(`${root}/a`).check(root, 7).remove(root),
    )

    expect(error).toBe('BAD_VERSION')
    expect(results).toMatchObject([
      { type: RESULT.error, err: 0 },
      { type: RESULT.error, err: -103 },
      { type: RESULT.error, err: -2 },
    ])
    expect(await client.exists(`${root}/a`)).toBeNull()
  })

  it('commits an empty transaction', async () => {
    const { client } = await start(given)

    expect(await client.commit((transaction) => transaction)).toEqual({ error: undefined, results: [] })
  })

  it('reads and writes an ACL', async () => {
    const { client, root } = await start(given)

    expect(await client.getAcl(root)).toMatchObject({ acl: [OPEN], stat: { aversion: 0 } })
    expect(await client.setAcl(root, [{ ...OPEN, permission: 3 }, ALICE], 0)).toMatchObject({ aversion: 1 })
    await expect(client.setAcl(root, [OPEN], 0)).rejects.toMatchObject({ name: 'NO_AUTH' })
    expect((await client.getAcl(root)).acl).toEqual([
      { ...OPEN, permission: 3 },
      { ...ALICE, id: 'alice:x' },
    ])
  })

  it('is known by its digest', async () => {
    const { client, root } = await start(given)
    const stranger = await PromisedClient.to(given.server())
    client.claim('digest', 'alice:pw')

    await client.create(`${root}/mine`, { data: 'secret', acl: [CREATOR] })

    expect((await client.getAcl(`${root}/mine`)).acl).toEqual([ALICE])
    expect((await client.getData(`${root}/mine`)).data).toBe('secret')
    await expect(stranger.getData(`${root}/mine`)).rejects.toMatchObject({ name: 'NO_AUTH' })
    await expect(stranger.setData(`${root}/mine`, '')).rejects.toMatchObject({ name: 'NO_AUTH' })
  })

  it.each([
    ['nobody', CREATOR],
    ['half a digest', { ...ALICE, id: 'alice' }],
    ['an unknown scheme', { ...ALICE, scheme: 'unheard' }],
  ])('is not given an ACL of %s', async (_, entry) => {
    const { client, root } = await start(given)

    await expect(client.create(`${root}/a`, { acl: [entry] })).rejects.toMatchObject({ name: 'INVALID_ACL' })
  })

  it('sees its own paths below a chroot', async () => {
    const { client, root } = await start(given)
    const inside = await PromisedClient.to({ connectString: `${given.server().connectString}${root}` })

    expect(await inside.create('/a')).toBe('/a')
    await inside.exists('/b', inside.watcher)
    await client.create(`${root}/b`)

    expect((await inside.getChildren('/')).children).toEqual(['a', 'b'])
    expect(inside.events).toEqual(['NODE_CREATED /b'])
    expect((await inside.commit((transaction) => transaction.remove('/a'))).error).toBeUndefined()
  })

  it.each([
    ['the znode appears', 'exists', 'create', ['NODE_CREATED /a']],
    ['the data change', 'exists', 'setData', ['NODE_DATA_CHANGED /a']],
    ['the znode goes', 'exists', 'remove', ['NODE_DELETED /a']],
    ['the data change', 'getData', 'setData', ['NODE_DATA_CHANGED /a']],
    ['the znode goes', 'getData', 'remove', ['NODE_DELETED /a']],
    ['a child comes', 'getChildren', 'addChild', ['NODE_CHILDREN_CHANGED /a']],
    ['the znode goes', 'getChildren', 'remove', ['NODE_DELETED /a']],
    ['the data change', 'getChildren', 'setData', []],
    ['a child comes', 'getData', 'addChild', []],
  ] as const)('when %s, a watch of %s hears of it once (%s)', async (_, watch, change, events) => {
    const { client: writing, root } = await start(given)
    const watching = await PromisedClient.to(given.server())
    const path = `${root}/a`
    if (change !== 'create') await writing.create(path)
    await watching[watch](path, watching.watcher)

    await CHANGES[change](writing, path)
    await watching.settle()

    expect(watching.events).toEqual(events.map((event) => event.replace('/a', path)))
  })

  it('hears of a change of its own before its answer', async () => {
    const { client, root } = await start(given)
    await client.getData(root, client.watcher)

    await client.setData(root, 'new')

    expect(client.events).toEqual([`NODE_DATA_CHANGED ${root}`])
  })

  it('hears nothing of a watch that was used up', async () => {
    const { client, root } = await start(given)
    await client.getData(root, client.watcher)
    await client.setData(root, '1')

    await client.setData(root, '2')

    expect(client.events).toEqual([`NODE_DATA_CHANGED ${root}`])
  })
})

const fresh = { version: 0, cversion: 0, aversion: 0, numChildren: 0 }

/** Each is done twice where that is possible: a watch is good for one event. */
const CHANGES = {
  create: (client: PromisedClient, path: string) => client.create(path).then(() => client.setData(path, '')),
  setData: (client: PromisedClient, path: string) =>
    client.setData(path, '').then(() => client.setData(path, '')),
  addChild: (client: PromisedClient, path: string) =>
    client.create(`${path}/1`).then(() => client.create(`${path}/2`)),
  remove: (client: PromisedClient, path: string) => client.remove(path),
} as const

/** A client, and a znode of the test that it has created. */
async function start(given: Given): Promise<{ client: PromisedClient; root: string }> {
  const client = await PromisedClient.to(given.server())
  return { client, root: await client.create(given.newPath()) }
}
