/** Quotas (reference 11): what they count, whom they warn, what they refuse, and what they leave untouched. */
import { describe, expect, it } from 'vitest'
import { type Code, type InspectionEvent, Op, type ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents, startServer, startWorld, text, type World } from './fixture.js'

const QUOTA = '/zookeeper/quota'

interface GivenQuota {
  /** The data of the limits znode. */
  readonly limits: string
  readonly path?: string
}

async function setQuota(zk: ZooKeeper, { limits, path = '/q' }: GivenQuota): Promise<void> {
  await zk.createAll(`${QUOTA}${path}/zookeeper_limits`, limits)
  await zk.create(`${QUOTA}${path}/zookeeper_stats`)
}

async function statsOf(zk: ZooKeeper, path = '/q'): Promise<string | null> {
  return text((await zk.getData(`${QUOTA}${path}/zookeeper_stats`)).data)
}

/** A server with /q and a quota on it. */
async function startWithQuota(limits: string, enforceQuota = true): Promise<World> {
  const world = await startWorld({ server: { enforceQuota } })
  await world.zk.create('/q')
  await setQuota(world.zk, { limits })
  return world
}

function hard(count: number, bytes: number): string {
  return `count=-1,bytes=-1=;byteHardLimit=${bytes};countHardLimit=${count}`
}

describe('the statistics of a quota', () => {
  it('begin with what is there, the znode itself included, whatever they were created with', async () => {
    const { zk } = await startWorld()
    await zk.create('/q', '12')
    await zk.create('/q/a', '345')
    await zk.createAll('/q/b/c', '6')
    await zk.createAll(`${QUOTA}/q/zookeeper_limits`, 'count=10,bytes=10')

    await zk.create(`${QUOTA}/q/zookeeper_stats`, 'count=77,bytes=77')

    expect(await statsOf(zk)).toBe('count=4,bytes=6')
  })

  it('are zero for a path that does not exist yet', async () => {
    const { zk } = await startWorld()

    await setQuota(zk, { limits: 'count=10,bytes=10' })
    const before = await statsOf(zk)
    await zk.create('/q', 'abc')

    expect([before, await statsOf(zk)]).toEqual(['count=0,bytes=0', 'count=1,bytes=3'])
  })

  const changes: readonly (readonly [string, (zk: ZooKeeper) => Promise<unknown>, string])[] = [
    ['a create', (zk) => zk.create('/q/n', 'xy'), 'count=3,bytes=5'],
    ['a create without data', (zk) => zk.create('/q/n'), 'count=3,bytes=3'],
    ['a create of an ephemeral', (zk) => zk.create('/q/n', 'x', { mode: 'EPHEMERAL' }), 'count=3,bytes=4'],
    ['a delete', (zk) => zk.delete('/q/a'), 'count=1,bytes=0'],
    ['a setData to more', (zk) => zk.setData('/q/a', 'abcd'), 'count=2,bytes=4'],
    ['a setData to less', (zk) => zk.setData('/q/a', 'a'), 'count=2,bytes=1'],
    ['a setData to null', (zk) => zk.setData('/q/a', null), 'count=2,bytes=0'],
    ['a setData of the top itself', (zk) => zk.setData('/q', 'x'), 'count=2,bytes=4'],
    ['a setACL', async (zk) => zk.setACL('/q/a', (await zk.getACL('/q/a')).acl), 'count=2,bytes=3'],
    [
      'a multi',
      (zk) => zk.multi([Op.create('/q/b', 'x'), Op.delete('/q/a'), Op.setData('/q', 'yy')]),
      'count=2,bytes=3',
    ],
    [
      'a failed multi',
      (zk) => codeOf(zk.multi([Op.create('/q/b', 'x'), Op.check('/gone')])),
      'count=2,bytes=3',
    ],
    ['a failed create', (zk) => codeOf(zk.create('/q/a', 'x')), 'count=2,bytes=3'],
    ['a change beside it', (zk) => zk.create('/qq', 'x'), 'count=2,bytes=3'],
  ]

  it.each(changes)('after %s', async (_, change, expected) => {
    const { zk } = await startWorld()
    await zk.create('/q')
    await zk.create('/q/a', 'abc')
    await setQuota(zk, { limits: 'count=100,bytes=100' })

    await change(zk)

    expect(await statsOf(zk)).toBe(expected)
  })

  it('shrink with the ephemerals of a session that ends', async () => {
    const { zoo, zk } = await startWithQuota('count=10,bytes=10')
    const other = await zoo.connect()
    await other.create('/q/e', 'abc', { mode: 'EPHEMERAL' })

    await other.close()

    expect(await statsOf(zk)).toBe('count=1,bytes=0')
  })

  it('are rewritten without version, zxid, time or event [trap 42]', async () => {
    const { clock, zk } = await startWithQuota('count=10,bytes=10')
    const path = `${QUOTA}/q/zookeeper_stats`
    const before = await zk.exists(path)
    const { events, watcher } = recordEvents()
    await zk.getData(path, { watcher })
    await zk.addWatch(path, watcher)
    await zk.addWatch(QUOTA, watcher, { recursive: true })
    await clock.advance(1000)

    await zk.create('/q/n', '1234567')

    expect(events).toEqual([])
    expect({ ...(await zk.exists(path)) }).toEqual({ ...before, dataLength: 'count=2,bytes=7'.length })
  })

  it('go on from what somebody wrote into them, and from zero if that is no statistics', async () => {
    const { zk } = await startWithQuota('count=10,bytes=10')

    await zk.setData(`${QUOTA}/q/zookeeper_stats`, 'count=5,bytes=5')
    await zk.create('/q/a', 'x')
    const first = await statsOf(zk)
    await zk.setData(`${QUOTA}/q/zookeeper_stats`, 'nonsense')
    await zk.create('/q/b', 'x')

    expect([first, await statsOf(zk)]).toEqual(['count=6,bytes=6', 'count=1,bytes=1'])
  })

  it('stay as they are once the limits are deleted', async () => {
    const { zk } = await startWithQuota('count=10,bytes=10')
    await zk.create('/q/a', 'x')

    await zk.delete(`${QUOTA}/q/zookeeper_limits`)
    await zk.create('/q/b', 'x')

    expect(await statsOf(zk)).toBe('count=2,bytes=1')
  })

  it('are not needed: without them nothing is counted or refused', async () => {
    const { zk } = await startWorld({ server: { enforceQuota: true } })
    await zk.create('/q')
    await zk.createAll(`${QUOTA}/q/zookeeper_limits`, hard(0, 0))

    expect(await codeOf(zk.create('/q/a', 'x'))).toBe('OK')
    expect(await zk.exists(`${QUOTA}/q/zookeeper_stats`)).toBeNull()
  })
})

