/**
 * What clients were seen to send to a real server, sent to this one, and the bytes that it answers: those of the real server,
 * where both are in the same state. Where a later release answers otherwise, it is as that one does, and the test says so.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type Snapshot } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import { capturedAnswer } from '../protocol/captured-replies.js'
import {
  capturedFrame,
  OTHER_PASSWORD,
  OTHER_SESSION_ID,
  PASSWORD,
  SESSION_ID,
  unknownOperation,
} from '../protocol/captured-requests.js'
import { hex, join, toHex, utf8 } from '../protocol/hex.js'
import { check, create, remove, setData } from '../semantics/fixture.js'
import { connectFrame, type Peer, requestFrame, WireWorld } from './fake-link.js'

/** When the znodes of the capture were created and changed. */
const CREATED_MS = 0x1a1_fae5_f406
const CHILD_CREATED_MS = 0x1a1_fae5_f40a
const SET_MS = 0x1a1_fae5_f414

describe('the session of a capture', () => {
  it('is opened with the answer of the real server', () => {
    const { peer } = startWorld(0xf233)

    peer.send(capturedFrame('a new session'))

    expect(answersOf(peer)).toEqual([answer('a new session')])
  })

  it('of an older client is opened without the last byte', () => {
    const { peer } = startWorld(0xf233)

    peer.send(capturedFrame('a client that does not know the last byte'))

    expect(answersOf(peer)).toEqual([answer('a client that does not know the last byte')])
  })

  it('is come back to with the answer of the real server', () => {
    const { peer } = startWithOther()

    peer.send(capturedFrame('a session that is come back to'))

    expect(answersOf(peer)).toEqual([answer('a session that was come back to')])
    expect(peer.link.log).toEqual([])
  })

  it.each([
    ['with another password', { sessionId: OTHER_SESSION_ID, password: PASSWORD }],
    ['that is not known', { sessionId: 7n, password: OTHER_PASSWORD }],
  ])('%s is refused with the answer of the real server', (_what, session) => {
    const { peer } = startWithOther()

    peer.send(connectFrame(session))

    expect(answersOf(peer)).toEqual([answer('a session that is over, or whose password is wrong')])
    expect(peer.link.log).toEqual(['end'])
  })
})

describe('the requests of a capture have the replies of the real server', () => {
  it('to a ping, and to writes, refused ones too', async () => {
    const { world, peer } = startSession(0xf233)

    peer.send(capturedFrame('ping'), capturedFrame('create /w'), requestFrame(2, create('/w')))
    await world.pass(CHILD_CREATED_MS - CREATED_MS)
    peer.ask(3, child())

    expect(answersOf(peer)).toEqual([
      answer('ping'),
      answer('create /w'),
      answer('create /w once more'),
      answer('create2 of an ephemeral sequential znode'),
    ])
  })

  it('to reads with watches, and to the write that fires one: the event says which transaction, as since 3.9', async () => {
    const { world, peer } = await startTree()
    peer.send(capturedFrame('getData /w with a watch'), capturedFrame('exists /nope with a watch'))
    await world.pass(SET_MS - CHILD_CREATED_MS)

    peer.send(capturedFrame('setData /w'))

    const since39 = answer('of a change of /w').replace(
      'ffffffffffffffffffffffff',
      'ffffffff000000000000f238',
    )
    expect(answersOf(peer)).toEqual([
      answer('getData /w'),
      answer('exists /nope'),
      since39,
      answer('setData /w'),
    ])
  })

  it('to reads of all kinds', async () => {
    const { world, peer } = await startTree()
    await world.pass(SET_MS - CHILD_CREATED_MS)
    peer.send(capturedFrame('setData /w'), requestFrame(8, create('/w')))
    peer.takeFrames()

    peer.send(
      capturedFrame('getChildren2 /w'),
      requestFrame(12, { type: 'getACL', path: '/w' }),
      requestFrame(13, create('/w')),
      requestFrame(14, { type: 'sync', path: '/w' }),
      capturedFrame('whoAmI'),
      capturedFrame('getEphemerals /'),
    )

    const names = ['getChildren2 /w', 'getACL /w', 'sync /w', 'whoAmI', 'getEphemerals /']
    expect(answersOf(peer).filter((bytes) => !isRefusal(bytes))).toEqual(names.map(answer))
  })

  it('to requests about watches, and to the close of the session', () => {
    const { peer } = startSession(0xf239)
    peer.ask(18, { type: 'sync', path: '/' })
    peer.takeFrames()

    peer.send(capturedFrame('addWatch /w, recursive'), requestFrame(20, create('/zookeeper')))
    peer.send(capturedFrame('checkWatches /w, of any kind'))
    peer.ask(23, { type: 'removeWatches', path: '/w', watcherType: 'Any' })
    peer.ask(24, { type: 'checkWatches', path: '/w', watcherType: 'Any' })
    for (let zxid = 0xf23c; zxid < 0xf247; zxid++) peer.ask(25, create('/zookeeper'))
    peer.send(capturedFrame('closeSession'))

    const answers = answersOf(peer)
    expect(answers[0]).toBe(answer('addWatch /w, which has a body'))
    expect(answers[2]).toBe(answer('checkWatches /w'))
    expect(answers[4]).toBe(answer('checkWatches where there is none'))
    expect(answers.at(-1)).toBe(answer('closeSession'))
    expect(peer.link.log).toEqual(['end'])
  })

  it('to the count of all znodes, but for the count', () => {
    const { peer } = startSession(0xf239)

    peer.ask(18, { type: 'getAllChildrenNumber', path: '/' })

    const [bytes] = answersOf(peer)
    expect(bytes?.slice(0, -8)).toBe(answer('getAllChildrenNumber /').slice(0, -8))
    expect(bytes?.slice(-8)).toBe('00000003')
  })

  it('to an operation that there is not, with which the connection ends', () => {
    const { peer } = startSession(0xf233)

    peer.send(unknownOperation.frame)

    expect(answersOf(peer)).toEqual([answer('an operation that there is not')])
    expect(peer.link.log).toEqual(['end'])
  })
})

