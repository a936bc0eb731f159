/**
 * Endpoint: what it takes and what it refuses, what it has served, how it ends; and that its clients live in one tree with those in
 * process: the same order, the same watches, the same sessions.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Perms } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { codeOf, recordEvents, text } from '../semantics/fixture.js'
import { dial, dialRecorded, elapsedMsOf, openResources, startNetwork, until, untilOpen } from './network.js'

/** A connection that says nothing by itself. `closed` resolves when the server has ended it. */
interface Caller {
  readonly socket: Socket
  readonly closed: Promise<unknown>
  /** What the server said. */
  readonly heard: () => string
}

async function call(port = 0, localAddress = '127.0.0.1'): Promise<Caller> {
  const socket = createConnection({ host: '127.0.0.1', port, localAddress })
  onTestFinished(() => void socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => socket.destroy())
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return { socket, closed, heard: () => Buffer.concat(chunks).toString('latin1') }
}

describe('a limit of connections', () => {
  it('of one address closes one more at once, counts it, and takes another when one has gone', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { maxClientCnxns: 2 } } })
    const [first] = [await call(endpoint.port), await call(endpoint.port)]

    const third = await call(endpoint.port)
    await third.closed
    const { connections, refusedConnections } = endpoint.served
    first.socket.destroy()
    await until(async () => {
      const zk = await dial(endpoint.connectString, { connectTimeoutMs: 500 }).catch(() => undefined)
      return zk?.state === 'CONNECTED'
    })

    expect([connections, refusedConnections]).toEqual([3, 1])
  })

  it('of one address does not count those of another', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { maxClientCnxns: 1 } } })
    await call(endpoint.port)

    const other = await call(endpoint.port, '127.0.0.2')
    other.socket.write('ruok')
    await other.closed

    expect([other.heard(), endpoint.served.refusedConnections]).toEqual(['imok', 0])
  })

  it('of all addresses counts them all', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { maxCnxns: 2 } } })
    await call(endpoint.port)
    await call(endpoint.port, '127.0.0.2')

    const third = await call(endpoint.port, '127.0.0.3')
    await third.closed

    expect([third.heard(), endpoint.served.refusedConnections]).toEqual(['', 1])
  })

  it('leaves the clients that are there alone', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { maxCnxns: 1 } } })
    const { zk, events } = await dialRecorded(endpoint.connectString)

    for (let i = 0; i < 20; i++) await (await call(endpoint.port)).closed

    expect([await codeOf(zk.create('/a')), events]).toEqual(['OK', ['None SyncConnected']])
    expect(endpoint.served.refusedConnections).toBe(20)
  })
})

describe('the time for a handshake', () => {
  it.each([
    ['nothing', ''],
    ['half a word', 'ru'],
    ['half a handshake', '\0\0\0\x2d\0\0\0\0'],
    ['a word that needs more', 'stmk'],
  ])('ends a connection that says %s', async (_what, bytes) => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { handshakeTimeoutMs: 50 } } })
    const caller = await call(endpoint.port)

    const elapsedMs = await elapsedMsOf(async () => {
      caller.socket.write(bytes)
      await caller.closed
    })

    expect(elapsedMs).toBeGreaterThanOrEqual(45)
    expect([caller.heard(), endpoint.served.requests]).toEqual(['', 0])
  })

  it('does not end one that has shaken hands', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, limits: { handshakeTimeoutMs: 50 } } })
    const { zk, events } = await dialRecorded(endpoint.connectString, { sessionTimeoutMs: 1000 })
    const silent = await call(endpoint.port)

    await silent.closed

    expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
  })
})

