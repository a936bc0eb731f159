/** Nothing is shared across a border (law 8): whatever was handed in or out is changed afterwards, and the state is not. */
import { describe, expect, it } from 'vitest'
import { type ACL, type InspectionEvent, Op, type Snapshot } from '../../../src/index.js'
import { bytes, startServer, startWorld, text, type World } from '../fixture.js'

/** Writes over everything that can be written over: bytes, lists, fields, deep down. */
function vandalize(value: unknown): void {
  if (value instanceof Uint8Array) {
    value.fill(0xee)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Map) {
    for (const item of value.values()) vandalize(item)
    value.clear()
    return
  }
  for (const item of Object.values(value)) vandalize(item)
  if (Object.isFrozen(value)) return
  for (const name of Object.keys(value)) Reflect.set(value, name, undefined)
  if (Array.isArray(value)) value.length = 0
}

async function startFilled(): Promise<World> {
  const world = await startWorld()
  const acl: ACL[] = [
    { perms: 31, scheme: 'world', id: 'anyone' },
    { perms: 1, scheme: 'ip', id: '10.0.0.1' },
  ]
  await world.zk.create('/a', 'small', { acl })
  await world.zk.create('/big', new Uint8Array(2000).fill(7))
  await world.zk.create('/a/x', null, { mode: 'EPHEMERAL' })
  await world.zk.create('/a/y')
  await world.zk.addWatch('/a', () => undefined)
  return world
}

/** The state, as a caller cannot reach it: copied by structuredClone. */
function stateOf({ zoo }: World): unknown {
  const { znodes } = zoo.snapshot()
  return structuredClone({ znodes, dump: zoo.dump(), watches: zoo.reports.watchesByPath() })
}

describe('bytes that were handed in', () => {
  it.each([10, 64, 65, 512, 513, 5000])('may be changed afterwards: %d of them', async (length) => {
    const { zk } = await startWorld()
    const expected = new Uint8Array(length).fill(1)
    const mine = [0, 1, 2, 3, 4].map(() => new Uint8Array(length).fill(1))
    const [one = mine[0], two, three, four, five] = mine
    if (
      one === undefined ||
      two === undefined ||
      three === undefined ||
      four === undefined ||
      five === undefined
    )
      throw new Error('there are five')
    const op = Op.create('/c', three)
    const update = Op.setData('/d', five)
    await zk.create('/b')
    await zk.create('/d')

    const calls = [zk.create('/a', one), zk.setData('/b', two), zk.multi([op, update])]
    vandalize(mine)
    await Promise.all(calls)
    const late = zk.multi([Op.create('/e', four)])
    await late

    const stored = await Promise.all(
      ['/a', '/b', '/c', '/d'].map(async (path) => (await zk.getData(path)).data),
    )
    expect(stored).toEqual([expected, expected, expected, expected])
  })

  it('may be changed between the making of an operation and its multi', async () => {
    const { zk } = await startWorld()
    const data = bytes('before')
    const op = Op.create('/a', data)

    vandalize(data)
    await zk.multi([op])

    expect(text((await zk.getData('/a')).data)).toBe('before')
  })

  it('may be a view into something larger', async () => {
    const { zk } = await startWorld()
    const large = bytes('0123456789')

    await zk.create('/a', large.subarray(3, 5))
    large.fill(0)

    expect(text((await zk.getData('/a')).data)).toBe('34')
  })

  it('may be credentials', async () => {
    const { zk } = await startWorld()
    const auth = bytes('alice:pw')

    const added = zk.addAuthInfo('digest', auth)
    vandalize(auth)
    await added

    expect((await zk.whoAmI())[1]).toEqual({ scheme: 'digest', user: 'alice' })
  })

  it('may be the password of a session', async () => {
    const { zoo, zk } = await startWorld()
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    zoo.disconnect(zk)

    const resumed = zoo.connect({ session })
    vandalize(session)

    expect((await resumed).state).toBe('CONNECTED')
  })
})

describe('lists that were handed in', () => {
  it('may be changed afterwards: ACLs', async () => {
    const { zk } = await startWorld()
    const make = (): ACL[] => [
      { perms: 31, scheme: 'world', id: 'anyone' },
      { perms: 1, scheme: 'ip', id: '10.0.0.1' },
    ]
    const [one, two, three] = [make(), make(), make()]
    await zk.create('/b')

    const op = Op.create('/c', null, { acl: three })
    const calls = [zk.create('/a', null, { acl: one }), zk.setACL('/b', two)]
    for (const acl of [one, two, three]) vandalize(acl)
    await Promise.all([...calls, zk.multi([op])])

    const stored = await Promise.all(['/a', '/b', '/c'].map(async (path) => (await zk.getACL(path)).acl))
    expect(stored).toEqual([make(), make(), make()])
  })

  it('may be changed afterwards: the operations of a multi', async () => {
    const { zk } = await startWorld()
    const ops = [Op.create('/a', 'x', { acl: [{ perms: 31, scheme: 'world', id: 'anyone' }] }), Op.check('/')]

    const done = zk.multi(ops)
    vandalize(ops)
    await done

    expect(text((await zk.getData('/a')).data)).toBe('x')
  })

  it('may be changed afterwards: the reads of a multiRead', async () => {
    const { zk } = await startWorld()
    const reads = [Op.getChildren('/')]

    const done = zk.multiRead(reads)
    vandalize(reads)

    expect(await done).toEqual([{ type: 'getChildren', children: ['zookeeper'] }])
  })

  it('may be changed afterwards: options', async () => {
    const { zk } = await startWorld()
    const options = { mode: 'EPHEMERAL' as const, withStat: true as const }

    const done = zk.create('/a', null, options)
    vandalize(options)

    expect((await done).stat.ephemeralOwner).toBe(zk.sessionId)
  })
})

