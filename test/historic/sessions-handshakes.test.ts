/**
 * Bugs at the beginning of connections, and with what they carry over (55 to 60 of the bank): readers that are never let go on,
 * two sessions in one client, failed authentication, lost identities, two leaders. Each test fails if zoolet has the bug.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import { connect } from '../../src/node/index.js'
import { JuteWriter } from '../../src/protocol/jute.js'
import { OpCode } from '../../src/protocol/op-code.js'
import { AUTH_XID } from '../../src/protocol/xid.js'
import { A_CLIENT, LOCALHOST } from '../cli/certificates.js'
import { startConnected, startScript } from '../client/scripted-server.js'
import { dial, startNetwork } from '../node/network.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, join, utf8 } from '../protocol/hex.js'
import {
  auth,
  bytes,
  codeOf,
  connectRaw,
  create,
  RawCnxn,
  read,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { arm, WATCH_KINDS } from '../semantics/watches/trigger-matrix.js'
import { connectFrame, requestFrame, SYNCED_BYTES, syncFrames, WireWorld } from '../transport/fake-link.js'
import { Channel } from '../transport/fake-port.js'

describe('55. ZK-3072, 2785, 3793: a connection that was paused is never read again', () => {
  const parameters = runParameters(100)
  type Step = { readonly do: 'send' | 'read' | 'turn' | 'cut'; readonly count: number }
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.constantFrom('send', 'send', 'read', 'turn', 'cut'),
    count: fc.integer({ min: 1, max: 90 }),
  })

  it(
    'each request is answered in its order, however it is cut into pieces, held up and let go on',
    () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          const world = new WireWorld({ limits: { maxUnsentReplyBytes: 3 * SYNCED_BYTES } })
          const peer = world.connect()
          peer.isReading = false
          let sent = 0
          let rest: Uint8Array = new Uint8Array(0)
          for (const { do: what, count } of steps) {
            if (what === 'read') peer.link.send(count)
            if (what === 'turn') world.turn()
            if (what === 'send') {
              rest = join(rest, ...syncFrames(sent + count).slice(sent))
              sent += count
            }
            // Some of what waits goes out, and its end is rarely that of a frame.
            const whole = what === 'cut' ? Math.min(rest.length, count * 3) : 0
            if (whole > 0) peer.send(rest.subarray(0, whole))
            rest = rest.slice(whole)
          }
          peer.send(rest)
          world.settle()

          expect([...peer.readAll(), ...peer.takeHeard()]).toEqual(
            Array.from({ length: sent }, (_, xid) => `${xid} OK`),
          )
          expect(peer.link.log.filter((line) => line !== 'pause' && line !== 'resume')).toEqual([])
          expect(peer.link.log.at(-1) ?? 'resume').toBe('resume')
        }),
        parameters,
      )
    },
    timeLimitMs(parameters),
  )

  it(
    'a port passes on all that was written, whatever order of pauses and resumes',
    async () => {
      const pause = fc.constantFrom('pause', 'resume', 'write', 'deliver')
      await fc.assert(
        fc.asyncProperty(fc.array(pause, { maxLength: 30 }), async (steps) => {
          const channel = new Channel()
          const { near, far } = channel.open()
          let written = 0
          for (const what of steps) {
            if (what === 'pause') far.link.pause()
            if (what === 'resume') far.link.resume()
            if (what === 'write') near.link.write(Uint8Array.of(++written), () => undefined)
            if (what === 'deliver') await channel.settle()
          }
          far.link.resume()
          for (let turns = 0; turns < 5; turns++) await channel.settle()

          expect(far.bytes).toEqual(Array.from({ length: written }, (_, i) => i + 1))
        }),
        parameters,
      )
    },
    timeLimitMs(parameters),
  )
})

describe('56. CK-21264: one client has two live sessions', () => {
  it('not in process after an expiry: it dials no more', async () => {
    const { zoo, zk } = await startWorld()

    zoo.expire(zk)
    await zoo.settle()

    expect(zoo.reports.sessions()).toEqual([])
    expect(zk.state).toBe('CLOSED')
  })

  it('nor when it breaks a connection off: the old one is closed before the new one is dialled', async () => {
    const { first, cnxns } = await startConnected()
    let firstAtDial: string[] = []
    const second = cnxns.length

    first.reply(99)
    firstAtDial = [...first.log]

    expect(firstAtDial).toEqual(['connect 0', 'closed'])
    expect(cnxns[second]?.log).toEqual(['connect 7'])
  })

  it('nor for a server that can only read and makes up an id: the session that was granted is asked for again', async () => {
    const { cnxns, started } = startScript({ canBeReadOnly: true })
    cnxns[0]?.accept()
    await started
    cnxns[0]?.drop()
    cnxns[1]?.acceptReadOnly()
    cnxns[1]?.drop()

    expect(cnxns.map(({ log }) => log[0])).toEqual(['connect 0', 'connect 7', 'connect 9'])
  })

  it('the server ends the old connection before it answers on the new one', () => {
    const { zoo } = startServer()
    const log: string[] = []
    const first = connectRaw(zoo)
    const second = new (class extends RawCnxn {
      override connected(response: Parameters<RawCnxn['connected']>[0]): void {
        log.push(...first.log)
        super.connected(response)
      }
    })(zoo)

    second.open({ id: first.sessionId, password: first.password })

    expect(log).toEqual(['connected', 'closed'])
    expect(second.log).toEqual(['connected'])
  })

  it('a session whose answer was lost ends by itself, and the one that was heard lives', async () => {
    const world = new WireWorld()
    const lost = world.dial()
    lost.isReading = false
    lost.shakeHands({ timeoutMs: 4000 })
    lost.end.closed()
    const heard = world.connect({ timeoutMs: 4000 })

    for (let ms = 0; ms < 6000; ms += 1000) {
      heard.ask(1, { type: 'ping' })
      await world.pass(1000)
    }

    expect(world.zoo.reports.sessions().map(({ id }) => id)).toEqual([heard.session?.sessionId])
  })
})

describe('57. ZK-3905: a session is created though authentication failed', () => {
  it('not over TLS for a client without the certificate that is asked for', async () => {
    const tls = { ...LOCALHOST, requestCert: true, rejectUnauthorized: true, ca: A_CLIENT.cert }
    const { zoo, endpoint } = await startNetwork({ listen: { port: 0, tls } })
    const events: string[] = []
    zoo.inspect(({ kind }) => events.push(kind))

    const options = { tls: { ca: LOCALHOST.cert }, connectTimeoutMs: 300 }
    const code = await codeOf(connect(`localhost:${endpoint.port}`, options))

    expect(code).toBe('CONNECTIONLOSS')
    expect([events, zoo.reports.counts()]).toMatchObject([[], { sessions: 0, zxid: 0n }])
  })

  it.each([
    ['half a handshake', connectFrame().slice(0, 20)],
    ['a request in the place of the handshake', requestFrame(1, create('/a'))],
    ['a wrong password', connectFrame({ sessionId: 1n })],
    ['more than the server knows', connectFrame({ lastZxidSeen: 9 })],
  ])('not for %s: no session, no zxid, and what follows is not served', async (_what, handshake) => {
    const world = new WireWorld()
    const peer = world.dial()

    peer.send(handshake)
    await world.pass(10_000)
    peer.ask(2, create('/b'))

    expect(world.zoo.reports.counts()).toMatchObject({ sessions: 0, zxid: 0n, znodes: 4 })
    expect(peer.takeHeard().filter((line) => line !== 'refused')).toEqual([])
  })

  it('a client whose identity is refused is finished, and its session keeps nothing', async () => {
    const { zoo, clock } = startServer()

    const code = await codeOf(zoo.connect({ auth: [{ scheme: 'unknown', auth: 'x' }] }))
    await clock.advance(60_000)

    expect(code).toBe('AUTHFAILED')
    expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, watches: 0 })
  })
})

describe('58. ZK-1152: an error while auth is handled corrupts the buffer', () => {
  it.each([
    ['nothing', ''],
    ['no colon', 'alice'],
    ['colons', ':::'],
    ['no UTF-8', 'ff fe c0 80'],
    ['very much', '61*100000'],
  ])('digest with %s, and a valid request right behind it, on one connection', (_what, garbage) => {
    const world = new WireWorld()
    const peer = world.connect()
    const claim = garbage.startsWith('ff') || garbage.startsWith('61') ? hex(garbage) : utf8(garbage)

    peer.send(
      requestFrame(AUTH_XID, { type: 'auth', scheme: 'digest', auth: claim }),
      requestFrame(1, create('/a', { data: bytes('whole') })),
      requestFrame(2, { type: 'whoAmI' }),
    )

    expect(peer.takeHeard()).toEqual(['-4 OK', '1 OK', '2 OK'])
    expect(world.zoo.dump()).toEqual({ '/a': 'whole' })
  })

  it.each(['', 'unknown', 'world', 'super', 'auth', 'sasl'])(
    'the scheme "%s" is refused: nothing behind it is served, and nobody else is harmed',
    (scheme) => {
      const world = new WireWorld()
      const [bad, good] = [world.connect(), world.connect()]

      bad.send(requestFrame(AUTH_XID, auth(scheme, 'x:y')), requestFrame(1, create('/a')))
      good.send(requestFrame(AUTH_XID, auth('digest', 'x:y')), requestFrame(1, create('/b')))

      expect([bad.takeHeard(), bad.link.log]).toEqual([['-4 AUTHFAILED'], ['end']])
      expect([good.takeHeard(), good.link.log]).toEqual([['-4 OK', '1 OK'], []])
      expect(Object.keys(world.zoo.dump())).toEqual(['/b'])
    },
  )

  it('a claim that ends in its middle costs the connection, at any byte', () => {
    const whole = requestFrame(AUTH_XID, auth('digest', 'alice:pw')).slice(4 + 8)
    for (let length = 0; length < whole.length; length++) {
      const world = new WireWorld()
      const peer = world.connect()

      peer.send(claimFrame(whole.slice(0, length)), requestFrame(1, create('/a')))

      expect([peer.takeHeard(), peer.link.log]).toEqual([[], ['end']])
      expect(world.connect().session?.timeoutMs).toBe(10_000)
    }
  })

  /** A claim whose body is cut short, in a frame that is whole. */
  function claimFrame(body: Uint8Array): Uint8Array {
    const out = new JuteWriter()
    out.int(body.length + 8)
    out.int(AUTH_XID)
    out.int(OpCode.auth)
    return join(out.take(), body)
  }
})

