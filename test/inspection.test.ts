/**
 * Inspection: the whole list of what a server and its clients tell, told inside the turn and of whole transactions only;
 * listeners that call, throw or stop; and that nothing secret is told.
 */
import { describe, expect, it } from 'vitest'
import { type EmbeddedZooKeeper, type InspectionEvent, Op } from '../src/index.js'
import { codeOf, recordEvents, START_MS, startServer, startWorld, type World } from './semantics/fixture.js'

describe('the whole list', () => {
  it('of a session, a watch and a write that fires it', async () => {
    const { zoo } = startServer()
    const told = listen(zoo)

    const zk = await zoo.connect()
    await zk.exists('/a', { watcher: () => undefined })
    await zk.create('/a', 'x')
    await zk.close()

    expect(told.map((event) => lineOf(event))).toEqual([
      'txn 1 createSession',
      'sessionOpened',
      'queued event None SyncConnected',
      'queued completion 0 OK',
      'delivered event None SyncConnected',
      'delivered completion 0 OK',
      'request 1 exists',
      'watchArmed /a data standard',
      'reply 1 NONODE 1',
      'queued completion 1 NONODE',
      'delivered completion 1 NONODE',
      'request 2 create',
      'txn 2 create',
      'watchTriggered /a data standard by NodeCreated /a 2',
      'watchRemoved /a data standard triggered',
      'notification NodeCreated /a 2',
      'queued event NodeCreated /a',
      'reply 2 OK 2',
      'queued completion 2 OK',
      'delivered event NodeCreated /a',
      'delivered completion 2 OK',
      'request 3 closeSession',
      'txn 3 closeSession',
      'sessionClosed',
      'reply 3 OK 3',
      'queued event None Closed',
      'queued completion 3 OK',
      'delivered event None Closed',
      'delivered completion 3 OK',
    ])
  })

  it('of a disconnection, a resumption and an expiry', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addWatch('/a', () => undefined)
    const told = listen(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)
    zoo.expire(zk)

    expect(told.map((event) => lineOf(event)).filter((line) => !/^(queued|delivered)/.test(line))).toEqual([
      'watchRemoved /a data persistent disconnected',
      'watchRemoved /a child persistent disconnected',
      'disconnected',
      'sessionOpened resumed',
      'request 2 setWatches',
      'watchArmed /a data persistent',
      'watchArmed /a child persistent',
      'reply 2 OK 1',
      'txn 2 closeSession',
      'sessionExpired',
      'watchRemoved /a data persistent disconnected',
      'watchRemoved /a child persistent disconnected',
    ])
  })

  it('names the session of each thing that has one', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const told = listen(zoo)

    await zk.create('/a')
    await other.exists('/a', { watcher: () => undefined })
    await zk.setData('/a', 'x')
    await zoo.settle()

    const sessions = new Set(told.flatMap((event) => ('sessionId' in event ? [event.sessionId] : [])))
    const notified = told.filter(({ kind }) => kind === 'notification')
    expect(sessions).toEqual(new Set([zk.sessionId, other.sessionId]))
    expect(notified).toEqual([
      { kind: 'notification', sessionId: other.sessionId, type: 'NodeDataChanged', path: '/a', zxid: 4 },
    ])
  })

  it('tells which watch found an event, also above its path', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b')
    await zk.addWatch('/a', () => undefined, { recursive: true })
    await zk.getData('/a/b', { watcher: () => undefined })
    const told = listen(zoo)

    await zk.setData('/a/b', 'x')

    const lines = told.map((event) => lineOf(event)).filter((line) => line.startsWith('watchTriggered'))
    expect(lines.toSorted()).toEqual([
      'watchTriggered /a data recursive by NodeDataChanged /a/b 3',
      'watchTriggered /a/b data standard by NodeDataChanged /a/b 3',
    ])
  })

  it('tells of a watch above the path alone, where nobody watches the path itself', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b')
    await zk.addWatch('/a', () => undefined, { recursive: true })
    const told = listen(zoo)

    await zk.setData('/a/b', 'x')

    const lines = told.map((event) => lineOf(event)).filter((line) => line.startsWith('watchTriggered'))
    expect(lines).toEqual(['watchTriggered /a data recursive by NodeDataChanged /a/b 3'])
  })

  it('tells of a mode that takes the place of another, as those of 3.8 do', async () => {
    const { zoo, zk } = await startWorld({ server: { compatibility: '3.8' } })
    await zk.addWatch('/a', () => undefined)
    const told = listen(zoo)

    await zk.exists('/a', { watcher: () => undefined })

    const lines = told.map((event) => lineOf(event)).filter((line) => line.startsWith('watch'))
    expect(lines).toEqual(['watchRemoved /a data persistent replaced', 'watchArmed /a data standard'])
  })

  it('tells of an event that was withheld as such', async () => {
    const { zoo, zk } = await startWorld()
    await zk.exists('/a', { watcher: () => undefined })
    const told = listen(zoo)

    await zk.create('/a', null, { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] })

    expect(told.filter(({ kind }) => kind.startsWith('notification'))).toEqual([
      {
        kind: 'notificationWithheld',
        sessionId: zk.sessionId,
        type: 'NodeCreated',
        path: '/a',
        zxid: 2,
      },
    ])
  })

  it('tells of a transaction with its time, and of a refusal under its zxid', async () => {
    const { zoo, zk } = await startWorld()
    const told = listen(zoo)

    await codeOf(zk.delete('/none'))

    expect(told.filter(({ kind }) => kind === 'txn')).toEqual([
      { kind: 'txn', zxid: 2, timeMs: START_MS, txn: { type: 'error', code: 'NONODE' } },
    ])
  })
})