describe('nested quotas', () => {
  it('charge the nearest one alone', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/q/in')
    await setQuota(zk, { limits: 'count=10,bytes=10' })
    await setQuota(zk, { limits: 'count=10,bytes=10', path: '/q/in' })

    await zk.create('/q/in/a', 'xyz')
    await zk.create('/q/b', 'x')

    expect([await statsOf(zk), await statsOf(zk, '/q/in')]).toEqual(['count=3,bytes=1', 'count=2,bytes=3'])
  })

  it('let the outer one drift once the inner one is gone', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/q/in')
    await setQuota(zk, { limits: 'count=10,bytes=10' })
    await setQuota(zk, { limits: 'count=10,bytes=10', path: '/q/in' })
    await zk.create('/q/in/a', 'xyz')

    await zk.delete(`${QUOTA}/q/in/zookeeper_limits`)
    await zk.delete('/q/in/a')

    expect(await statsOf(zk)).toBe('count=1,bytes=-3')
  })

  it('are found name by name: /q is not above /qq', async () => {
    const { zk } = await startWithQuota(hard(1, 0))

    expect(await codeOf(zk.create('/qq', 'x'))).toBe('OK')
  })
})

describe('a hard limit', () => {
  const cases: readonly (readonly [string, string, (zk: ZooKeeper) => Promise<unknown>, Code])[] = [
    ['a create up to the count', hard(2, -1), (zk) => zk.create('/q/a'), 'OK'],
    ['a create over the count', hard(1, -1), (zk) => zk.create('/q/a'), 'QUOTAEXCEEDED'],
    ['a create up to the bytes', hard(-1, 3), (zk) => zk.create('/q/a', 'abc'), 'OK'],
    ['a create over the bytes', hard(-1, 2), (zk) => zk.create('/q/a', 'abc'), 'QUOTAEXCEEDED'],
    ['a create without data and no bytes left', hard(-1, 0), (zk) => zk.create('/q/a'), 'OK'],
    ['a limit of 0', hard(0, -1), (zk) => zk.create('/q/a'), 'QUOTAEXCEEDED'],
    ['an ephemeral', hard(1, -1), (zk) => zk.create('/q/a', null, { mode: 'EPHEMERAL' }), 'QUOTAEXCEEDED'],
    ['a container', hard(1, -1), (zk) => zk.create('/q/a', null, { mode: 'CONTAINER' }), 'QUOTAEXCEEDED'],
    ['a setData up to the bytes', hard(-1, 3), (zk) => zk.setData('/q', 'abc'), 'OK'],
    ['a setData over the bytes', hard(-1, 2), (zk) => zk.setData('/q', 'abc'), 'QUOTAEXCEEDED'],
    ['a setData without more bytes', hard(0, 0), (zk) => zk.setData('/q', ''), 'OK'],
    ['a delete', hard(0, 0), (zk) => zk.delete('/q'), 'OK'],
    [
      'a multi over the count',
      hard(2, -1),
      (zk) => zk.multi([Op.create('/q/a'), Op.create('/q/b')]),
      'QUOTAEXCEEDED',
    ],
    [
      'a multi that makes room first',
      hard(2, -1),
      (zk) => zk.multi([Op.create('/q/a'), Op.delete('/q/a'), Op.create('/q/b')]),
      'OK',
    ],
    [
      'a multi over the bytes',
      hard(-1, 3),
      (zk) => zk.multi([Op.setData('/q', 'ab'), Op.create('/q/a', 'cd')]),
      'QUOTAEXCEEDED',
    ],
    ['a change elsewhere', hard(0, 0), (zk) => zk.create('/r', 'abc'), 'OK'],
    ['limits without a hard one', 'count=0,bytes=0', (zk) => zk.create('/q/a', 'x'), 'OK'],
  ]

  it.each(cases)('answers %s under %s', async (_, limits, change, code) => {
    const { zk } = await startWithQuota(limits)

    expect(await codeOf(change(zk))).toBe(code)
  })

  it.each(cases)('is not enforced unless it is switched on: %s under %s', async (_, limits, change) => {
    const { zk } = await startWithQuota(limits, false)

    expect(await codeOf(change(zk))).toBe('OK')
  })

  it('refuses to shrink as long as the total stays above it', async () => {
    const { zk } = await startWithQuota(hard(-1, -1))
    await zk.setData('/q', '0123456789')
    await zk.setData(`${QUOTA}/q/zookeeper_limits`, hard(-1, 5))

    const codes = [await codeOf(zk.setData('/q', '012345')), await codeOf(zk.setData('/q', '01234'))]

    expect(codes).toEqual(['QUOTAEXCEEDED', 'OK'])
  })

  it('counts the nearest quota and not the outer one', async () => {
    const { zk } = await startWithQuota(hard(1, -1))
    await zk.setData(`${QUOTA}/q/zookeeper_limits`, hard(2, -1))
    await zk.create('/q/in')
    await setQuota(zk, { limits: hard(-1, -1), path: '/q/in' })

    expect([await codeOf(zk.create('/q/in/a')), await codeOf(zk.create('/q/b'))]).toEqual([
      'OK',
      'QUOTAEXCEEDED',
    ])
  })

  it('no longer holds once its znode is deleted, and holds again once it is back', async () => {
    const { zk } = await startWithQuota(hard(1, -1))
    await zk.delete(`${QUOTA}/q/zookeeper_limits`)
    const between = await codeOf(zk.create('/q/a'))

    await zk.create(`${QUOTA}/q/zookeeper_limits`, hard(1, -1))

    expect([between, await codeOf(zk.create('/q/b'))]).toEqual(['OK', 'QUOTAEXCEEDED'])
  })

  it('names the path of the client in its error', async () => {
    const { zk } = await startWithQuota(hard(1, -1))

    await expect(zk.create('/q/a')).rejects.toMatchObject({ code: 'QUOTAEXCEEDED', path: '/q/a' })
  })

  it('holds in a server that begins with a snapshot', async () => {
    const { zoo } = await startWithQuota(hard(1, -1))
    const second = startServer({ snapshot: zoo.snapshot(), enforceQuota: true }).zoo
    const zk = await second.connect()

    expect(await codeOf(zk.create('/q/a'))).toBe('QUOTAEXCEEDED')
  })
})