describe('what was handed out', () => {
  it.each([
    ['getData of few bytes', ({ zk }: World) => zk.getData('/a')],
    ['getData of many bytes', ({ zk }: World) => zk.getData('/big')],
    ['exists', ({ zk }: World) => zk.exists('/a')],
    ['getACL', ({ zk }: World) => zk.getACL('/a')],
    ['getChildren', ({ zk }: World) => zk.getChildren('/a')],
    ['getEphemerals', ({ zk }: World) => zk.getEphemerals()],
    [
      'multiRead',
      ({ zk }: World) => zk.multiRead([Op.getData('/a'), Op.getData('/big'), Op.getChildren('/a')]),
    ],
    ['whoAmI', ({ zk }: World) => zk.whoAmI()],
    ['sessionPassword', async ({ zk }: World) => zk.sessionPassword],
    ['snapshot', async ({ zoo }: World) => zoo.snapshot()],
    ['dump', async ({ zoo }: World) => zoo.dump()],
    ['reports.znodes', async ({ zoo }: World) => zoo.reports.znodes()],
    ['reports.sessions', async ({ zoo }: World) => zoo.reports.sessions()],
    ['reports.watchesByPath', async ({ zoo }: World) => zoo.reports.watchesByPath()],
    ['reports.watchesBySession', async ({ zoo }: World) => zoo.reports.watchesBySession()],
    ['reports.counts', async ({ zoo }: World) => zoo.reports.counts()],
    ['pending', async ({ zoo }: World) => zoo.pending()],
  ])('may be changed: the result of %s', async (_, get) => {
    const world = await startFilled()
    const before = stateOf(world)
    const first = structuredClone(await get(world))

    vandalize(await get(world))

    expect(stateOf(world)).toEqual(before)
    expect(structuredClone(await get(world))).toEqual(first)
  })

  it('is not shared by two readers', async () => {
    const { zoo, zk } = await startFilled()
    const other = await zoo.connect()
    const [mine, theirs] = await Promise.all([zk.getData('/a'), other.getData('/a')])

    vandalize(mine)

    expect(text(theirs.data)).toBe('small')
  })

  it('may be the results of a multi', async () => {
    const world = await startFilled()
    const results = await world.zk.multi([Op.create('/n', 'x', { withStat: true }), Op.setData('/a', 'y')])
    const before = stateOf(world)

    vandalize(results)

    expect(stateOf(world)).toEqual(before)
  })

  it('may be the state in which another server began', async () => {
    const { zoo } = await startFilled()
    const snapshot: Snapshot = zoo.snapshot()
    const second = startServer({ snapshot }).zoo
    const before = structuredClone(second.snapshot())

    vandalize(snapshot)

    expect(second.snapshot()).toEqual(before)
  })

  it('may be what was loaded', async () => {
    const { zoo, zk } = await startWorld()
    const dump = { '/a': 'text', '/b': { base64: 'AAEC' }, '/c': null }

    zoo.load(dump)
    vandalize(dump)

    expect(text((await zk.getData('/a')).data)).toBe('text')
    expect((await zk.getData('/b')).data).toEqual(new Uint8Array([0, 1, 2]))
  })

  it('may be inspection events, also while the turn still runs', async () => {
    const { zoo, zk } = await startWorld()
    zoo.inspect((event: InspectionEvent) => vandalize(event))
    const acl: ACL[] = [
      { perms: 31, scheme: 'world', id: 'anyone' },
      { perms: 1, scheme: 'ip', id: '10.0.0.1' },
    ]
    const events: string[] = []

    await zk.addWatch('/', ({ type, path }) => void events.push(`${type} ${path}`), { recursive: true })
    await zk.create('/a', 'x', { acl })
    await zk.multi([Op.setData('/a', 'y'), Op.create('/b', 'z')])
    await zk.setACL('/b', acl)

    expect(zoo.dump()).toEqual({ '/a': 'y', '/b': 'z' })
    expect([(await zk.getACL('/a')).acl, (await zk.getACL('/b')).acl]).toEqual([acl, acl])
    expect(events).toEqual(['NodeCreated /a', 'NodeDataChanged /a', 'NodeCreated /b'])
  })
})