describe('a listener', () => {
  it('sees a transaction all or not at all: everything of a multi is there when the first word of it comes', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addWatch('/', () => undefined, { recursive: true })
    const counts = new Set<number>()
    zoo.inspect(({ kind }) => {
      if (kind !== 'queued' && kind !== 'delivered') counts.add(zoo.reports.counts().znodes)
    })

    await zk.multi([Op.create('/a'), Op.create('/b'), Op.create('/c'), Op.create('/d')])

    expect(counts).toEqual(new Set([8]))
  })

  it('is called inside the turn: it has heard of a write when the call returns', async () => {
    const { zoo, zk } = await startWorld()
    const told = listen(zoo)

    const call = zk.create('/a')
    const heard = told.map((event) => lineOf(event))
    await call

    expect(heard).toContain('txn 2 create')
  })

  it('may call: its request is served after the turn, and told of after it', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const znodes: number[] = []
    let called: Promise<string> | undefined
    const told = listen(zoo)
    zoo.inspect((event) => {
      if (event.kind !== 'request' || event.request.type !== 'create' || called !== undefined) return
      called = other.create('/from-listener')
      znodes.push(zoo.reports.counts().znodes)
    })

    await zk.create('/a')
    await called

    const lines = told.map((event) => lineOf(event)).filter((line) => /^(request|txn|reply)/.test(line))
    expect(lines).toEqual([
      'request 1 create',
      'txn 3 create',
      'reply 1 OK 3',
      'request 1 create',
      'txn 4 create',
      'reply 1 OK 4',
    ])
    expect(znodes).toEqual([5])
  })

  it('that throws stops nobody: the write, the reply, and the other listeners', async () => {
    const { zoo, zk } = await startWorld()
    const errors: unknown[] = []
    zoo.on('watcherError', (error, event, from) => errors.push([String(error), event, from]))
    zoo.inspect(({ kind }) => {
      if (kind === 'txn') throw new Error('broken')
    })
    const told = listen(zoo)

    const path = await zk.create('/a')

    expect(path).toBe('/a')
    expect(told.filter(({ kind }) => kind === 'txn').length).toBe(1)
    expect(errors).toEqual([['Error: broken', undefined, undefined]])
  })

  it('hears nothing any more once it is stopped, and stopping twice is no harm', async () => {
    const { zoo, zk } = await startWorld()
    const told: string[] = []
    const others = listen(zoo)
    const stop = zoo.inspect((event) => told.push(event.kind))
    await zk.exists('/')
    const before = told.length

    stop()
    stop()
    await zk.exists('/')

    expect(before).toBeGreaterThan(0)
    expect(told.length).toBe(before)
    expect(others.length).toBe(2 * before)
  })

  it('that listens twice hears twice, and stops one at a time', async () => {
    const { zoo, zk } = await startWorld()
    let count = 0
    const listener = (event: InspectionEvent): void => {
      if (event.kind === 'request') count += 1
    }
    const stop = zoo.inspect(listener)
    zoo.inspect(listener)

    await zk.exists('/')
    stop()
    await zk.exists('/')

    expect(count).toBe(3)
  })

  it('that comes later hears nothing of before', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')

    const told = listen(zoo)
    await zk.exists('/a')

    expect(told.map((event) => lineOf(event))).toEqual([
      'request 2 exists',
      'reply 2 OK 2',
      'queued completion 2 OK',
      'delivered completion 2 OK',
    ])
  })

  it('may keep what it is told and change it: nothing else changes', async () => {
    const { zoo, zk } = await startWorld()
    zoo.inspect((event) => {
      if (event.kind === 'request' && 'data' in event.request) event.request.data?.fill(0)
      if (event.kind === 'txn' && event.txn.type === 'create') event.txn.data?.fill(0)
    })

    await zk.create('/a', 'kept')

    expect(new TextDecoder().decode((await zk.getData('/a')).data ?? undefined)).toBe('kept')
  })
})