describe('59. kz #229, #400, go #181, ZK-438, 375, go 3449f0a, kz de20be9: identities are lost on reconnect', () => {
  const PEOPLE = ['alice:1', 'bob:2', 'carol:3'] as const

  it('all are claimed again, in their order, before the watches and before any request that waits', async () => {
    const { zk, first, cnxns } = await startConnected()
    const claims = PEOPLE.map((claim) => zk.addAuthInfo('digest', claim))
    for (const _ of PEOPLE) first.reply(AUTH_XID)
    const armed = WATCH_KINDS.map((kind) => codeOf(arm(zk, kind, '/a', () => undefined)))
    for (const { xid } of first.requests.slice(PEOPLE.length)) first.reply(xid, 'NONODE')
    await Promise.all([...claims, ...armed])

    first.drop()
    void codeOf(zk.create('/waits'))
    void codeOf(zk.addAuthInfo('digest', 'dave:4'))
    const [, second] = cnxns
    second?.accept()

    const kinds = second?.log.map((line) => line.replace(/^\d+ /, ''))
    const claimed = second?.requests.map(({ request }) =>
      request.type === 'auth' ? new TextDecoder().decode(request.auth ?? undefined) : request.type,
    )
    expect(kinds).toEqual(['connect 7', '-4 auth', '-4 auth', '-4 auth', '-4 auth', 'setWatches', 'create'])
    expect(claimed).toEqual([...PEOPLE, 'dave:4', 'setWatches', 'create'])
  })

  it('one whose answer never came fails at the cut, and is claimed again all the same', async () => {
    const { zk, first, cnxns } = await startConnected()
    const claim = codeOf(zk.addAuthInfo('digest', 'alice:1'))

    first.drop()
    cnxns[1]?.accept()

    expect(await claim).toBe('CONNECTIONLOSS')
    expect(cnxns[1]?.log).toEqual(['connect 7', '-4 auth'])
  })

  it.each(['in process', 'over TCP'])(
    'a client reads and watches what only it may, after each of three cuts %s',
    async (where) => {
      const { zoo, endpoint } = await startNetwork()
      const zk = where === 'over TCP' ? await dial(endpoint.connectString) : await zoo.connect()
      for (const claim of PEOPLE) await zk.addAuthInfo('digest', claim)
      await zk.create('/mine', 'x', { acl: [{ perms: 31, scheme: 'auth', id: '' }] })
      const codes: string[] = []

      for (let cut = 0; cut < 3; cut++) {
        await cutOff(zoo, zk)
        codes.push(await codeOf(zk.getData('/mine')), await codeOf(zk.setData('/mine', 'y')))
      }

      expect(new Set(codes)).toEqual(new Set(['OK']))
      expect((await zk.whoAmI()).map(({ user }) => user).slice(1)).toEqual(['alice', 'bob', 'carol'])
    },
  )

  /** Cuts the link; resolves once the client has noticed. */
  async function cutOff(zoo: EmbeddedZooKeeper, zk: ZooKeeper): Promise<void> {
    const gone = new Promise((resolve) => zk.once('disconnected', resolve))
    zoo.disconnect(zk.sessionId)
    await gone
    if (zoo.pending().some(({ sessionId }) => sessionId === zk.sessionId)) zoo.reconnect(zk)
  }
})

