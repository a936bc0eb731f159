/** The codec by itself: what is written is read back, and what cannot be read costs as much as the protocol says. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  readNotification,
  readReply,
  readReplyHeader,
} from '../../src/protocol/codec.js'
import { JuteReader, JuteWriter, MarshallingError } from '../../src/protocol/jute.js'
import type { Notification, Reply, Request } from '../../src/protocol/message.js'
import { OpCode } from '../../src/protocol/op-code.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, hexInt, toHex } from './hex.js'
import { answers, int, notifications, requests, wholeNumber } from './message-arbitraries.js'

const parameters = runParameters(1000)
const timeout = timeLimitMs(parameters)

const TYPES = Object.keys(OpCode).filter((name) => !['check', 'error', 'setWatches2'].includes(name))

test('every request comes back as it was written, but for the xid of a ping', { timeout }, () => {
  const seen = new Set<string>()
  const property = fc.property(int, requests, (xid, request) => {
    seen.add(request.type)
    const received = decodeRequest(written((out) => encodeRequest(out, xid, request)))

    expect(received).toEqual({ xid: request.type === 'ping' ? -2 : xid, request })
  })

  fc.assert(property, parameters)
  expect([...seen].sort()).toEqual(TYPES.sort())
})

test('every reply comes back as it was written', { timeout }, () => {
  const property = fc.property(int, wholeNumber, answers, (xid, zxid, { type, response }) => {
    const reply: Reply = { xid, zxid, code: 'OK', response }

    expect(readBack(reply, type)).toEqual(reply)
  })

  fc.assert(property, parameters)
})

test('every event comes back as it was written', { timeout }, () => {
  const property = fc.property(notifications, (notification) => {
    const input = new JuteReader(written((out) => encodeNotification(out, notification)))
    const header = readReplyHeader(input)

    expect(header).toEqual({ xid: -1, zxid: notification.zxid, errno: 0 })
    expect(readNotification(input, header)).toEqual(notification)
    expect(input.remaining).toBe(0)
  })

  fc.assert(property, parameters)
})

test('a request that was cut off anywhere is malformed, or shorter than a request', { timeout }, () => {
  const property = fc.property(
    requests,
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (request, part) => {
      fc.pre(!['ping', 'whoAmI', 'closeSession'].includes(request.type))
      const whole = written((out) => encodeRequest(out, 1, request))
      const bytes = Math.floor(part * whole.length)
      const isSilent = bytes < 8 || request.type === 'auth' || request.type === 'sasl'

      expect(outcomeOf(whole.subarray(0, bytes))).toBe(isSilent ? 'MarshallingError' : 'malformed')
    },
  )

  fc.assert(property, parameters)
})

describe('a request', () => {
  it('of each operation has its number', () => {
    const opCodes = TYPES.map((name) =>
      outcomeOf(hex(`00 00 00 01 ${hexInt(OpCode[name as Request['type'] & keyof typeof OpCode])}`)),
    )

    expect(opCodes).not.toContain('unknown')
  })

  it.each([
    ['a notification', 0],
    ['what was never used', 10],
    ['a check outside a multi', 13],
    ['deleteContainer', 20],
    ['createSession', -10],
    ['an error', -1],
    ['anything else', 999],
  ])('with the number of %s is unknown, whatever follows', (_what, opCode) => {
    const frame = hex(`00 00 00 07 ${hexInt(opCode)} ff ff`)

    expect(decodeRequest(frame)).toEqual({ xid: 7, request: { type: 'unknown', opCode } })
  })

  it.each([
    ['getData without a path', '00 00 00 04  ff ff ff ff 00'],
    ['getData whose path is longer than the frame', '00 00 00 04  7f ff ff ff 2f'],
    ['getData whose path has a length that cannot be', '00 00 00 04  ff ff ff fe 2f'],
    ['create with more entries than bytes', '00 00 00 01  00 00 00 01 2f  ff ff ff ff  7f ff ff ff'],
    ['addWatch of a mode that there is not', '00 00 00 6a  00 00 00 01 2f  00 00 00 02'],
    ['removeWatches of a type that there is not', '00 00 00 12  00 00 00 01 2f  00 00 00 06'],
    ['checkWatches of a type that there is not', '00 00 00 11  00 00 00 01 2f  00 00 00 00'],
    ['checkWatches without a path', '00 00 00 11  ff ff ff ff  00 00 00 03'],
    ['a reconfig without its texts', '00 00 00 10'],
    ['a reconfig with a version alone', '00 00 00 10  00*8'],
    ['setWatches with a list that is null', '00 00 00 65  00*8  00 00 00 00  ff ff ff ff  00 00 00 00'],
    ['setWatches2 without its second half', '00 00 00 69  00*8  00 00 00 00  00 00 00 00  00 00 00 00'],
    ['a multi without an end', '00 00 00 0e'],
    ['a multiRead without an end', '00 00 00 16'],
  ])('is malformed: %s', (_what, rest) => {
    expect(outcomeOf(hex(`00 00 00 01 ${rest}`))).toBe('malformed')
  })

  it.each([
    ['an auth that ends too soon', '00 00 00 64  00 00 00 00'],
    ['an auth of a length that cannot be', '00 00 00 64  00 00 00 00  00 00 00 00  ff ff ff fe'],
    ['a SASL step without a token', '00 00 00 66  ff ff ff ff'],
    ['a SASL step that ends too soon', '00 00 00 66  00 00 00 05 00'],
  ])('is not answered at all: %s', (_what, rest) => {
    expect(outcomeOf(hex(`00 00 00 01 ${rest}`))).toBe('MarshallingError')
  })

  it.each(['', '00', '00 00 00 01', '00 00 00 01 00 00 00'])(
    'is no request with fewer than eight bytes: "%s"',
    (bytes) => {
      expect(outcomeOf(hex(bytes))).toBe('MarshallingError')
    },
  )

  it('takes a null for an empty text where the server decides what that means', () => {
    const auth = decodeRequest(hex('ff ff ff fc  00 00 00 64  00 00 00 00  ff ff ff ff  ff ff ff ff'))
    const ephemerals = decodeRequest(hex('00 00 00 01  00 00 00 67  ff ff ff ff'))
    const removal = decodeRequest(hex('00 00 00 01  00 00 00 12  ff ff ff ff  00 00 00 03'))
    const setData = decodeRequest(hex('00 00 00 01  00 00 00 05  ff ff ff ff  ff ff ff ff  ff ff ff ff'))

    expect(auth.request).toEqual({ type: 'auth', scheme: '', auth: null })
    expect(ephemerals.request).toEqual({ type: 'getEphemerals', path: '' })
    expect(removal.request).toEqual({ type: 'removeWatches', path: '', watcherType: 'Any' })
    expect(setData.request).toEqual({ type: 'setData', path: '', data: null, version: -1 })
  })

  it.each([
    ['null', 'ff ff ff ff'],
    ['empty', '00 00 00 00'],
    ['of minus two entries', 'ff ff ff fe'],
  ])('has an empty ACL if its list is %s', (_what, count) => {
    const frame = hex(`00 00 00 01  00 00 00 01  00 00 00 01 2f  00 00 00 00  ${count}  00 00 00 00`)

    expect(decodeRequest(frame).request).toMatchObject({ type: 'create', acl: [], mode: 'PERSISTENT' })
  })

  it.each([7, -1, 2 ** 31 - 1])('of a create with flags %i has no mode', (flags) => {
    const frame = hex(`00 00 00 01  00 00 00 01  00 00 00 01 2f  00 00 00 00  00 00 00 00  ${hexInt(flags)}`)

    expect(decodeRequest(frame).request).toMatchObject({ type: 'create', mode: undefined })
  })

  it('keeps its bytes when the frame is used for something else', () => {
    const frame = hex('00 00 00 01  00 00 00 05  00 00 00 01 2f  00 00 00 02 68 69  00 00 00 00')
    const { request } = decodeRequest(frame)

    frame.fill(0)

    expect(request).toMatchObject({ path: '/', data: hex('68 69') })
  })

  it('says why it is not answered', () => {
    const read = (): unknown => decodeRequest(hex('00 00 00 01  00 00 00 66  ff ff ff ff'))

    expect(read).toThrow(new MarshallingError('null where a token is needed'))
  })

  it('to reconfigure names no server and any version', () => {
    const bytes = written((out) => encodeRequest(out, 1, { type: 'reconfig' }))

    expect(toHex(bytes)).toBe(toHex(hex('00 00 00 01  00 00 00 10  ff*12  ff*8')))
  })

  it('that is no operation by itself is not written', () => {
    const out = new JuteWriter()
    const check: Request = { type: 'unknown', opCode: 13 }

    expect(() => encodeRequest(out, 1, check)).toThrow(new MarshallingError('unknown is not sent by itself'))
    expect(out.length).toBe(0)
  })
})

describe('setWatches', () => {
  const none = {
    type: 'setWatches',
    relativeZxid: 5,
    dataWatches: ['/a'],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  } as const

  it('goes out under the number that old servers know while no watch stays', () => {
    expect(opCodeOf(none)).toBe(OpCode.setWatches)
  })

  it.each(['persistentWatches', 'persistentRecursiveWatches'])(
    'goes out under the later number with %s',
    (list) => {
      expect(opCodeOf({ ...none, [list]: ['/b'] })).toBe(OpCode.setWatches2)
    },
  )
})

describe('a reply', () => {
  it('to an addWatch has an error number for a body, which a client passes over', () => {
    const reply: Reply = { xid: 1, zxid: 2, code: 'OK', response: { type: 'watchAdded' } }
    const bytes = written((out) => encodeReply(out, reply))

    expect(toHex(bytes.subarray(16))).toBe('00000000')
    expect(readBack(reply, 'addWatch')).toEqual({ ...reply, response: { type: 'done' } })
  })

  it.each([
    [-3, 'DATAINCONSISTENCY'],
    [-99, 'SYSTEMERROR'],
    [-999, 'APIERROR'],
    [5, 'SYSTEMERROR'],
  ])('with error number %i has the code %s, and its body is left alone', (errno, code) => {
    const input = new JuteReader(hex(`00 00 00 01  00*8  ${hexInt(errno)}  ff ff ff fe`))

    const reply = readReply(input, readReplyHeader(input), 'getData')

    expect(reply).toEqual({ xid: 1, zxid: 0, code, response: undefined })
    expect(input.remaining).toBe(4)
  })

  it('that is too short throws', () => {
    const input = new JuteReader(hex('00 00 00 01  00*8  00 00 00 00  00 00 00 01'))
    const header = readReplyHeader(input)

    expect(() => readReply(input, header, 'getData')).toThrow(MarshallingError)
  })

  it('without a whole header throws', () => {
    expect(() => readReplyHeader(new JuteReader(hex('00 00 00 01  00*8  00 00 00')))).toThrow(
      MarshallingError,
    )
  })

  it('to a whoAmI with a null in the place of its list knows nobody', () => {
    const input = new JuteReader(hex('00 00 00 01  00*8  00 00 00 00  ff ff ff ff'))

    const { response } = readReply(input, readReplyHeader(input), 'whoAmI')

    expect(response).toEqual({ type: 'clientInfo', clientInfo: [] })
  })

  it('with a null in the place of a list of names throws', () => {
    const input = new JuteReader(hex('00 00 00 01  00*8  00 00 00 00  ff ff ff ff'))
    const header = readReplyHeader(input)

    expect(() => readReply(input, header, 'getChildren')).toThrow('null where a list is needed')
  })
})

describe('an event', () => {
  it.each([-1, 5, 6, 7])('of type %i is none that a server sends', (type) => {
    expect(() => readEvent(`${hexInt(type)}  00 00 00 03  00 00 00 01 2f`)).toThrow(/^an event /)
  })

  it.each([0, 8, -112])('of type %i is none at all', (type) => {
    expect(() => readEvent(`${hexInt(type)}  00 00 00 03  00 00 00 01 2f`)).toThrow(
      `number ${type} where one of None, NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged, `,
    )
  })

  it('without a path throws', () => {
    expect(() => readEvent('00 00 00 01  00 00 00 03  ff ff ff ff')).toThrow('null where a path is needed')
  })

  it('is read whatever state it names', () => {
    expect(readEvent('00 00 00 01  00 00 00 05  00 00 00 01 2f')).toEqual({
      type: 'NodeCreated',
      path: '/',
      zxid: 7,
    })
  })
})

function written(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  write(out)
  return out.take()
}

function readBack(reply: Reply, type: Request['type']): Reply {
  const input = new JuteReader(written((out) => encodeReply(out, reply)))
  return readReply(input, readReplyHeader(input), type)
}

function readEvent(body: string): Notification {
  const input = new JuteReader(hex(`ff ff ff ff  00 00 00 00 00 00 00 07  00 00 00 00  ${body}`))
  return readNotification(input, readReplyHeader(input))
}

function opCodeOf(request: Request): number {
  const input = new JuteReader(written((out) => encodeRequest(out, 1, request)))
  input.int()
  return input.int()
}

/** The type of what was read, or the name of what was thrown. */
function outcomeOf(frame: Uint8Array): string {
  try {
    return decodeRequest(frame).request.type
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}
