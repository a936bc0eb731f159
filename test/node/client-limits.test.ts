/**
 * What a client over a network takes and gives at most, and a server that can only read: too large a request is refused before it
 * is sent and costs nothing else, too large a reply costs the connection, and each limit has its exact place.
 */
import { describe, expect, it } from 'vitest'
import { Op } from '../../src/index.js'
import { DEFAULT_WIRE_LIMITS } from '../../src/transport/wire-limits.js'
import { codeOf, failureOf, messageOf } from '../semantics/fixture.js'
import { dialRecorded, handshakeAnswer, startNetwork, startPeer, until } from './network.js'

/** What a setData of /a costs besides its data: xid, type, path, length, version. */
const SET_DATA_BYTES = 4 + 4 + (4 + 2) + 4 + 4
/** What an exists of a path costs besides what follows its slash: xid, type, length, slash, watch. */
const EXISTS_BYTES = 4 + 4 + (4 + 1) + 1
const LIMIT = 2000

describe('a request', () => {
  it('of as many bytes as a server takes is sent, and one more is refused', async () => {
    const { zoo, endpoint } = await startNetwork()
    zoo.load({ '/a': '' })
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const most = DEFAULT_WIRE_LIMITS.maxFrameBytes - SET_DATA_BYTES

    const stat = await zk.setData('/a', new Uint8Array(most))
    const failure = await failureOf(() => zk.setData('/a', new Uint8Array(most + 1)))

    expect(stat.dataLength).toBe(most)
    expect(failure).toBeInstanceOf(RangeError)
    expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
  })

  it('over maxRequestBytes is a RangeError that says by how much, and the connection lives', async () => {
    const { zoo, endpoint } = await startNetwork()
    zoo.load({ '/a': '' })
    const { zk, events } = await dialRecorded(endpoint.connectString, { maxRequestBytes: LIMIT })

    const message = await messageOf(() => zk.setData('/a', new Uint8Array(LIMIT - SET_DATA_BYTES + 1)))

    expect(message).toMatch(
      /^RangeError: The setData request has 2001 bytes, over the 2000 .*maxRequestBytes/,
    )
    expect((await zk.setData('/a', new Uint8Array(LIMIT - SET_DATA_BYTES))).version).toBe(1)
    expect(events).toEqual(['None SyncConnected'])
  })

  it('of many operations is measured as a whole', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk } = await dialRecorded(endpoint.connectString, { maxRequestBytes: LIMIT })
    const ops = Array.from({ length: 40 }, (_, i) => Op.create(`/a${i}`, 'x'))

    const message = await messageOf(() => zk.multi(ops))

    expect(message).toMatch(/^RangeError: The multi request has \d+ bytes, over the 2000/)
    expect(await codeOf(zk.multi(ops.slice(0, 20)))).toBe('OK')
    expect(zoo.reports.counts().znodes).toBeGreaterThan(20)
  })

  it.each([
    ['é', 2],
    ['€', 3],
  ])('is measured in bytes, not in characters: %s has %d', async (character, bytes) => {
    const { endpoint } = await startNetwork()
    const { zk } = await dialRecorded(endpoint.connectString, { maxRequestBytes: LIMIT })
    const most = Math.floor((LIMIT - EXISTS_BYTES) / bytes)

    expect(await codeOf(zk.exists(`/${character.repeat(most)}`))).toBe('OK')
    expect(await messageOf(() => zk.exists(`/${character.repeat(most + 1)}`))).toMatch(
      /^RangeError: The exists/,
    )
  })

  it('over what waits already is THROTTLEDOP', async () => {
    const { endpoint } = await startNetwork()
    const { zk } = await dialRecorded(endpoint.connectString, { maxPendingRequests: 2 })

    const calls = [zk.exists('/a'), zk.exists('/b'), zk.exists('/c')].map(codeOf)

    expect(await Promise.all(calls)).toEqual(['OK', 'OK', 'THROTTLEDOP'])
    expect(await codeOf(zk.exists('/d'))).toBe('OK')
  })
})

describe('a reply', () => {
  it('over maxReplyBytes breaks the connection, and the cause says why', async () => {
    const { zoo, endpoint } = await startNetwork()
    zoo.load({ '/large': 'x'.repeat(LIMIT), '/small': 'x'.repeat(LIMIT - 200) })
    const { zk, events } = await dialRecorded(endpoint.connectString, { maxReplyBytes: LIMIT })
    const small = await codeOf(zk.getData('/small'))

    const failure = await failureOf(() => zk.getData('/large'))

    expect([small, failure]).toMatchObject(['OK', { code: 'CONNECTIONLOSS' }])
    const { connectString } = endpoint
    expect(failure).toHaveProperty(
      'cause.message',
      `${connectString} sent what this client does not take (maxReplyBytes): a frame of 2088 bytes, where 0 to 2000 are allowed`,
    )
    await until(() => events.length === 3)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('may be far larger than any request unless it is told otherwise', async () => {
    const { zoo, endpoint } = await startNetwork()
    zoo.load({ '/large': 'x'.repeat(1_000_000) })
    const { zk } = await dialRecorded(endpoint.connectString)

    const results = await zk.multiRead(Array.from({ length: 8 }, () => Op.getData('/large')))

    expect(results.map((result) => result.type)).toEqual(new Array(8).fill('getData'))
  })
})

describe('a server that can only read', () => {
  it('is told as ConnectedReadOnly to a client that asked for it', async () => {
    const peer = await startPeer((socket) =>
      socket.write(handshakeAnswer({ isReadOnly: true, timeoutMs: 300 })),
    )

    const { zk, events } = await dialRecorded(peer.connectString, { canBeReadOnly: true })

    expect([zk.state, events]).toEqual(['CONNECTED_READ_ONLY', ['None ConnectedReadOnly']])
  })

  it.each([
    [true, 1],
    [false, 0],
  ])(
    'is looked for if the client asks for it, in the last byte of its handshake: %s',
    async (canBeReadOnly, byte) => {
      const heard: Uint8Array[] = []
      const peer = await startPeer((socket) => {
        socket.on('data', (chunk) => heard.push(chunk))
        socket.write(handshakeAnswer({ timeoutMs: 300 }))
      })

      await dialRecorded(peer.connectString, { canBeReadOnly })
      await until(() => heard.length > 0)

      expect([heard[0]?.length, heard[0]?.at(-1)]).toEqual([4 + 45, byte])
    },
  )
})