describe('60. CUR-644, 645, 653, 696, 498, 264: two leaders after a reconnection', () => {
  const parameters = runParameters(50)
  const LEADER = '/leader'

  /** Takes part in an election by one ephemeral znode, and believes only what its connection still vouches for. */
  class Candidate {
    readonly zk: ZooKeeper
    believes = false

    constructor(zk: ZooKeeper) {
      this.zk = zk
      zk.on('disconnected', () => {
        this.believes = false
      })
      zk.on('expired', () => {
        this.believes = false
      })
    }

    async stand(): Promise<void> {
      await codeOf(this.zk.create(LEADER, null, { mode: 'EPHEMERAL' }))
      const stat = await this.zk.exists(LEADER).catch(() => null)
      this.believes = stat?.ephemeralOwner === this.zk.sessionId && this.zk.state === 'CONNECTED'
    }
  }

  it(
    'never by the time of the server, whatever is cut off, expires and comes back',
    async () => {
      const what = fc.constantFrom('stand', 'cut', 'return', 'expire', 'wait')
      const step = fc.record({ what, who: fc.nat({ max: 2 }) })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const { zoo, clock } = startServer()
          const candidates = await Promise.all(
            Array.from({ length: 3 }, async () => new Candidate(await zoo.connect({ connectTimeoutMs: 1 }))),
          )
          for (const { what, who } of steps) {
            const one = candidates[who]
            if (one === undefined || one.zk.state === 'CLOSED') continue
            if (what === 'stand') void one.stand()
            if (what === 'cut') zoo.disconnect(one.zk)
            if (what === 'return') zoo.reconnect(one.zk)
            const isLive = zoo.reports.sessions().some(({ id }) => id === one.zk.sessionId)
            if (what === 'expire' && isLive) zoo.expire(one.zk)
            await clock.advance(what === 'wait' ? 31_000 : 2)

            const leaders = candidates.filter(({ believes }) => believes).map(({ zk }) => zk.sessionId)
            const owner = zoo.reports.znodes().find(({ path }) => path === LEADER)?.stat.ephemeralOwner
            expect(leaders.filter((id) => id !== owner)).toEqual([])
            expect(leaders.length).toBeLessThanOrEqual(1)
          }
          await zoo.close()
        }),
        parameters,
      )
    },
    timeLimitMs(parameters),
  )

  it('and a new connection reads the leader that the old one left', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create(LEADER, null, { mode: 'EPHEMERAL' })

    expect(connectRaw(zoo).code(read('exists', LEADER))).toBe('OK')
    expect(connectRaw(zoo).code(create(LEADER, { mode: 'EPHEMERAL' }))).toBe('NODEEXISTS')
  })
})