describe('limits that cannot be read', () => {
  const unparsable = [
    'nonsense',
    'count',
    'count=',
    'count=x',
    'count=1.5',
    'count=1e3',
    '=',
    'count=99999999999999999999',
  ]

  it.each(unparsable)(
    '%j answer MARSHALLINGERROR to writes below, and do not block a delete',
    async (limits) => {
      const { zk } = await startWithQuota(limits)
      await zk.setData(`${QUOTA}/q/zookeeper_limits`, hard(-1, -1))
      await zk.create('/q/a', 'x')
      await zk.setData(`${QUOTA}/q/zookeeper_limits`, limits)

      const codes = [
        await codeOf(zk.create('/q/b')),
        await codeOf(zk.setData('/q/a', 'xy')),
        await codeOf(zk.delete('/q/a')),
        await codeOf(zk.create('/r')),
      ]

      expect(codes).toEqual(['MARSHALLINGERROR', 'MARSHALLINGERROR', 'OK', 'OK'])
    },
  )

  it('are those without data too', async () => {
    const { zk } = await startWithQuota(hard(-1, -1))
    await zk.setData(`${QUOTA}/q/zookeeper_limits`, null)

    expect(await codeOf(zk.create('/q/b'))).toBe('MARSHALLINGERROR')
  })

  it.each(['', ',;,', 'count=5', ',count=5;', 'other=1', 'count=+5', 'count=-1,bytes=-1'])(
    'are not %j',
    async (limits) => {
      const { zk } = await startWithQuota(limits)

      expect(await codeOf(zk.create('/q/a'))).toBe('OK')
    },
  )
})

