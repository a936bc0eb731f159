/** RequestLog: what `zoolet serve --verbose` shows of each kind of event, in order, and what it never shows. */
import { describe, expect, it } from 'vitest'
import { RequestLog } from '../../src/cli/request-log.js'
import { type EmbeddedZooKeeper, Op, Perms } from '../../src/index.js'
import { bytes, codeOf, startServer } from '../semantics/fixture.js'
import { samples } from './inspection-samples.js'

describe('the log of a server', () => {
  it('tells the life of a watch, from its setting to the reply of the change that fires it', async () => {
    const { zoo } = startServer()
    const lines = linesOf(zoo)
    const writer = await zoo.connect()
    const reader = await zoo.connect({ sessionTimeoutMs: 10_000 })

    await writer.create('/app', 'hello')
    await reader.getData('/app', { watcher: () => undefined })
    await writer.setData('/app', 'world', 0)

    expect(lines).toEqual([
      'zxid 0x1     createSession s1',
      's1           opened: session 0x18cc251f4000000, timeout 30000 ms',
      'zxid 0x2     createSession s2',
      's2           opened: session 0x18cc251f4000001, timeout 10000 ms',
      's1 ->        #1 create /app "hello"',
      'zxid 0x3     create /app "hello"',
      's1 <-        #1 OK',
      's2 ->        #1 getData /app watch',
      'watch set    one-shot data watch of s2 on /app',
      's2 <-        #1 OK',
      's1 ->        #2 setData /app v0 "world"',
      'zxid 0x4     setData /app -> version 1',
      'watch fired  one-shot data watch of s2 on /app: NodeDataChanged /app',
      'watch gone   one-shot data watch of s2 on /app: it has fired',
      's2 <-        NodeDataChanged /app',
      's1 <-        #2 OK',
    ])
  })

  it('tells of a watch that finds an event below it, and stays', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    await zk.createAll('/app/a')
    await zk.addWatch('/app', () => undefined, { recursive: true })
    const lines = linesOf(zoo)

    await zk.delete('/app/a')

    expect(lines.filter((line) => line.startsWith('watch'))).toEqual([
      'watch fired  recursive data watch of s1 on /app: NodeDeleted /app/a',
    ])
  })

  it('tells of the end of a connection and of its return, the full id once', async () => {
    const { zoo } = startServer()
    const lines = linesOf(zoo)
    const zk = await zoo.connect()
    await zk.addWatch('/app', () => undefined, { recursive: true })
    const before = lines.length

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect(lines.slice(before)).toEqual([
      'watch gone   recursive data watch of s1 on /app: its connection is gone',
      's1           disconnected: its watches are gone, its session lives on',
      's1           resumed: timeout 30000 ms',
      's1 ->        #2 setWatches 1 recursive, since zxid 0x1',
      'watch set    recursive data watch of s1 on /app',
      's1 <-        #2 OK',
    ])
  })

  it('gives the full id of a session that began before, when it returns', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    const lines = linesOf(zoo)

    zoo.disconnect(zk)
    zoo.reconnect(zk)

    expect(lines).toEqual([
      's1           disconnected: its watches are gone, its session lives on',
      's1           resumed: session 0x18cc251f4000000, timeout 30000 ms',
    ])
  })

  it('tells of sessions that close and that expire, by the same names to the last line', async () => {
    const { zoo } = startServer()
    const [closing, expiring] = [await zoo.connect(), await zoo.connect()]
    await closing.create('/e', null, { mode: 'EPHEMERAL' })
    await expiring.exists('/f', { watcher: () => undefined })
    const lines = linesOf(zoo)

    await closing.close()
    zoo.expire(expiring)

    expect(lines).toEqual([
      's1 ->        #2 closeSession',
      'zxid 0x4     closeSession s1 deletes 1 ephemeral: /e',
      's1           closed',
      's1 <-        #2 OK',
      'zxid 0x5     closeSession s2',
      's2           expired',
      'watch gone   one-shot data watch of s2 on /f: its connection is gone',
    ])
  })

  it('tells of what is refused', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    const lines = linesOf(zoo)

    await codeOf(zk.delete('/none', 3))
    await codeOf(zk.multi([Op.create('/a'), Op.check('/none')]))

    expect(lines).toEqual([
      's1 ->        #1 delete /none v3',
      'zxid 0x2     refused: NONODE',
      's1 <-        #1 NONODE',
      's1 ->        #2 multi of 2: create /a null, check /none',
      'zxid 0x3     refused: NONODE in operation 2 of 2',
      // The reply is a list with one result for each operation, and that list is all right.
      's1 <-        #2 OK',
    ])
  })

  it('tells of an event that is withheld, and of no notification then', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    await zk.exists('/a', { watcher: () => undefined })
    const lines = linesOf(zoo)

    await zk.create('/a', null, { acl: [{ perms: Perms.WRITE, scheme: 'world', id: 'anyone' }] })

    expect(lines.filter((line) => line.includes('NodeCreated'))).toEqual([
      'watch fired  one-shot data watch of s1 on /a: NodeCreated /a',
      's1           may not read, and is not told: NodeCreated /a',
    ])
  })

  it('says nothing of what in-process clients queue and deliver', () => {
    const lines = [samples.queued, samples.delivered].map((event) => new RequestLog().findLine(event))

    expect(lines).toEqual([undefined, undefined])
  })
})