describe('what an endpoint has served', () => {
  it('begins with nothing', async () => {
    const { endpoint } = await startNetwork()

    expect(endpoint.served).toEqual({
      connections: 0,
      requests: 0,
      replies: 0,
      notifications: 0,
      refusedConnections: 0,
      slowReaders: 0,
      badConnections: 0,
    })
  })

  it('counts handshakes, requests, replies and events, and keeps what is gone', async () => {
    const { endpoint } = await startNetwork()
    const { zk } = await dialRecorded(endpoint.connectString)
    await zk.create('/a', null, { mode: 'EPHEMERAL' })
    await zk.exists('/a', { watcher: () => undefined })
    await zk.setData('/a', 'x')

    const living = endpoint.served
    await zk.close()

    const expected = { connections: 1, requests: 4, replies: 4, notifications: 1, badConnections: 0 }
    expect(living).toMatchObject(expected)
    expect(endpoint.served).toMatchObject({ ...expected, requests: 5, replies: 5 })
  })

  it('counts who does not speak the protocol, and does not answer him', async () => {
    const { endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const caller = await call(endpoint.port)

    caller.socket.write('GET / HTTP/1.1\r\n\r\n')
    await caller.closed

    expect([caller.heard(), endpoint.served.badConnections]).toEqual(['', 1])
    expect([await codeOf(zk.exists('/')), events]).toEqual(['OK', ['None SyncConnected']])
  })

  it('is that of this door alone', async () => {
    const { zoo, endpoint } = await startNetwork()
    const inside = await zoo.connect()

    await inside.create('/a')

    expect(endpoint.served).toMatchObject({ connections: 0, requests: 0 })
  })
})

describe('an endpoint that is closed', () => {
  it('ends every connection, and each session lives on at the server', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const silent = await call(endpoint.port)

    await endpoint.close()
    await silent.closed
    await until(() => events.length === 2)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
    expect(zoo.reports.sessions()).toMatchObject([{ id: zk.sessionId, isConnected: false }])
  })

  it('resolves once nothing is open any more, and a second close resolves with it', async () => {
    const before = openResources()
    const { zoo, endpoint } = await startNetwork()
    const caller = await call(endpoint.port)
    caller.socket.pause()

    await Promise.all([endpoint.close(), endpoint.close()])
    await endpoint.close()
    caller.socket.destroy()

    await untilOpen(before)
    const again = await listen(zoo, { port: endpoint.port })
    await again.close()
  })

  it('takes nobody any more', async () => {
    const { endpoint } = await startNetwork()

    await endpoint.close()

    const code = await codeOf(dial(endpoint.connectString, { connectTimeoutMs: 100 }))
    expect(code).toBe('CONNECTIONLOSS')
  })

  it('still says where it was and what it has served', async () => {
    const { endpoint, dial: dialServer } = await startNetwork()
    await dialServer()
    const { connectString } = endpoint

    await endpoint.close()

    expect(endpoint.connectString).toBe(connectString)
    expect(endpoint.served.connections).toBe(1)
  })

  it('by the end of an await using is closed', async () => {
    const { zoo } = await startNetwork()
    let port: number | undefined
    {
      await using endpoint = await listen(zoo, { port: 0 })
      port = endpoint.port
    }

    const again = await listen(zoo, { port })
    await again.close()
    expect(again.port).toBe(port)
  })

  it('does not end the clients in process', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { events, watcher } = recordEvents()
    const inside = await zoo.connect({ watcher })

    await endpoint.close()

    expect([await codeOf(inside.create('/a')), events]).toEqual(['OK', ['None SyncConnected']])
  })
})

describe('a server that is closed', () => {
  it('ends its clients on the wire with an end of stream, and those in process with Closed', async () => {
    const { zoo, endpoint } = await startNetwork()
    const outside = await dialRecorded(endpoint.connectString)
    const { events, watcher } = recordEvents()
    await zoo.connect({ watcher })

    await zoo.close()
    await until(() => outside.events.length === 2)

    expect(outside.events).toEqual(['None SyncConnected', 'None Disconnected'])
    expect(outside.zk.state).toBe('CONNECTING')
    expect(events).toEqual(['None SyncConnected', 'None Closed'])
  })

  it('ends those that come later at once, without an answer', async () => {
    const { zoo, endpoint } = await startNetwork()
    await zoo.close()

    const caller = await call(endpoint.port)
    caller.socket.write('\0\0\0\x2d')
    await caller.closed

    expect(caller.heard()).toBe('')
  })
})

describe('clients on the wire and in process', () => {
  it('see one tree, in one order', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const [inside, outside] = [await zoo.connect(), await dialServer()]

    await outside.create('/n', '0')
    await Promise.all([inside, outside, inside, outside].map((zk) => increment(zk)))

    const { data, stat } = await outside.getData('/n')
    expect([text(data), stat.version]).toEqual(['4', 4])
    expect(await inside.getData('/n')).toEqual({ data, stat })
  })

  it('watch each other', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const [inside, outside] = [await zoo.connect(), await dialServer()]
    const [insider, outsider] = [recordEvents(), recordEvents()]
    await inside.exists('/from-outside', { watcher: insider.watcher })
    await outside.exists('/from-inside', { watcher: outsider.watcher })

    await outside.create('/from-outside')
    await inside.create('/from-inside')
    await outside.sync('/')

    expect(insider.events).toEqual(['NodeCreated /from-outside'])
    expect(outsider.events).toEqual(['NodeCreated /from-inside'])
  })

  it('hear of a change before its data, on the wire too', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    zoo.load({ '/a': 'old' })
    const [inside, outside] = [await zoo.connect(), await dialServer()]
    const log: string[] = []
    await outside.getData('/a', { watcher: ({ type }) => log.push(type) })

    await inside.setData('/a', 'new')
    log.push(`${text((await outside.getData('/a')).data)}`)

    expect(log).toEqual(['NodeDataChanged', 'new'])
  })

  it('lose their ephemerals to each other when they end', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const [inside, outside] = [await zoo.connect(), await dialServer()]
    await outside.create('/e', null, { mode: 'EPHEMERAL' })
    const { events, watcher } = recordEvents()
    await inside.exists('/e', { watcher })

    await outside.close()
    await zoo.settle()

    expect(events).toEqual(['NodeDeleted /e'])
  })
})

