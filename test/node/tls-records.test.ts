/**
 * TLS records: a server that speaks TLS gives each frame a record of its own, however many it sends at once. kazoo looks for a second
 * frame only when its socket has news; in the record of the first it would find it seconds later.
 */
import { once } from 'node:events'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeRequest } from '../../src/protocol/codec.js'
import { writeConnectRequest } from '../../src/protocol/handshake.js'
import { JuteWriter } from '../../src/protocol/jute.js'
import { LOCALHOST } from '../cli/certificates.js'
import { startNetwork, until } from './network.js'

const COUNT = 1000
const CONNECT = {
  lastZxidSeen: 0,
  timeoutMs: 10_000,
  sessionId: 0n,
  password: new Uint8Array(16),
  isReadOnly: false,
} as const

/** A connection that is not yet a session. */
async function dialTls(port = 0): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: LOCALHOST.cert })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** A handshake and many requests, in one piece. */
function manyRequests(): Uint8Array {
  const out = new JuteWriter()
  out.frame((frame) => writeConnectRequest(frame, CONNECT))
  for (let xid = 1; xid <= COUNT; xid++)
    out.frame((frame) => encodeRequest(frame, xid, { type: 'getData', path: '/', watch: false }))
  return out.take()
}

describe('a server that speaks TLS', () => {
  it('sends each frame in a record of its own', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, tls: LOCALHOST } })
    const socket = await dialTls(endpoint.port)
    // Node hands over what is in one record at a time.
    const records: Buffer[] = []
    socket.on('data', (record) => records.push(record))

    socket.write(manyRequests())
    await until(() => records.length >= COUNT + 1)

    const isOneFrame = records.map((record) => record.readInt32BE() === record.length - 4)
    expect(isOneFrame).toEqual(Array.from({ length: COUNT + 1 }, () => true))
  })
})
