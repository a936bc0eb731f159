/**
 * ClientCnxn when its server is not what it should be: one that can only read, one that is gone for so long that the session must
 * be over, one that does not answer at all; and what the calls that suffer from it say about the reason.
 */
import { describe, expect, it } from 'vitest'
import type { ClientEvents } from '../../src/transport/transport.js'
import { codeOf, failureOf } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { type Script, ScriptedCnxn, startScript } from './scripted-server.js'

/** A session of 30 s ends by itself 40 s after the last sign of life. */
const LOCAL_EXPIRY_MS = 40_000

/** A client that is connected and expires by itself. */
async function startMortal(): Promise<Script & { readonly first: ScriptedCnxn }> {
  return connected(startScript({ expiresLocally: true }))
}

async function connected(script: Script): Promise<Script & { readonly first: ScriptedCnxn }> {
  const [first] = script.cnxns
  if (first === undefined) throw new Error('the client did not dial')
  first.accept()
  await script.started
  return { ...script, first }
}

describe('a server that can only read', () => {
  it('makes the client CONNECTED_READ_ONLY, which is told as such', async () => {
    const { zk, cnxns, started, events } = startScript({ canBeReadOnly: true })
    const emitted: string[] = []
    zk.on('connected', ({ state }) => emitted.push(state))

    cnxns[0]?.acceptReadOnly()
    await started

    expect(zk.state).toBe('CONNECTED_READ_ONLY')
    expect(events).toEqual(['None ConnectedReadOnly'])
    expect(emitted).toEqual(['ConnectedReadOnly'])
  })

  it.each([[true], [false]])('is looked for if the client asks for it: %s', (canBeReadOnly) => {
    const { cnxns } = startScript({ canBeReadOnly })

    expect(cnxns[0]?.handshake?.canBeReadOnly).toBe(canBeReadOnly)
  })

  it('is sent calls like any other, and its refusals are told', async () => {
    const { zk, cnxns, started } = startScript({ canBeReadOnly: true })
    cnxns[0]?.acceptReadOnly()
    await started

    const calls = [codeOf(zk.exists('/a')), codeOf(zk.create('/a'))]
    cnxns[0]?.reply(1, 'NONODE')
    cnxns[0]?.reply(2, 'NOTREADONLY')

    expect(await Promise.all(calls)).toEqual(['OK', 'NOTREADONLY'])
  })

  it('is left for one that can write, and each is told', async () => {
    const { zk, cnxns, events, started } = startScript({ canBeReadOnly: true })
    cnxns[0]?.acceptReadOnly()
    await started
    await macrotask()

    cnxns[0]?.drop()
    cnxns[1]?.accept()
    await macrotask()

    expect(zk.state).toBe('CONNECTED')
    expect(events).toEqual(['None ConnectedReadOnly', 'None Disconnected', 'None SyncConnected'])
  })

  it('makes up a session that no other server knows: the next one is asked for a new one', () => {
    const { zk, cnxns } = startScript({ canBeReadOnly: true })
    cnxns[0]?.acceptReadOnly()

    cnxns[0]?.drop()
    const { sessionId, password } = cnxns[1]?.handshake ?? {}
    cnxns[1]?.accept()

    expect([sessionId, password]).toEqual([0n, new Uint8Array(16)])
    expect([zk.state, zk.sessionId]).toEqual(['CONNECTED', 7n])
  })

  it('goes on with a session that a server knew before it, as does the next one', async () => {
    const { cnxns } = await connected(startScript({ canBeReadOnly: true }))

    cnxns[0]?.drop()
    cnxns[1]?.acceptReadOnly(7n)
    cnxns[1]?.drop()

    expect(cnxns.map(({ handshake }) => handshake?.sessionId)).toEqual([0n, 7n, 7n])
    expect(cnxns[2]?.handshake?.password).toEqual(new Uint8Array(16).fill(7))
  })

  it('does not cost the session that the user came back with', () => {
    const session = { id: 5n, password: new Uint8Array(16).fill(5) }
    const { cnxns } = startScript({ canBeReadOnly: true, session })

    cnxns[0]?.acceptReadOnly(5n)
    cnxns[0]?.drop()

    expect(cnxns.map(({ handshake }) => handshake?.sessionId)).toEqual([5n, 5n])
  })
})