describe('the multis of a capture have the replies of the real server', () => {
  it('where all goes well: a create with Stat answers with one, as since 3.8.2', () => {
    const { peer } = startSession(0xf2a2)

    peer.send(capturedFrame('multi of five operations'))

    const childStat = `${'000000000000f2a4'.repeat(2)}${'000001a1fae5f406'.repeat(2)}${'00'.repeat(20)}`
    const since382 = answer('multi of five operations')
      .replace('0000009a', '000000de')
      .replace(
        '000000010000000000000000052f776d2f78',
        `0000000f0000000000000000052f776d2f78${childStat}0000000100000000000000000000f2a4`,
      )
    expect(answersOf(peer)).toEqual([since382])
  })

  it('where one operation fails', () => {
    const { peer } = startSession(0xf2a5)
    peer.send(requestFrame(4, create('/wm')))
    peer.takeFrames()

    peer.ask(5, { type: 'multi', ops: [create('/wm/y'), check('/wm', 77), remove('/wm')] })
    peer.ask(6, { type: 'multi', ops: [] })

    expect(answersOf(peer)).toEqual([answer('multi that failed'), answer('multi of nothing')])
  })

  it('where there are reads', () => {
    const { peer } = startSession(0xf2a2)
    const children = ['c', 't', 'c2'].map((name) => create(`/ws/${name}`))
    peer.send(capturedFrame('multi of five operations'), requestFrame(2, create('/ws')))
    children.forEach((request, i) => void peer.ask(3 + i, request))
    peer.ask(6, create('/ws'))
    peer.takeFrames()

    const reads: Request = {
      type: 'multiRead',
      ops: [readOf('getData', '/wm'), readOf('getChildren', '/ws')],
    }
    peer.ask(7, { ...reads, ops: [...reads.ops, readOf('getData', '/none')] })

    // Its only child was deleted within the multi, which the Stat of the capture was taken in the middle of.
    const later = answer('multiRead').replace(
      `${'00000001'.repeat(2)}${'00'.repeat(12)}${'00000001'.repeat(2)}`,
      `0000000100000002${'00'.repeat(12)}0000000100000000`,
    )
    expect(answersOf(peer)).toEqual([later.replace('000000000000f2aa', '000000000000f2a9')])
  })
})

describe('the watches of a capture', () => {
  it('are caught up with in the events of the real server, and the reply comes after them', () => {
    const { peer } = startSession(0xf3d6)
    for (const [i, path] of ['/sw', '/sw/r', '/sw2'].entries()) peer.ask(i, create(path))
    peer.takeFrames()

    peer.send(capturedFrame('setWatches after a gap'))

    expect(answersOf(peer)).toEqual([
      answer('that /sw was changed in a gap'),
      answer('that /gone was deleted in a gap'),
      answer('that /sw2 was created in a gap'),
      answer('that /sw got children in a gap'),
      answer('setWatches'),
    ])
  })

  it('that stay are set, and fire as those of the real server', () => {
    const { peer } = startSession(0xf3da)
    for (const [i, path] of ['/sw', '/sw2'].entries()) peer.ask(i, create(path))
    peer.takeFrames()

    peer.send(capturedFrame('setWatches2 with watches that stay'))
    const reply = answersOf(peer)
    const changes = [setData('/sw2'), create('/sw2/k'), create('/sw/r'), setData('/sw/r'), remove('/sw/r')]
    changes.forEach((request, xid) => void peer.ask(xid, request))

    expect(reply).toEqual([answer('setWatches2')])
    expect(peer.takeHeard().filter((line) => line.startsWith('Node'))).toEqual([
      'NodeDataChanged /sw2',
      'NodeChildrenChanged /sw2',
      'NodeCreated /sw/r',
      'NodeDataChanged /sw/r',
      'NodeDeleted /sw/r',
    ])
  })
})

