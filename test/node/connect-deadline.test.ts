/**
 * connect() and close() keep their promises though a server falls silent or breaks off in the middle: what was begun is done again
 * within the time there is, and nothing waits longer than that.
 */
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/node/index.js'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
import { OpCode } from '../../src/protocol/op-code.js'
import { PING_XID } from '../../src/protocol/xid.js'
import { codeOf } from '../semantics/fixture.js'
import {
  dial,
  elapsedMsOf,
  handshakeAnswer,
  openResources,
  startNetwork,
  startPeer,
  untilOpen,
} from './network.js'
import { TcpProxy } from './tcp-proxy.js'

const AUTH = [{ scheme: 'digest', auth: 'alice:pw' }]

/** Answers handshakes and pings, and nothing else. */
async function startDeafServer(): Promise<string> {
  const { connectString } = await startPeer((socket: Socket) => {
    let isShaken = false
    socket.on('end', () => socket.end())
    socket.on('data', (chunk) => {
      if (!isShaken) {
        isShaken = true
        return void socket.write(handshakeAnswer({ timeoutMs: 600 }))
      }
      for (let at = 0; at + 12 <= chunk.length; at += 4 + chunk.readInt32BE(at)) {
        const frame = new JuteReader(chunk.subarray(at + 4))
        if (frame.int() !== PING_XID || frame.int() !== OpCode.ping) continue
        const out = new JuteWriter()
        out.frame(() => {
          out.int(PING_XID)
          out.number(1)
          out.int(0)
        })
        socket.write(out.take())
      }
    })
  })
  return connectString
}

describe('connect to a server that answers nothing but the handshake and pings', () => {
  it.each([
    ['identities', { auth: AUTH }],
    ['its chroot', { chroot: '/app' }],
  ])(
    'does not wait for %s longer than for the connection, and leaves nothing open',
    async (_what, options) => {
      const connectString = await startDeafServer()
      const before = openResources()
      let code = ''

      const elapsedMs = await elapsedMsOf(async () => {
        code = await codeOf(connect(connectString, { ...options, connectTimeoutMs: 400 }))
      })

      expect(code).toBe('CONNECTIONLOSS')
      expect(elapsedMs).toBeGreaterThan(350)
      expect(elapsedMs).toBeLessThan(3_000)
      await untilOpen(before)
    },
  )
})

describe('connect through a connection that breaks after the handshake', () => {
  /** Breaks the first connection as soon as the server's first words have passed. */
  async function startBreaking(): Promise<TcpProxy> {
    const { zoo, endpoint } = await startNetwork()
    const inside = await zoo.connect()
    await inside.create('/app')
    const proxy = await TcpProxy.start(endpoint.port)
    let isBroken = false
    const stop = zoo.inspect(({ kind }) => {
      if (kind !== 'request' || isBroken) return
      isBroken = true
      proxy.cut()
    })
    onTestFinished(stop)
    return proxy
  }

  it('claims its identities again', async () => {
    const proxy = await startBreaking()

    const zk = await dial(proxy.connectString, { auth: AUTH })

    expect(await zk.whoAmI()).toContainEqual({ scheme: 'digest', user: 'alice' })
    expect(proxy.acceptedCount).toBe(2)
  })

  it.each([
    ['is there', '/app', 'OK'],
    ['is not there', '/nope', 'NONODE'],
  ])('looks again whether its chroot is there: it %s', async (_what, chroot, code) => {
    const proxy = await startBreaking()

    expect(await codeOf(dial(proxy.connectString, { chroot }))).toBe(code)
    expect(proxy.acceptedCount).toBe(2)
  })
})

describe('close', () => {
  it('does not wait for a server that does not answer it longer than a call waits for a connection', async () => {
    const before = openResources()
    const zk = await connect(await startDeafServer(), { connectTimeoutMs: 300 })

    const elapsedMs = await elapsedMsOf(() => zk.close())

    expect(elapsedMs).toBeGreaterThan(250)
    expect(elapsedMs).toBeLessThan(3_000)
    expect(zk.state).toBe('CLOSED')
    await untilOpen([...before, 'TCPServerWrap'])
  })
})