describe('secrets', () => {
  it('credentials are not told, in no event and no report', async () => {
    const { zoo, zk } = await startWorld()
    const told = listen(zoo)

    await zk.addAuthInfo('digest', 'alice:secret')
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.whoAmI()

    const requests = told.filter((event) => event.kind === 'request' && event.request.type === 'auth')
    expect(requests.length).toBe(2)
    expect(textOf(told)).not.toContain('secret')
    expect(textOf(zoo.reports.sessions())).not.toContain('secret')
  })

  it('passwords of sessions are not told, in no event and no report', async () => {
    const { zoo } = startServer({ randomBytes: (length) => new Uint8Array(length).fill(115) })
    const told = listen(zoo)
    const zk = await zoo.connect()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.exists('/')

    expect(textOf(told)).not.toContain('ssss')
    expect(
      textOf([zoo.reports.sessions(), zoo.reports.znodes(), [...zoo.reports.watchesBySession()]]),
    ).not.toContain('ssss')
  })
})

describe('reports', () => {
  it('show every znode, a parent before its children', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b', 'x')
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    await zk.create('/c', null, { mode: 'CONTAINER' })
    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5 })

    const znodes = zoo.reports.znodes().map(({ path, kind }) => `${path} ${kind}`)

    expect(znodes.filter((line) => !line.startsWith('/zookeeper'))).toEqual([
      '/ persistent',
      '/a persistent',
      '/a/b persistent',
      '/e ephemeral',
      '/c container',
      '/t ttl',
    ])
    expect(zoo.reports.znodes().find(({ path }) => path === '/a/b')).toMatchObject({
      data: new TextEncoder().encode('x'),
      acl: [{ perms: 31, scheme: 'world', id: 'anyone' }],
      stat: { version: 0, czxid: 2n },
    })
  })

  it('show watches by path and by session, the same ones', async () => {
    const world = await startWatching()
    const { zoo, zk, other } = world

    const mine = [
      { sessionId: zk.sessionId, path: '/a', table: 'data', modes: ['standard', 'persistent'] },
      { sessionId: zk.sessionId, path: '/a', table: 'child', modes: ['persistent'] },
    ]
    const theirs = [{ sessionId: other.sessionId, path: '/a', table: 'data', modes: ['recursive'] }]
    expect([...zoo.reports.watchesByPath()]).toEqual([['/a', [mine[0], ...theirs, mine[1]]]])
    expect([...zoo.reports.watchesBySession()]).toEqual([
      [zk.sessionId, mine],
      [other.sessionId, theirs],
    ])
  })

  it('show sessions in the order of their opening, connected or not', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect({ sessionTimeoutMs: 5000 })
    await other.create('/e', null, { mode: 'EPHEMERAL' })
    zoo.disconnect(other)

    expect(zoo.reports.sessions()).toEqual([
      { id: zk.sessionId, timeoutMs: 30_000, isConnected: true, ephemerals: [] },
      { id: other.sessionId, timeoutMs: 5000, isConnected: false, ephemerals: ['/e'] },
    ])
  })

  it('count everything', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a', 'four')
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    await zk.addWatch('/a', () => undefined)

    expect(zoo.reports.counts()).toEqual({
      zxid: 3n,
      znodes: 6,
      ephemerals: 1,
      sessions: 1,
      watches: 2,
      dataBytes: 4,
    })
  })

  it('are copies: what is changed in them changes nothing else', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a', 'kept')
    await zk.addWatch('/a', () => undefined)
    const { reports } = zoo
    const before = [reports.znodes(), reports.sessions(), [...reports.watchesByPath()]]

    for (const { data, acl } of reports.znodes()) {
      data?.fill(0)
      Reflect.set(acl, 'length', 0)
    }
    for (const session of reports.sessions()) Reflect.set(session, 'timeoutMs', 0)
    for (const watches of reports.watchesByPath().values()) Reflect.set(watches, 'length', 0)

    expect([reports.znodes(), reports.sessions(), [...reports.watchesByPath()]]).toEqual(before)
  })

  it('do not grow with what has passed: a fired watch leaves no empty path and no empty session', async () => {
    const { zoo, zk } = await startWorld()
    const { watcher } = recordEvents()
    for (let i = 0; i < 10; i++) await zk.exists(`/a-${i}`, { watcher })
    for (let i = 0; i < 10; i++) await zk.create(`/a-${i}`)

    expect(zoo.reports.watchesByPath().size).toBe(0)
    expect(zoo.reports.watchesBySession().size).toBe(0)
  })
})