describe('the claims of a capture', () => {
  it('are accepted with the reply of the real server', () => {
    const { peer } = startSession(0xf233)

    peer.send(capturedFrame('auth as bob'))

    expect(answersOf(peer)).toEqual([answer('auth')])
    expect(peer.link.log).toEqual([])
  })

  it('of an unknown scheme are refused with the reply of the real server, and the connection ends', () => {
    const { peer } = startSession(0xf233)

    peer.ask(-4, { type: 'auth', scheme: 'nope', auth: utf8('x') })

    expect(answersOf(peer)).toEqual([answer('auth of an unknown scheme')])
    expect(peer.link.log).toEqual(['end'])
  })

  it('by SASL have the answer of a real server that does not know it: no token, and the connection goes on', () => {
    const { peer } = startSession(0xf233)

    peer.send(capturedFrame('the first step of SASL'))

    expect(answersOf(peer)).toEqual([toHex(hex('00 00 00 14  00 00 00 01  00*8  00 00 00 00  ff ff ff ff'))])
    expect(peer.link.log).toEqual([])
  })
})

describe('a path beyond 16 bits', () => {
  it.each([
    ['UTF-8', '00 00 00 11  00 00 00 01  00 00 00 09  00 00 00 05  2f f0 9f 98 80'],
    ['surrogates', '00 00 00 13  00 00 00 01  00 00 00 09  00 00 00 07  2f ed a0 bd ed b8 80'],
  ])('that came as %s is given back as UTF-8, where the real server writes surrogates', (_what, bytes) => {
    const { peer } = startSession(0xf233)

    peer.send(hex(bytes))

    expect(answersOf(peer)).toEqual([
      toHex(hex('00 00 00 19  00 00 00 01  00 00 00 00 00 00 f2 34  00*4  00 00 00 05  2f f0 9f 98 80')),
    ])
  })
})

/** A server that has come to this zxid, and a connection to it. */
function startWorld(zxid: number, state: Partial<Snapshot> = {}): { world: WireWorld; peer: Peer } {
  const empty = { ...new EmbeddedZooKeeper().snapshot(), nextSessionId: SESSION_ID }
  const snapshot = { ...empty, zxid: BigInt(zxid), ...state }
  const world = new WireWorld({ startMs: CREATED_MS, server: { snapshot, randomBytes: () => PASSWORD } })
  return { world, peer: world.dial() }
}

/** A server with a session to come back to, and a connection to it. */
function startWithOther(): { world: WireWorld; peer: Peer } {
  const session = { id: OTHER_SESSION_ID, password: OTHER_PASSWORD, timeoutMs: 4000 }
  return startWorld(0xf2bb, { sessions: [session], nextSessionId: OTHER_SESSION_ID + 1n })
}

/** The same, and a session, which takes one more zxid. */
function startSession(zxid: number): { world: WireWorld; peer: Peer } {
  const started = startWorld(zxid)
  started.peer.send(capturedFrame('a new session'))
  started.peer.takeHeard()
  return started
}

/** The same, at 0xf237, with /w and its child. */
async function startTree(): Promise<{ world: WireWorld; peer: Peer }> {
  const started = startSession(0xf233)
  started.peer.send(capturedFrame('create /w'), requestFrame(2, create('/w')))
  await started.world.pass(CHILD_CREATED_MS - CREATED_MS)
  started.peer.ask(3, child())
  started.peer.takeFrames()
  return started
}

function child(): Request {
  return create('/w/e-', { type: 'create2', mode: 'EPHEMERAL_SEQUENTIAL', data: utf8('xyz') })
}

function readOf(
  type: 'getData' | 'getChildren',
  path: string,
): { readonly type: typeof type; readonly path: string } {
  return { type, path }
}

function answer(name: string): string {
  return toHex(capturedAnswer(name))
}

/** What has come, as whole frames in hex. */
function answersOf(peer: Peer): string[] {
  return peer.takeFrames().map((payload) => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setInt32(0, payload.length)
    return toHex(join(length, payload))
  })
}

/** A reply of NODEEXISTS, which only moves the zxid on. */
function isRefusal(bytes: string): boolean {
  return bytes.endsWith('ffffff92')
}
