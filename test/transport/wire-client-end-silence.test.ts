/**
 * When a client's end speaks though nobody asked it to, and when it gives up a server that says nothing. A session of thirty
 * seconds: ten without a word of its own are a ping, twenty without a word of the server are the end.
 */
import { describe, expect, it } from 'vitest'
import {
  type Client,
  connect,
  dial,
  expectOver,
  notificationFrame,
  PONG,
  SYNC,
  synced,
} from './dialled-client.js'

const PING_FRAME = '00000008fffffffe0000000b'

describe('pings', () => {
  it.each([
    [30_000, 10_000],
    [3000, 1000],
    [60_000, 10_000],
    [9_000, 3_000],
  ])('of a session of %i ms go out after %i ms without a word', async (timeoutMs, pingMs) => {
    const client = connect({}, timeoutMs)
    await client.clock.advance(pingMs - 1)
    const before = client.takeSent()

    await client.clock.advance(1)

    expect([before, client.takeSent()]).toEqual([[], [PING_FRAME]])
  })

  it('go on as long as they are answered', async () => {
    const client = connect()

    const sent = await pass(client, 300_000, () => client.end.received(PONG))

    expect(sent).toEqual(new Array(30).fill(PING_FRAME))
    expect(client.told).toEqual([])
  })

  it('do not go out while something else does', async () => {
    const client = connect()
    const sent: string[] = []

    for (let xid = 1; xid <= 20; xid++) {
      await client.clock.advance(9_000)
      client.end.send(xid, SYNC)
      client.scheduler.endTask()
      sent.push(...client.takeSent())
      client.end.received(synced(xid))
    }

    expect(sent).not.toContain(PING_FRAME)
    expect(sent).toHaveLength(20)
  })

  it('go out while only the server speaks, which does not know that we listen', async () => {
    const client = connect()
    const sent: string[] = []

    for (let i = 0; i < 10; i++) {
      await client.clock.advance(2_000)
      client.end.received(notificationFrame({ type: 'NodeCreated', path: '/a', zxid: i }))
      sent.push(...client.takeSent())
    }

    expect(sent).toEqual([PING_FRAME, PING_FRAME])
  })

  it('do not go out before there is a session', async () => {
    const client = dial({ dialTimeoutMs: 100_000 })
    client.end.opened()

    await client.clock.advance(50_000)

    expect(client.takeSent()).toEqual([])
  })
})

describe('a server that is silent', () => {
  it('for two thirds of the session is given up, after the event loop had a look', async () => {
    const client = connect()
    await client.clock.advance(20_000)
    const before = [...client.told]

    client.scheduler.turn()

    expect(before).toEqual([])
    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
    expect(client.lastWhy?.heardMs).toBe(0)
    expectOver(client)
  })

  it('for less than that is not given up', async () => {
    const client = connect()
    await client.clock.advance(19_999)

    client.scheduler.turn()

    expect(client.told).toEqual([])
    expect(client.takeSent()).toEqual([PING_FRAME])
  })

  it('is not given up if its answer lay in the socket', async () => {
    const client = connect()
    await client.clock.advance(20_000)

    client.end.received(PONG)
    client.scheduler.turn()

    expect(client.told).toEqual([])
    expect(client.clock.pendingTimers).toBe(1)
  })

  it('is given up later if that was its last answer', async () => {
    const client = connect()
    await client.clock.advance(20_000)
    client.end.received(PONG)
    client.scheduler.turn()

    await client.clock.advance(20_000)
    client.scheduler.turn()

    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
    expectOver(client)
  })

  it('is given up while requests wait, too', async () => {
    const client = connect()
    await client.clock.advance(5_000)
    client.end.send(1, SYNC)
    client.scheduler.endTask()

    await client.clock.advance(15_000)
    client.scheduler.turn()

    expect(client.told).toEqual(['zk:1 was silent for 20000 ms'])
  })

  it('is not given up once more if the client has closed between the two looks', async () => {
    const client = connect()
    await client.clock.advance(20_000)

    client.end.close()
    client.scheduler.turn()

    expect(client.told).toEqual([])
    expectOver(client)
  })

  it('is not watched any more if it was heard and the client has closed between the two looks', async () => {
    const client = connect()
    await client.clock.advance(20_000)

    client.end.received(PONG)
    client.end.close()
    client.scheduler.turn()

    expectOver(client)
  })
})

/** Lets time pass, a second at a time; whenever something was sent, `answer` is called. Returns what was sent. */
async function pass(client: Client, ms: number, answer: () => void): Promise<string[]> {
  const all: string[] = []
  for (let passedMs = 0; passedMs < ms; passedMs += 1000) {
    await client.clock.advance(1000)
    const sent = client.takeSent()
    if (sent.length > 0) answer()
    all.push(...sent)
  }
  return all
}