describe('a session on the wire', () => {
  it('is cut off once by zoo.disconnect with its id, and comes back', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const { sessionId } = zk

    zoo.disconnect(sessionId)
    await until(() => events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
    expect(zk.sessionId).toBe(sessionId)
  })

  it('is ended by zoo.expire with its id: its ephemerals go at once, it hears of it when it comes back', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    zoo.expire(zk.sessionId)
    const { ephemerals, sessions } = zoo.reports.counts()
    await until(() => events.length === 3)

    expect([ephemerals, sessions]).toEqual([0, 0])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })

  it('has a time until it expires, which its requests put off; one in process has none', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const [inside, outside] = [await zoo.connect(), await dialServer({ sessionTimeoutMs: 600 })]

    const leftMs = zoo.reports.expiresInMs(outside.sessionId)
    await until(() => zoo.reports.expiresInMs(outside.sessionId) < leftMs - 100)
    await outside.exists('/')

    // Rounded up to the next tick.
    expect(zoo.reports.expiresInMs(outside.sessionId)).toBeGreaterThan(550)
    expect(zoo.reports.expiresInMs(outside.sessionId)).toBeLessThanOrEqual(650)
    expect(zoo.reports.expiresInMs(inside.sessionId)).toBe(Number.POSITIVE_INFINITY)
    expect(zoo.reports.expiresInMs(99n)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is known by the address of its client', async () => {
    const { zoo, endpoint } = await startNetwork()
    const owner = await zoo.connect()
    const zk = await dial(endpoint.connectString)
    await owner.create('/local', null, { acl: [{ perms: 31, scheme: 'ip', id: '127.0.0.1' }] })
    await owner.create('/other', null, { acl: [{ perms: 31, scheme: 'ip', id: '127.0.0.2' }] })

    expect([await codeOf(zk.getData('/local')), await codeOf(zk.getData('/other'))]).toEqual(['OK', 'NOAUTH'])
  })
})

/** Adds one to a number that others change too. */
async function increment(zk: Awaited<ReturnType<typeof dial>>): Promise<void> {
  for (;;) {
    const { data, stat } = await zk.getData('/n')
    const code = await codeOf(zk.setData('/n', `${Number(text(data)) + 1}`, stat.version))
    if (code === 'OK') return
  }
}

describe('a connection that its client has reset before it was accepted', () => {
  it('has no address, and is not served', async () => {
    const { endpoint, zoo } = await startNetwork({ listen: { port: 0 } })
    const zk = await zoo.connect()
    await zk.create('/a', 'mine', { acl: [{ perms: Perms.ALL, scheme: 'ip', id: '127.0.0.1' }] })
    const handshake = Buffer.concat([
      Buffer.from([0, 0, 0, 44]),
      Buffer.alloc(12),
      Buffer.from([0, 0, 40, 0]),
      Buffer.alloc(8),
      Buffer.from([0, 0, 0, 16]),
      Buffer.alloc(16),
    ])
    const write = Buffer.concat([
      Buffer.from([0, 0, 0, 26, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 2]),
      Buffer.from('/a'),
      Buffer.from([0, 0, 0, 4]),
      Buffer.from('lost'),
      Buffer.from([255, 255, 255, 255]),
    ])

    resetWhileNobodyAccepts(endpoint.port ?? 0, Buffer.concat([handshake, write]))
    const later = await call(endpoint.port)
    later.socket.write('ruok')
    await later.closed

    expect([text((await zk.getData('/a')).data), later.heard(), endpoint.served.requests]).toEqual([
      'mine',
      'imok',
      1,
    ])
  })
})

/** Connects from 127.0.0.9 on a thread, sends and resets, while this thread stands still. */
function resetWhileNobodyAccepts(port: number, bytes: Uint8Array): void {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { workerData: { port, bytes, done } } = require('node:worker_threads')
     const socket = require('node:net').createConnection({ host: '127.0.0.1', port, localAddress: '127.0.0.9' })
     socket.on('connect', () => socket.write(bytes, () => {
       socket.on('close', () => { Atomics.store(done, 0, 1); Atomics.notify(done, 0) })
       socket.resetAndDestroy()
     }))`,
    { eval: true, workerData: { port, bytes, done } },
  )
  onTestFinished(async () => void (await worker.terminate()))
  if (Atomics.wait(done, 0, 0, 10_000) === 'timed-out') throw new Error('The thread has sent nothing')
}