function listen(zoo: EmbeddedZooKeeper): InspectionEvent[] {
  const told: InspectionEvent[] = []
  zoo.inspect((event) => told.push(event))
  return told
}

/** One line for an event, without the session. */
function lineOf(event: InspectionEvent): string {
  switch (event.kind) {
    case 'request':
      return `request ${event.xid} ${event.request.type}`
    case 'reply':
      return `reply ${event.xid} ${event.code} ${event.zxid}`
    case 'txn':
      return `txn ${event.zxid} ${event.txn.type}`
    case 'watchArmed':
      return `watchArmed ${event.path} ${event.table} ${event.mode}`
    case 'watchRemoved':
      return `watchRemoved ${event.path} ${event.table} ${event.modes.join('+')} ${event.why}`
    case 'watchTriggered':
      return `watchTriggered ${event.watchPath} ${event.table} ${event.modes.join('+')} by ${event.type} ${event.path} ${event.zxid}`
    case 'notification':
    case 'notificationWithheld':
      return `${event.kind} ${event.type} ${event.path} ${event.zxid}`
    case 'sessionOpened':
      return event.isResumed ? 'sessionOpened resumed' : 'sessionOpened'
    case 'queued':
    case 'delivered':
      return event.item === 'event'
        ? `${event.kind} event ${event.type} ${event.path ?? event.state}`
        : `${event.kind} completion ${event.xid} ${event.code}`
    default:
      return event.kind
  }
}

/** Everything as text, bytes as the text that they may be. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item === 'bigint') return String(item)
    return item instanceof Uint8Array ? new TextDecoder().decode(item) : item
  })
}

/** Two clients with watches of one znode. */
async function startWatching(): Promise<World & { readonly other: World['zk'] }> {
  const world = await startWorld()
  const other = await world.zoo.connect()
  await world.zk.exists('/a', { watcher: () => undefined })
  await other.addWatch('/a', () => undefined, { recursive: true })
  await world.zk.addWatch('/a', () => undefined)
  return { ...world, other }
}