describe('the inspection event quotaExceeded', () => {
  async function excessOf(limits: string, change: (zk: ZooKeeper) => Promise<unknown>): Promise<string[]> {
    const { zoo, zk } = await startWithQuota(limits, false)
    const lines: string[] = []
    zoo.inspect((event: InspectionEvent) => {
      if (event.kind !== 'quotaExceeded') return
      const { prefix, resource, limit, usage, isHard } = event
      lines.push(`${prefix} ${resource} ${usage} of ${limit}${isHard ? ' hard' : ''}`)
    })
    await change(zk)
    return lines
  }

  it.each([
    ['count=1,bytes=-1', ['/q count 2 of 1']],
    ['count=2,bytes=-1', []],
    ['count=-1,bytes=2', ['/q bytes 3 of 2']],
    ['count=-1,bytes=3', []],
    ['count=0,bytes=0', ['/q count 2 of 0', '/q bytes 3 of 0']],
    ['count=0,bytes=0=;byteHardLimit=9;countHardLimit=9', []],
    ['count=9,bytes=9=;byteHardLimit=2;countHardLimit=1', ['/q count 2 of 1 hard', '/q bytes 3 of 2 hard']],
    ['nonsense', []],
  ])('after a create of 3 bytes under %s tells %j', async (limits, expected) => {
    expect(await excessOf(limits, (zk) => zk.create('/q/a', 'abc'))).toEqual(expected)
  })

  it('is told of a setData that adds bytes and of none that takes bytes away', async () => {
    const lines = await excessOf('count=0,bytes=1', async (zk) => {
      await zk.setData('/q', 'abc')
      await zk.setData('/q', 'ab')
    })

    expect(lines).toEqual(['/q bytes 3 of 1'])
  })

  it('is not told of a delete', async () => {
    const { zoo, zk } = await startWithQuota('count=0,bytes=0', false)
    await zk.create('/q/a', 'abc')
    const kinds: string[] = []
    zoo.inspect(({ kind }) => void kinds.push(kind))

    await zk.delete('/q/a')

    expect(kinds).not.toContain('quotaExceeded')
  })
})

describe('the znodes of a quota', () => {
  it('cannot be limits of the root', async () => {
    const { zk } = await startWorld()

    expect(await codeOf(zk.create(`${QUOTA}/zookeeper_limits`, hard(1, 1)))).toBe('BADARGUMENTS')
  })

  it('may be statistics of the root, which count nothing', async () => {
    const { zk } = await startWorld()
    await zk.create('/q', 'abc')

    await zk.create(`${QUOTA}/zookeeper_stats`)

    expect(await statsOf(zk, '')).toBe('count=0,bytes=0')
  })

  it('are not kept up to date as long as there are statistics alone', async () => {
    const { zk } = await startWorld()
    await zk.createAll(`${QUOTA}/q/zookeeper_stats`)

    await zk.create('/q', 'abc')

    expect(await statsOf(zk)).toBe('count=0,bytes=0')
  })

  it('keep the statistics that somebody wrote when limits come, and in a server that begins with a snapshot', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll(`${QUOTA}/q/zookeeper_stats`)
    await zk.setData(`${QUOTA}/q/zookeeper_stats`, 'count=7,bytes=7')

    await zk.create(`${QUOTA}/q/zookeeper_limits`, hard(9, 9))
    const second = await startServer({ snapshot: zoo.snapshot() }).zoo.connect()

    expect([await statsOf(zk), await statsOf(second)]).toEqual(['count=7,bytes=7', 'count=7,bytes=7'])
  })

  it('are not those that have the same names elsewhere', async () => {
    const { zk } = await startWithQuota(hard(1, -1))
    // As long as the path of all quotas, so that what follows looks like the path of one.
    const elsewhere = '/123456789012345/q/zookeeper_limits'

    await zk.createAll(elsewhere, hard(9, 9))
    await zk.delete(elsewhere)

    expect(await codeOf(zk.create('/q/a'))).toBe('QUOTAEXCEEDED')
  })
})
