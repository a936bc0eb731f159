/** The first message of each side: what is written is read back, whatever the client knows, and a short one is refused. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter, MarshallingError } from '../../src/protocol/jute.js'
import type { ConnectRequest } from '../../src/protocol/message.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, toHex } from './hex.js'
import { connectRequests, connectResponses } from './message-arbitraries.js'

const parameters = runParameters(500)
const timeout = timeLimitMs(parameters)

test('a request comes back as it was written', { timeout }, () => {
  const property = fc.property(connectRequests, (request) => {
    const bytes = written((out) => writeConnectRequest(out, request))

    expect(readConnectRequest(new JuteReader(bytes))).toEqual({ request, hasReadOnlyByte: true })
  })

  fc.assert(property, parameters)
})

test('a request without its last byte is that of an older client', { timeout }, () => {
  const property = fc.property(connectRequests, (request) => {
    const bytes = written((out) => writeConnectRequest(out, request)).subarray(0, -1)
    const older = { ...request, canBeReadOnly: false }

    expect(readConnectRequest(new JuteReader(bytes))).toEqual({ request: older, hasReadOnlyByte: false })
  })

  fc.assert(property, parameters)
})

test('a request that ends sooner is none', { timeout }, () => {
  const property = fc.property(connectRequests, fc.nat(), (request, cutAt) => {
    const bytes = written((out) => writeConnectRequest(out, request))
    const short = bytes.subarray(0, cutAt % (bytes.length - 1))

    expect(() => readConnectRequest(new JuteReader(short))).toThrow(MarshallingError)
  })

  fc.assert(property, parameters)
})

test('a response comes back as it was written, without its last byte for an older client', {
  timeout,
}, () => {
  const property = fc.property(connectResponses, fc.boolean(), (response, hasReadOnlyByte) => {
    const bytes = written((out) => writeConnectResponse(out, response, { hasReadOnlyByte }))
    const isReadOnly = hasReadOnlyByte && response.isReadOnly

    expect(readConnectResponse(new JuteReader(bytes))).toEqual({ ...response, isReadOnly })
    expect(bytes.length).toBe(20 + response.password.length + (hasReadOnlyByte ? 1 : 0))
  })

  fc.assert(property, parameters)
})

describe('a request', () => {
  it.each([
    ['null', 'ff ff ff ff'],
    ['empty', '00 00 00 00'],
  ])('may have a password that is %s', (_what, password) => {
    const { request } = readConnectRequest(
      new JuteReader(hex(`00 00 00 00  00*8  00 00 27 10  00*8  ${password}`)),
    )

    expect(request.password).toEqual(new Uint8Array(0))
  })

  it.each(['ff ff ff fe', '00 00 00 01', '7f ff ff ff'])('with %s bytes of password is none', (length) => {
    const input = new JuteReader(hex(`00 00 00 00  00*8  00 00 27 10  00*8  ${length}`))

    expect(() => readConnectRequest(input)).toThrow(MarshallingError)
  })

  it('may ask for any version', () => {
    const input = new JuteReader(hex('00 00 00 07  00*8  00 00 27 10  00*8  00 00 00 10 00*16'))

    expect(readConnectRequest(input).request).toMatchObject({ timeoutMs: 10_000, sessionId: 0n })
  })

  it('keeps its password when the frame is used for something else', () => {
    const frame = hex('00 00 00 00  00*8  00 00 27 10  00*8  00 00 00 02 01 02')
    const { request } = readConnectRequest(new JuteReader(frame))

    frame.fill(0)

    expect(request.password).toEqual(Uint8Array.of(1, 2))
  })

  it('says no to reading only unless it says otherwise', () => {
    const request: ConnectRequest = {
      lastZxidSeen: 0,
      timeoutMs: 1,
      sessionId: 0n,
      password: new Uint8Array(0),
    }

    const [silent, no, yes] = [
      request,
      { ...request, canBeReadOnly: false },
      { ...request, canBeReadOnly: true },
    ].map((each) => toHex(written((out) => writeConnectRequest(out, each))).slice(-2))

    expect([silent, no, yes]).toEqual(['00', '00', '01'])
  })

  it.each([
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 2 ** 31 - 1],
    [1e12, 2 ** 31 - 1],
    [4000.7, 4000],
  ])('for %d ms asks for %d, which is the next that fits', (timeoutMs, asked) => {
    const request: ConnectRequest = { lastZxidSeen: 0, timeoutMs, sessionId: 0n, password: new Uint8Array(0) }
    const bytes = written((out) => writeConnectRequest(out, request))

    expect(readConnectRequest(new JuteReader(bytes)).request.timeoutMs).toBe(asked)
  })
})

describe('a response', () => {
  it('may have a password that is null', () => {
    const input = new JuteReader(hex('00 00 00 00  00 00 27 10  00*8  ff ff ff ff'))

    expect(readConnectResponse(input).password).toEqual(new Uint8Array(0))
  })

  it('says that it writes too unless it says otherwise', () => {
    const response = { timeoutMs: 1, sessionId: 0n, password: new Uint8Array(0) }

    const [silent, no, yes] = [
      response,
      { ...response, isReadOnly: false },
      { ...response, isReadOnly: true },
    ].map((each) =>
      toHex(written((out) => writeConnectResponse(out, each, { hasReadOnlyByte: true }))).slice(-2),
    )

    expect([silent, no, yes]).toEqual(['00', '00', '01'])
  })

  it('from a server that only reads says so', () => {
    const input = new JuteReader(hex('00 00 00 00  00 00 27 10  00*8  00 00 00 00  01'))

    expect(readConnectResponse(input).isReadOnly).toBe(true)
  })

  it('that is too short is none', () => {
    const input = new JuteReader(hex('00 00 00 00  00 00 27 10  00*8  00 00 00'))

    expect(() => readConnectResponse(input)).toThrow(MarshallingError)
  })
})

function written(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  write(out)
  return out.take()
}