describe('a line', () => {
  const { queued, delivered, ...served } = samples

  it.each(Object.values(served))(
    'of $kind has who or what on the left, and the rest in one column',
    (event) => {
      const line = new RequestLog().findLine(event)

      expect(line).toMatch(/^\S.{11} \S[^\n]*$/)
    },
  )

  it.each([
    [-2, { type: 'ping' }, ['s1 ->        ping', 's1 <-        ping OK']],
    [-8, { type: 'ping' }, ['s1 ->        #-8 ping', 's1 <-        setWatches OK']],
    [-3, { type: 'ping' }, ['s1 ->        #-3 ping', 's1 <-        #-3 OK']],
    [7, { type: 'ping' }, ['s1 ->        #7 ping', 's1 <-        #7 OK']],
  ] as const)(
    'of a request with the xid %i has its number, unless that says the same again',
    (xid, request, expected) => {
      const log = new RequestLog()

      const lines = [
        log.findLine({ ...samples.request, xid, request }),
        log.findLine({ ...samples.reply, xid }),
      ]

      expect(lines).toEqual(expected)
    },
  )

  it('of an event that setWatches caught up with says so', () => {
    const line = new RequestLog().findLine({ ...samples.notification, zxid: -1 })

    expect(line).toBe('s1 <-        NodeCreated /a, missed while disconnected')
  })

  it('of a watch that has more than one mode names them all', () => {
    const line = new RequestLog().findLine({ ...samples.watchRemoved, modes: ['standard', 'recursive'] })

    expect(line).toBe('watch gone   one-shot+recursive child watch of s1 on /a: on request')
  })

  it('of a quota says which one and by how much', () => {
    const lines = [false, true].map((isHard) =>
      new RequestLog().findLine({ ...samples.quotaExceeded, isHard }),
    )

    expect(lines).toEqual([
      'quota        exceeded on /a: bytes 12, soft limit 10',
      'quota        exceeded on /a: bytes 12, hard limit 10',
    ])
  })
})

describe('secrets', () => {
  it('are in no line: no password of a session, no credential, no id of an ACL', async () => {
    const { zoo } = startServer({ randomBytes: (length) => new Uint8Array(length).fill(115) })
    const lines = linesOf(zoo)
    const zk = await zoo.connect()

    await zk.addAuthInfo('digest', 'alice:secret')
    await zk.create('/a', null, { acl: [{ perms: Perms.ALL, scheme: 'auth', id: '' }] })
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.getACL('/a')

    expect(lines.join('\n')).toContain('auth digest')
    expect(lines.join('\n')).not.toMatch(/secret|alice|ssss|73737373/)
  })

  it('of data no more than forty characters are shown', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    const lines = linesOf(zoo)

    await zk.create('/a', `${'x'.repeat(40)}secret`)
    await zk.create('/b', bytes('\0secret'))

    expect(lines.filter((line) => line.includes('create'))).toEqual([
      `s1 ->        #1 create /a "${'x'.repeat(40)}"... 46 bytes`,
      `zxid 0x2     create /a "${'x'.repeat(40)}"... 46 bytes`,
      's1 ->        #2 create /b 7 bytes',
      'zxid 0x3     create /b 7 bytes',
    ])
  })
})

function linesOf(zoo: EmbeddedZooKeeper): string[] {
  const lines: string[] = []
  const log = new RequestLog()
  zoo.inspect((event) => {
    const line = log.findLine(event)
    if (line !== undefined) lines.push(line)
  })
  return lines
}
