/** Dump and load: the tree in a form that people write and read. */
import { describe, expect, it } from 'vitest'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import { DataTree } from '../../src/server/data-tree.js'
import { loadOps } from '../../src/server/dump.js'
import {
  codeOf,
  failureOf,
  recordEvents,
  startServer,
  startWorld,
  text,
  worldACL,
} from '../semantics/fixture.js'

describe('dump', () => {
  it('is the data by path, null kept, bytes that are no text as base64', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/text', 'héllo \u{1f600}')
    await zk.create('/null')
    await zk.create('/empty', '')
    await zk.create('/bytes', new Uint8Array([0xff, 0, 1]))
    await zk.create('/nul', '\0')

    const dump = zoo.dump()

    expect(dump).toEqual({
      '/text': 'héllo \u{1f600}',
      '/null': null,
      '/empty': '',
      '/bytes': { base64: '/wAB' },
      '/nul': { base64: 'AA==' },
    })
  })

  it('leaves out /zookeeper, and the root as long as it has no data', async () => {
    const { zoo, zk } = await startWorld()
    const before = zoo.dump()

    await zk.setData('/', 'x')
    await zk.create('/zookeeperlike')

    expect([before, zoo.dump()]).toEqual([{}, { '/': 'x', '/zookeeperlike': null }])
  })

  it('has no prototype, so that no path is mistaken for a method', () => {
    expect(Object.getPrototypeOf(startServer().zoo.dump())).toBeNull()
  })

  it('keeps a byte order mark', async () => {
    const { zoo, zk } = await startWorld()

    await zk.create('/a', '\ufeffx')

    expect(zoo.dump()).toEqual({ '/a': '\ufeffx' })
  })

  it.each([[[0x80]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xef, 0xbf, 0xbd, 0xff]]])(
    'takes the broken UTF-8 %j for bytes',
    async (data) => {
      const { zoo, zk } = await startWorld()

      await zk.create('/a', new Uint8Array(data))

      expect(zoo.dump()['/a']).toHaveProperty('base64')
    },
  )
})

describe('load', () => {
  it('makes a tree with the same dump', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b', 'x')
    await zk.create('/c', new Uint8Array([255]))
    await zk.setData('/', 'root')
    const second = startServer().zoo

    second.load(zoo.dump())

    expect(second.dump()).toEqual(zoo.dump())
  })

  it('creates missing parents, sets what exists, and leaves the rest', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/old', 'x')
    await zk.create('/kept', 'x')

    zoo.load({ '/a/b/c': 'deep', '/old': 'new', '/a': 'parent' })

    expect(zoo.dump()).toEqual({
      '/old': 'new',
      '/kept': 'x',
      '/a': 'parent',
      '/a/b': null,
      '/a/b/c': 'deep',
    })
    expect((await zk.exists('/old'))?.version).toBe(1)
  })

  it('takes one zxid and tells those who watch', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })

    zoo.load({ '/a/b': 'x' })
    await zoo.settle()

    expect([zoo.reports.counts().zxid, events]).toEqual([2n, ['NodeCreated /a', 'NodeCreated /a/b']])
  })

  it('is stopped by no ACL', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a', 'x', { acl: worldACL(0) })

    zoo.load({ '/a': 'y', '/a/b': 'z' })

    expect(zoo.dump()).toEqual({ '/a': 'y', '/a/b': 'z' })
  })

  it('is refused as a whole below an ephemeral', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    const error = await failureOf(() => zoo.load({ '/a': 'x', '/e/x': 'y' }))

    expect(error).toMatchObject({ code: 'NOCHILDRENFOREPHEMERALS' })
    expect(zoo.dump()).toEqual({ '/e': null })
  })

  it('is refused as a whole over a limit', async () => {
    const { zoo } = startServer({ limits: { maxZnodes: 5 } })

    const error = await failureOf(() => zoo.load({ '/a': 'x', '/b': 'y' }))

    expect(error).toMatchObject({ code: 'QUOTAEXCEEDED' })
    expect(zoo.dump()).toEqual({})
  })

  it('writes below /zookeeper too, so that a quota holds from then on, which no dump shows', async () => {
    const { zoo, zk } = await startWorld({ server: { enforceQuota: true } })
    const limits = 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1'
    const quota = '/zookeeper/quota/q'

    zoo.load({ '/q': null, [`${quota}/zookeeper_limits`]: limits, [`${quota}/zookeeper_stats`]: null })

    expect(text((await zk.getData(`${quota}/zookeeper_limits`)).data)).toBe(limits)
    expect(await codeOf(zk.create('/q/n'))).toBe('QUOTAEXCEEDED')
    expect(zoo.dump()).toEqual({ '/q': null })
  })

  it('sets the data of /zookeeper itself too', async () => {
    const { zoo, zk } = await startWorld()

    zoo.load({ '/zookeeper': 'x', '/zookeeper/config': 'y' })

    const texts = [await zk.getData('/zookeeper'), await zk.getData('/zookeeper/config')]
    expect(texts.map(({ data }) => text(data))).toEqual(['x', 'y'])
    expect(zoo.dump()).toEqual({})
  })

  it('of nothing is fine', () => {
    const { zoo } = startServer()

    zoo.load({})

    expect(zoo.dump()).toEqual({})
  })

  it('takes base64 for bytes', async () => {
    const { zoo, zk } = await startWorld()

    zoo.load({ '/a': { base64: 'aGk=' }, '/b': { base64: '' } })

    expect([text((await zk.getData('/a')).data), text((await zk.getData('/b')).data)]).toEqual(['hi', ''])
  })

  it('says why the bytes cannot be read', async () => {
    const { zoo } = startServer()

    const error = await failureOf(() => zoo.load({ '/a': { base64: '?' } }))

    expect(error).toMatchObject({ name: 'TypeError', cause: expect.any(Error) })
  })

  it('is made of plain creates of any version', () => {
    const ops = loadOps({ '/a': null }, new DataTree())

    expect(ops).toEqual([
      { type: 'create', path: '/a', data: null, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT', ttlMs: -1 },
    ])
  })
})