describe('a dial', () => {
  it('is bound to the session that was asked for, and later to the one that was granted', () => {
    const bounds: number[] = []
    const cnxns: ScriptedCnxn[] = []
    const dial = (events: ClientEvents, sessionTimeoutMs: number): ScriptedCnxn => {
      bounds.push(sessionTimeoutMs)
      cnxns.push(new ScriptedCnxn(events))
      return cnxns.at(-1) ?? new ScriptedCnxn(events)
    }
    startScript({ dialer: { dial } })

    cnxns[0]?.drop()
    cnxns[1]?.accept(4000)
    cnxns[1]?.drop()

    expect(bounds).toEqual([30_000, 30_000, 4000])
  })
})

describe('a client that expires by itself', () => {
  it('takes its session for expired when it has heard no server for 4/3 of it', async () => {
    const { zk, first, cnxns, clock, events } = await startMortal()
    first.drop({ heardMs: clock.monotonicMs() })

    await clock.advance(LOCAL_EXPIRY_MS - 1)
    const before = zk.state
    await clock.advance(1)
    await macrotask()

    expect([before, zk.state]).toEqual(['CONNECTING', 'CLOSED'])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
    expect(cnxns.map(({ log }) => log.at(-1))).toEqual(['connect 0', 'closed'])
  })

  it('counts from the last word of the server, not from the cut', async () => {
    const { zk, first, clock } = await startMortal()
    await clock.advance(15_000)
    first.drop({ heardMs: clock.monotonicMs() - 10_000 })

    await clock.advance(LOCAL_EXPIRY_MS - 10_001)
    const before = zk.state
    await clock.advance(1)

    expect([before, zk.state]).toEqual(['CONNECTING', 'CLOSED'])
  })

  it('does so at once if that time is over when it notices', async () => {
    const { zk, first, clock } = await startMortal()
    await clock.advance(3_600_000)

    first.drop({ heardMs: 0 })
    await clock.advance(0)

    expect(zk.state).toBe('CLOSED')
  })

  it('counts on while dials fail', async () => {
    const { zk, first, cnxns, clock } = await startMortal()
    first.drop({ heardMs: clock.monotonicMs() })

    for (let i = 0; i < 4; i++) {
      await clock.advance(LOCAL_EXPIRY_MS / 4)
      cnxns.at(-1)?.drop({ cause: new Error('refused') })
    }

    expect(zk.state).toBe('CLOSED')
  })

  it('ends its calls with SESSIONEXPIRED, and leaves no timer', async () => {
    const { zk, first, clock } = await startMortal()
    first.drop({ heardMs: clock.monotonicMs() })
    await clock.advance(LOCAL_EXPIRY_MS - 1)
    const waiting = codeOf(zk.exists('/a'))

    await clock.advance(1)

    expect([await waiting, await codeOf(zk.exists('/a'))]).toEqual(['SESSIONEXPIRED', 'SESSIONEXPIRED'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('lives on if a server takes it back in time, and counts anew after that', async () => {
    const { zk, first, cnxns, clock } = await startMortal()
    first.drop({ heardMs: clock.monotonicMs() })
    await clock.advance(LOCAL_EXPIRY_MS - 1)
    cnxns[1]?.accept()
    await clock.advance(LOCAL_EXPIRY_MS)
    const between = zk.state

    cnxns[1]?.drop({ heardMs: clock.monotonicMs() })
    await clock.advance(LOCAL_EXPIRY_MS - 1)

    expect([between, zk.state]).toEqual(['CONNECTED', 'CONNECTING'])
  })

  it('goes by the timeout that the server granted', async () => {
    const { zk, cnxns, clock } = startScript({ expiresLocally: true })
    cnxns[0]?.accept(3000)
    cnxns[0]?.drop({ heardMs: clock.monotonicMs() })

    await clock.advance(3999)
    const before = zk.state
    await clock.advance(1)

    expect([before, zk.state]).toEqual(['CONNECTING', 'CLOSED'])
  })

  it('does not if it was never connected', async () => {
    const { zk, cnxns, clock } = startScript({ expiresLocally: true })
    cnxns[0]?.drop({ cause: new Error('refused') })

    await clock.advance(3_600_000)

    expect(zk.state).toBe('CONNECTING')
  })

  it('does not unless it is told to', async () => {
    const { zk, first, clock } = await connected(startScript())
    first.drop({ heardMs: clock.monotonicMs() })

    await clock.advance(3_600_000)

    expect(zk.state).toBe('CONNECTING')
  })
})

describe('a client that is given up', () => {
  it('ends its start with CONNECTIONLOSS, and is closed', async () => {
    const { zk, cnxn, cnxns, clock, started, events } = startScript()
    const code = codeOf(started)
    await clock.advance(999)
    const before = zk.state

    cnxn.giveUp()

    expect([before, await code, zk.state]).toEqual(['CONNECTING', 'CONNECTIONLOSS', 'CLOSED'])
    expect(cnxns[0]?.log).toEqual(['connect 0', 'closed'])
    await macrotask()
    expect(events).toEqual(['None Closed'])
  })

  it('has what last went wrong as its cause, and leaves no timer', async () => {
    const { cnxn, cnxns, clock, started } = startScript()
    const failure = failureOf(() => started)
    cnxns[0]?.drop({ cause: new Error('first') })
    cnxns[1]?.drop({ cause: new Error('last') })
    cnxns[2]?.drop()

    cnxn.giveUp()

    expect(await failure).toHaveProperty('cause.message', 'last')
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends the calls that were made meanwhile with the same code', async () => {
    const { zk, cnxn, started } = startScript()
    const codes = [codeOf(started), codeOf(zk.exists('/a'))]

    cnxn.giveUp()

    expect(await Promise.all(codes)).toEqual(['CONNECTIONLOSS', 'CONNECTIONLOSS'])
  })

  it('does not end twice', async () => {
    const { zk, cnxn, started, events } = startScript()
    const code = codeOf(started)
    cnxn.giveUp()

    cnxn.giveUp()
    await zk.close()

    expect([await code, events]).toEqual(['CONNECTIONLOSS', ['None Closed']])
  })
})

describe('the cause', () => {
  const broken = new Error('read ECONNRESET')

  it('of a cut is that of each call that was in flight', async () => {
    const { zk, first } = await connected(startScript())
    const failures = [failureOf(() => zk.exists('/a')), failureOf(() => zk.addAuthInfo('digest', 'a:b'))]

    first.drop({ cause: broken })

    for (const failure of await Promise.all(failures))
      expect(failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: broken })
  })

  it('of a call that waited in vain is what the last dial failed of', async () => {
    const { zk, first, cnxns, clock } = await connected(startScript())
    first.drop({ cause: new Error('earlier') })
    const failure = failureOf(() => zk.exists('/a'))

    cnxns[1]?.drop({ cause: broken })
    await clock.advance(30_000)

    expect(await failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: broken })
  })

  it('is none if none is known', async () => {
    const { zk, first } = await connected(startScript())
    const failure = failureOf(() => zk.exists('/a'))

    first.drop()

    expect(await failure).toHaveProperty('code', 'CONNECTIONLOSS')
    expect(await failure).not.toHaveProperty('cause')
  })

  it('is forgotten with the next connection', async () => {
    const { zk, first, cnxns } = await connected(startScript())
    first.drop({ cause: broken })
    cnxns[1]?.accept()
    const failures = [failureOf(() => zk.getData('/a')), failureOf(() => zk.getData('/b'))]

    cnxns[1]?.reply(1, 'NONODE')
    cnxns[1]?.drop()

    const found = await Promise.all(failures)
    expect(found).toMatchObject([{ code: 'NONODE' }, { code: 'CONNECTIONLOSS' }])
    for (const failure of found) expect(failure).not.toHaveProperty('cause')
  })
})
