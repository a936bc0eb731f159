/**
 * Bugs that ZooKeeper and its clients once had with permissions and ACLs (88 to 91 of the bank). Each test fails if zoolet has the
 * bug.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  type ACL,
  type Code,
  digestId,
  EmbeddedZooKeeper,
  Perms,
  READ_ACL_UNSAFE,
  type ZooKeeper,
} from '../../src/index.js'
import { dial, type Network, startNetwork } from '../node/network.js'
import { brokenInServer } from '../property/invariants.js'
import { hex, join } from '../protocol/hex.js'
import {
  allBut,
  auth,
  codeOf,
  connectRaw,
  create,
  messageOf,
  read,
  setACL,
  startServer,
  startWorld,
  worldACL,
} from '../semantics/fixture.js'
import { requestFrame, WireWorld } from '../transport/fake-link.js'

const DOORS = ['in process', 'over TCP'] as const

/** A client below a chroot, through one of the doors. */
function connectBelow({ zoo, endpoint }: Network, door: string, chroot: string): Promise<ZooKeeper> {
  return door === 'over TCP' ? dial(endpoint.connectString, { chroot }) : zoo.connect({ chroot })
}

describe('88. ZK-1392 (CVE-2019-0201), 2590: getACL and exists without a permission', () => {
  const rows: readonly (readonly [string, number, Code, Code])[] = [
    ['none', 0, 'NOAUTH', 'NOAUTH'],
    ['READ', Perms.READ, 'OK', 'OK'],
    ['ADMIN', Perms.ADMIN, 'OK', 'NOAUTH'],
    ['all but these two', Perms.ALL & ~Perms.READ & ~Perms.ADMIN, 'NOAUTH', 'NOAUTH'],
  ]

  it.each(rows)('with %s', async (_name, perms, getACL, exists) => {
    const { zoo, endpoint } = await startNetwork()
    await (await zoo.connect()).create('/a', null, { acl: worldACL(perms) })
    const codes: Code[][] = []

    for (const zk of [await zoo.connect(), await dial(endpoint.connectString)])
      codes.push([await codeOf(zk.getACL('/a')), await codeOf(zk.exists('/a'))])

    expect(codes).toEqual([
      [getACL, exists],
      [getACL, exists],
    ])
  })

  it('digests are shown to those who may administer the znode, and to nobody else', async () => {
    const { zoo, zk } = await startWorld()
    const own = { perms: Perms.ALL, scheme: 'digest', id: digestId('alice:pw') }
    const acl: ACL[] = [own, ...worldACL(Perms.READ)]
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.create('/a', null, { acl })
    const stranger = await zoo.connect()

    expect((await zk.getACL('/a')).acl).toEqual(acl)
    expect((await stranger.getACL('/a')).acl[0]?.id).toBe('alice:x')
  })

  it('exists without READ is allowed in version 3.8, as 3.8.0 does it', () => {
    const [now, then] = (['3.9', '3.8'] as const).map((compatibility) => {
      const raw = connectRaw(startServer({ compatibility }).zoo)
      raw.ask(create('/a', { acl: allBut('READ') }))
      return raw.code(read('exists', '/a'))
    })

    expect([now, then]).toEqual(['NOAUTH', 'OK'])
  })
})

