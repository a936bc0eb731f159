/** The figures of a connection: what is counted, when a latency is taken, and what a reset leaves. */
import { describe, expect, it } from 'vitest'
import { CnxnMeter, Latency } from '../../src/transport/cnxn-meter.js'

const OK = { code: 'OK', response: { type: 'done' } } as const

describe('a latency', () => {
  it('has the sum, the least and the most of what was added, by requests', () => {
    const latency = new Latency()

    latency.add(3, 2)
    latency.add(1, 1)
    latency.add(8, 1)

    expect({ ...latency }).toEqual({ count: 4, totalMs: 15, minMs: 1, maxMs: 8 })
  })

  it('begins anew after a reset', () => {
    const latency = new Latency()
    latency.add(3, 2)

    latency.reset()

    expect({ ...latency }).toEqual({ ...new Latency() })
    latency.add(5, 1)
    expect({ ...latency }).toEqual({ count: 1, totalMs: 5, minMs: 5, maxMs: 5 })
  })
})

describe('a meter', () => {
  it('knows nothing before the handshake but when it began', () => {
    const meter = new CnxnMeter(1234, new Latency())

    expect({ ...meter }).toMatchObject({
      establishedMs: 1234,
      sessionId: 0n,
      timeoutMs: 0,
      received: 0,
      sent: 0,
    })
    expect({ ...meter }).toMatchObject({ lastRequest: undefined, lastXid: -1, lastZxid: -1, lastReplyMs: 0 })
  })

  it('knows the session once it is connected', () => {
    const meter = connected()

    expect({ ...meter }).toMatchObject({ sessionId: 7n, timeoutMs: 4000, sent: 1 })
    expect({ ...meter }).toMatchObject({ lastRequest: 'connect', lastXid: 0 })
  })

  it('counts requests, replies and events, and keeps the last of each', () => {
    const meter = connected()

    meter.requested(5, { type: 'sync', path: '/' })
    meter.requested(6, { type: 'whoAmI' })
    meter.replied({ xid: 5, zxid: 9, ...OK })
    meter.notified()

    expect({ ...meter }).toMatchObject({ received: 2, sent: 3, notifications: 1 })
    expect({ ...meter }).toMatchObject({ lastRequest: 'whoAmI', lastXid: 6, lastZxid: 9 })
  })

  it.each([-2, -4, -8])('does not take %i for the xid of a request of its client', (xid) => {
    const meter = connected()
    meter.requested(5, { type: 'sync', path: '/' })

    meter.requested(xid, { type: 'ping' })

    expect({ ...meter }).toMatchObject({ lastRequest: 'ping', lastXid: 5, received: 2 })
  })
})

describe('the time of a batch', () => {
  it('goes from its start to its departure, and counts once for each reply', () => {
    const all = new Latency()
    const meter = new CnxnMeter(0, all)

    meter.started(10)
    meter.replied({ xid: 1, zxid: 1, ...OK })
    meter.replied({ xid: 2, zxid: 1, ...OK })
    meter.flushed(14)

    expect({ ...meter.latency }).toEqual({ count: 2, totalMs: 8, minMs: 4, maxMs: 4 })
    expect({ ...all }).toEqual({ ...meter.latency })
    expect([meter.lastLatencyMs, meter.lastReplyMs]).toEqual([4, 14])
  })

  it('begins with the first of several starts, as long as nothing has left', () => {
    const meter = new CnxnMeter(0, new Latency())
    meter.started(10)
    meter.replied({ xid: 1, zxid: 1, ...OK })

    meter.started(12)
    meter.replied({ xid: 2, zxid: 1, ...OK })
    meter.flushed(15)

    expect(meter.lastLatencyMs).toBe(5)
  })

  it('begins anew once a batch has left', () => {
    const meter = new CnxnMeter(0, new Latency())
    meter.started(10)
    meter.replied({ xid: 1, zxid: 1, ...OK })
    meter.flushed(15)

    meter.started(20)
    meter.replied({ xid: 2, zxid: 1, ...OK })
    meter.flushed(21)

    expect({ ...meter.latency }).toEqual({ count: 2, totalMs: 6, minMs: 1, maxMs: 5 })
  })

  it('is none if only events have left', () => {
    const meter = new CnxnMeter(0, new Latency())
    meter.started(10)

    meter.notified()
    meter.flushed(15)

    expect([meter.latency.count, meter.lastReplyMs]).toEqual([0, 0])
  })

  it('counts for all connections together', () => {
    const all = new Latency()
    for (const [xid, ms] of [2, 6].entries()) {
      const meter = new CnxnMeter(0, all)
      meter.started(0)
      meter.replied({ xid, zxid: 1, ...OK })
      meter.flushed(ms)
    }

    expect({ ...all }).toEqual({ count: 2, totalMs: 8, minMs: 2, maxMs: 6 })
  })
})

describe('a reset', () => {
  it('moves the start that is counted from, and leaves the whole and the session', () => {
    const meter = connected()
    meter.started(1)
    meter.requested(5, { type: 'whoAmI' })
    meter.replied({ xid: 5, zxid: 9, ...OK })
    meter.flushed(2)

    meter.reset()
    meter.notified()

    expect([meter.receivedSinceReset, meter.sentSinceReset]).toEqual([0, 1])
    expect({ ...meter }).toMatchObject({ received: 1, sent: 3, sessionId: 7n, timeoutMs: 4000 })
    expect({ ...meter }).toMatchObject({
      lastRequest: undefined,
      lastXid: -1,
      lastZxid: -1,
      lastLatencyMs: 0,
    })
    expect(meter.latency.count).toBe(0)
  })

  it('leaves the latencies of all connections alone', () => {
    const all = new Latency()
    const meter = new CnxnMeter(0, all)
    meter.started(0)
    meter.replied({ xid: 1, zxid: 1, ...OK })
    meter.flushed(3)

    meter.reset()

    expect(all.count).toBe(1)
  })
})

function connected(): CnxnMeter {
  const meter = new CnxnMeter(0, new Latency())
  meter.connected({ sessionId: 7n, timeoutMs: 4000, password: new Uint8Array(16) })
  return meter
}
