/** Captures of a real server and its clients: each is read as what it says, and what it says is written as these very bytes. */
import { describe, expect, it } from 'vitest'
import {
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  readNotification,
  readReply,
  readReplyHeader,
} from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
import {
  capturedAnswers,
  capturedNotifications,
  capturedReplies,
  repliesWithUselessBody,
} from './captured-replies.js'
import { capturedConnects, capturedRequests, unknownOperation } from './captured-requests.js'
import { hex, join, toHex } from './hex.js'

const MAX_FRAME_BYTES = 1000

describe('the handshake of a client', () => {
  it.each(capturedConnects)('is read: $name', ({ frame, request, hasReadOnlyByte }) => {
    expect(readConnectRequest(bodyOf(frame))).toEqual({ request, hasReadOnlyByte })
  })

  it.each(capturedConnects.filter(({ hasReadOnlyByte }) => hasReadOnlyByte))(
    'is written: $name',
    ({ frame, request }) => {
      expect(frameOf((out) => writeConnectRequest(out, request))).toBe(toHex(frame))
    },
  )

  it('may be followed by bytes that nobody knows yet', () => {
    const { frame, request } = firstOf(capturedConnects)
    const longer = join(hex('00 00 00 30'), frame.subarray(4), hex('01 02 03'))

    expect(readConnectRequest(bodyOf(longer))).toEqual({ request, hasReadOnlyByte: true })
  })
})

describe('the handshake of a server', () => {
  it.each(capturedAnswers)('is read: $name', ({ frame, response }) => {
    expect(readConnectResponse(bodyOf(frame))).toEqual(response)
  })

  it.each(capturedAnswers)('is written: $name', ({ frame, response, hasReadOnlyByte }) => {
    expect(frameOf((out) => writeConnectResponse(out, response, { hasReadOnlyByte }))).toBe(toHex(frame))
  })
})

describe('a request', () => {
  it.each([...capturedRequests, unknownOperation])('is read: $name', ({ frame, xid, request }) => {
    expect(decodeRequest(payloadOf(frame))).toEqual({ xid, request })
  })

  it.each(capturedRequests)('is written: $name', ({ frame, xid, request }) => {
    expect(frameOf((out) => encodeRequest(out, xid, request))).toBe(toHex(frame))
  })

  it.each(capturedRequests)(
    'may be followed by bytes that nobody knows yet: $name',
    ({ frame, xid, request }) => {
      expect(decodeRequest(join(payloadOf(frame), hex('de ad be ef')))).toEqual({ xid, request })
    },
  )
})

describe('a reply', () => {
  it.each([...capturedReplies, ...repliesWithUselessBody])('is read: $name', ({ type, frame, reply }) => {
    const input = bodyOf(frame)

    expect(readReply(input, readReplyHeader(input), type)).toEqual(reply)
  })

  it.each(capturedReplies)('is written: $name', ({ frame, reply, written }) => {
    const response = written ?? reply.response

    expect(frameOf((out) => encodeReply(out, { ...reply, response }))).toBe(toHex(frame))
  })

  it.each(repliesWithUselessBody)('of a failure is written without a body: $name', ({ frame, reply }) => {
    const withoutBody = join(hex('00 00 00 10'), frame.subarray(4, 20))

    expect(frameOf((out) => encodeReply(out, reply))).toBe(toHex(withoutBody))
  })
})

describe('an event', () => {
  it.each(capturedNotifications)('is read: $name', ({ frame, notification }) => {
    const input = bodyOf(frame)

    expect(readNotification(input, readReplyHeader(input))).toEqual(notification)
  })

  it.each(capturedNotifications)('is written: $name', ({ frame, notification }) => {
    expect(frameOf((out) => encodeNotification(out, notification))).toBe(toHex(frame))
  })

  it('says which transaction caused it, as since 3.9', () => {
    const notification = { type: 'NodeDataChanged', path: '/w', zxid: 0xf238 } as const
    const frame = hex(`
      00 00 00 1e  ff ff ff ff  00 00 00 00 00 00 f2 38  00 00 00 00  00 00 00 03  00 00 00 03
      00 00 00 02 2f 77`)
    const input = bodyOf(frame)

    expect(readNotification(input, readReplyHeader(input))).toEqual(notification)
    expect(frameOf((out) => encodeNotification(out, notification))).toBe(toHex(frame))
  })
})

describe('a character beyond the first 65,536', () => {
  const utf8Text = hex('00 00 00 05  2f f0 9f 98 80')

  it('is read from UTF-8, and written as UTF-8', () => {
    const out = new JuteWriter()

    out.text('/😀')

    expect(new JuteReader(utf8Text).text()).toBe('/😀')
    expect(toHex(out.take())).toBe(toHex(utf8Text))
  })

  it('is read from the two surrogates that Java writes', () => {
    const cesuText = hex('00 00 00 07  2f ed a0 bd ed b8 80')

    expect(new JuteReader(cesuText).text()).toBe('/😀')
  })
})

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('There is none')
  return first
}

/** What the only frame of a stream holds. */
function payloadOf(frame: Uint8Array): Uint8Array {
  const splitter = new FrameSplitter(MAX_FRAME_BYTES)
  splitter.push(frame)
  const payload = splitter.next()
  if (payload === undefined || splitter.length > 0) throw new Error('The length does not fit')
  return payload
}

function bodyOf(frame: Uint8Array): JuteReader {
  return new JuteReader(payloadOf(frame))
}

function frameOf(write: (out: JuteWriter) => void): string {
  const out = new JuteWriter()
  out.frame(() => write(out))
  return toHex(out.take())
}