describe('89. ZK-1055, 2804, 1877, 489, 2141, 3306, 3531, 4846: ACLs that crash, leak or get lost', () => {
  describe('ZK-1055, 2804, 1877, 489: a duplicate, null or malformed ACL crashes', () => {
    const bad: readonly (readonly [string, ACL[]])[] = [
      ['nobody', []],
      ['an unknown scheme', [{ perms: 31, scheme: 'x', id: 'y' }]],
      ['an empty scheme', [{ perms: 31, scheme: '', id: '' }]],
      ['another id of the world', [{ perms: 31, scheme: 'world', id: 'somebody' }]],
      ['a digest without a colon', [{ perms: 31, scheme: 'digest', id: 'alice' }]],
      ['no address', [{ perms: 31, scheme: 'ip', id: '300.1.2.3' }]],
      ['bits of no address', [{ perms: 31, scheme: 'ip', id: '10.0.0.0/33' }]],
      ['oneself, who is nobody', [{ perms: 31, scheme: 'auth', id: '' }]],
      ['a good entry and a bad one', [...worldACL(31), { perms: 31, scheme: 'x', id: '' }]],
    ]

    it.each(bad)(
      '%s: INVALIDACL (-114) of each operation that takes one, and the server lives',
      (_name, acl) => {
        const { zoo } = startServer()
        const raw = connectRaw(zoo)
        raw.ask(create('/a'))

        const codes = [
          raw.code(create('/n', { acl })),
          raw.code(create('/n', { acl, mode: 'CONTAINER' })),
          raw.code(setACL('/a', acl)),
        ]
        const inMulti = raw.ask({ type: 'multi', ops: [create('/m'), create('/n', { acl })] })?.response

        expect(codes).toEqual(['INVALIDACL', 'INVALIDACL', 'INVALIDACL'])
        expect(inMulti).toMatchObject({ results: [{ code: 'OK' }, { code: 'INVALIDACL' }] })
        expect(raw.code(create('/alive'))).toBe('OK')
        expect(brokenInServer(zoo.reports)).toEqual([])
      },
    )

    it.each([
      ['a null list', 'ff ff ff ff'],
      ['a list of fewer than none', '80 00 00 00'],
      ['null for scheme and id', '00 00 00 01 | 00 00 00 1f | ff ff ff ff | ff ff ff ff'],
      ['null for the id', '00 00 00 01 | 00 00 00 1f | 00 00 00 05 "world" | ff ff ff ff'],
    ])('over a wire %s is no better, and the next request is served', (_name, list) => {
      const world = new WireWorld()
      const peer = world.connect()
      peer.ask(1, create('/a'))
      const body = join(hex('00 00 00 02 | 00 00 00 07 | 00 00 00 02 "/a"'), hex(list), hex('ff ff ff ff'))

      peer.send(Uint8Array.of(0, 0, 0, body.length), body, requestFrame(3, create('/alive')))

      expect(peer.takeHeard()).toEqual(['1 OK', '2 INVALIDACL', '3 OK'])
      expect(peer.link.log).toEqual([])
    })

    it('a duplicate is stored once, wherever it stands', async () => {
      const { zk } = await startWorld()
      const one = { perms: Perms.READ, scheme: 'world', id: 'anyone' }
      const other = { ...one, perms: Perms.ADMIN }

      await zk.create('/a', null, { acl: [one, other, one, { ...other }, one] })

      expect((await zk.getACL('/a')).acl).toEqual([one, other])
    })

    it('the client refuses what is no entry before it sends it', async () => {
      const { zk } = await startWorld()
      const entries: unknown[] = [null, {}, { perms: 31 }, { perms: 'all', scheme: 'world', id: 'anyone' }, 7]

      for (const entry of entries) {
        const acl = JSON.parse(JSON.stringify([entry]))
        expect(await messageOf(() => zk.setACL('/', acl))).toMatch(/^(TypeError|RangeError): /)
        expect(await messageOf(() => zk.create('/n', null, { acl }))).toMatch(/^(TypeError|RangeError): /)
      }
    })
  })

  describe('ZK-2141, 3306, 3531, 4846: the cache of ACLs leaks, or loses one that is in use', () => {
    const idOf = (i: number): string => `user${i}:${'x'.repeat(1000)}`
    const aclOf = (i: number): ACL[] => [{ perms: 31, scheme: 'digest', id: idOf(i) }, ...worldACL(31)]

    it('every znode keeps its own through 2,000 changes, deletions and restarts', () => {
      let { zoo } = startServer()
      let raw = connectRaw(zoo)
      const model = new Map<string, number>()
      for (let i = 0; i < 2000; i++) {
        const path = `/n-${(i * 7) % 13}`
        // Few lists for many znodes, so that some are shared, and are left by one while another has them.
        const which = (i * 5) % 11
        if (!model.has(path)) raw.ask(create(path, { acl: aclOf(which) }))
        else if (i % 17 === 0) raw.ask({ type: 'delete', path, version: -1 })
        else raw.ask(setACL(path, aclOf(which)))
        if (model.has(path) && i % 17 === 0) model.delete(path)
        else model.set(path, which)
        if (i % 250 !== 249) continue
        zoo = new EmbeddedZooKeeper({ clock: zoo.clock, snapshot: structuredClone(zoo.snapshot()) })
        raw = connectRaw(zoo)
      }

      const found = zoo.reports.znodes().filter(({ path }) => path.startsWith('/n-'))
      expect(new Map(found.map(({ path, acl }) => [path, acl]))).toEqual(
        new Map(found.map(({ path }) => [path, aclOf(model.get(path) ?? -1)])),
      )
      expect(found.length).toBe(model.size)
    })

    it('20,000 lists that nobody has any more take no memory', () => {
      setFlagsFromString('--expose-gc')
      const collect: unknown = runInNewContext('gc')
      const heapBytes = (): number => {
        if (typeof collect === 'function') collect()
        return process.memoryUsage().heapUsed
      }
      const { zoo } = startServer()
      const raw = connectRaw(zoo)
      raw.ask(create('/a'))
      const change = (from: number, to: number): void => {
        for (let i = from; i < to; i++) {
          raw.ask(setACL('/a', aclOf(i)))
          raw.replies.length = 0
          raw.log.length = 0
        }
      }

      change(0, 1000)
      const before = heapBytes()
      change(1000, 21_000)
      const grownBytes = heapBytes() - before

      // What is kept of each would be a thousand characters and more.
      expect(grownBytes).toBeLessThan(5_000_000)
      expect(zoo.reports.znodes().find(({ path }) => path === '/a')?.acl[0]?.id).toBe(idOf(20_999))
    })
  })
})

describe('90. ZK-433: getACL on "/" fails', () => {
  it.each(DOORS)('it gives the ACL of the root, before and after it was set, %s', async (door) => {
    const network = await startNetwork()
    const zk = await connectBelow(network, door, '')
    const before = await zk.getACL('/')

    const stat = await zk.setACL('/', [...worldACL(31), ...worldACL(Perms.READ)], before.stat.aversion)
    const after = await zk.getACL('/')

    expect(before).toMatchObject({ acl: worldACL(31), stat: { aversion: 0 } })
    expect(after).toEqual({ acl: [...worldACL(31), ...worldACL(Perms.READ)], stat })
    expect(stat.aversion).toBe(1)
  })

  it.each(DOORS)('below a chroot it gives that of the chroot, %s', async (door) => {
    const network = await startNetwork()
    await (await network.zoo.connect()).create('/base', null, { acl: READ_ACL_UNSAFE })

    const { acl } = await (await connectBelow(network, door, '/base')).getACL('/')

    expect(acl).toEqual(READ_ACL_UNSAFE)
  })

  it('and /zookeeper has one, too', () => {
    const raw = connectRaw(startServer().zoo)

    const codes = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'].map((path) =>
      raw.code({ type: 'getACL', path }),
    )

    expect(codes).toEqual(['OK', 'OK', 'OK', 'OK'])
  })
})

describe('91. CUR-715: mkdirs fails below a parent that may not be read', () => {
  it.each(DOORS)('createAll looks from the bottom up, %s', async (door) => {
    const network = await startNetwork()
    const whole = await network.zoo.connect()
    await whole.create('/closed', null, { acl: worldACL(0) })
    await whole.create('/half', null, { acl: allBut('READ') })
    const zk = await connectBelow(network, door, '')

    const made = [
      await zk.createAll('/half/x/y'),
      await zk.createAll('/half/x/y/z'),
      await zk.createAll('/half/x/y'),
    ]
    const code = await codeOf(zk.createAll('/closed/x/y'))

    expect(made).toEqual(['/half/x/y', '/half/x/y/z', '/half/x/y'])
    expect(code).toBe('NOAUTH')
    expect(Object.keys(network.zoo.dump())).toEqual([
      '/closed',
      '/half',
      '/half/x',
      '/half/x/y',
      '/half/x/y/z',
    ])
  })

  it('it goes through a closed parent to an open child, and below a chroot that may not be read', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/closed/open')
    connectRaw(zoo).ask(setACL('/closed', worldACL(0)))
    connectRaw(zoo).ask(setACL('/', allBut('READ')))
    const below = await zoo.connect({ chroot: '/closed' })

    const made = [
      await zk.createAll('/closed/open/a/b'),
      await zk.createAll('/top/a'),
      await below.createAll('/open/c'),
    ]

    expect(made).toEqual(['/closed/open/a/b', '/top/a', '/open/c'])
    expect(await codeOf(below.createAll('/new'))).toBe('NOAUTH')
  })

  it('an identity that may helps, and a refusal leaves no half of the way', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.create('/hers', null, { acl: [{ perms: 31, scheme: 'auth', id: '' }] })
    const raw = connectRaw(zoo)
    const stranger = await zoo.connect()

    const codes = [await codeOf(stranger.createAll('/hers/a/b')), await codeOf(zk.createAll('/hers/a/b'))]

    expect(codes).toEqual(['NOAUTH', 'OK'])
    expect(raw.code(auth('digest', 'alice:pw'))).toBe('OK')
    expect(raw.code(read('getData', '/hers/a/b'))).toBe('OK')
  })
})
