/**
 * SocketLink: a socket as a link of bytes. What was written arrives before its end, even at a peer whose own words nobody reads;
 * and after an end, from whichever side, its owner hears nothing more.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addressOf, SocketLink } from '../../src/node/socket-link.js'
import { heardBy, openPair, until } from './network.js'

interface Pair {
  readonly link: SocketLink
  /** What its owner heard, in order: bytes as text, `closed`, `closed ECONNRESET`. */
  readonly heard: readonly string[]
  /** The socket of the other side. */
  readonly peer: Socket
  /** The socket of this side. */
  readonly socket: Socket
}

/** A link and the socket at its other side, which does not close by itself. */
async function startPair(): Promise<Pair> {
  const { caller: socket, accepted: peer } = await openPair()
  peer.on('error', () => peer.destroy())
  const heard: string[] = []
  const link = new SocketLink(socket, {
    received: (chunk) => heard.push(Buffer.from(chunk).toString()),
    closed: (reason) =>
      heard.push(`closed${reason === undefined ? '' : ` ${Reflect.get(Object(reason), 'code')}`}`),
  })
  return { link, heard, peer, socket }
}

function nothing(): void {
  // What was sent is not asked for.
}

describe('a link', () => {
  it('hands in what arrives, and sends what it is given, in order', async () => {
    const { link, heard, peer } = await startPair()
    const words = heardBy(peer)

    peer.write('one')
    for (const text of ['a', 'b', 'c']) link.write(Buffer.from(text), nothing)
    await until(() => heard.length === 1)
    link.end()

    expect(await words).toBe('abc')
    expect(heard).toEqual(['one'])
  })

  it('says when bytes have left, one after the other', async () => {
    const { link, peer } = await startPair()
    const sent: number[] = []
    peer.resume()

    for (const i of [1, 2, 3]) link.write(new Uint8Array(100_000), () => sent.push(i))
    const atOnce = [...sent]
    await until(() => sent.length === 3)

    expect([atOnce, sent]).toEqual([[], [1, 2, 3]])
  })

  it('does not say so of what cannot leave since nobody reads, until somebody does', async () => {
    const { link, heard, peer } = await startPair()
    const sent: number[] = []
    peer.pause()
    link.write(new Uint8Array(32 * 1_048_576), () => sent.push(1))
    link.write(Buffer.of(1), () => sent.push(2))
    peer.write('the other way is free')
    await until(() => heard.length > 0)
    const before = [...sent]

    peer.resume()
    await until(() => sent.length === 2)

    expect([before, sent]).toEqual([[], [1, 2]])
  })

  it('that is paused hands in nothing, and all of it when it goes on', async () => {
    const { link, heard, peer } = await startPair()
    link.pause()
    peer.write('one')
    peer.write('two')
    peer.write('three')
    link.write(Buffer.from('the other way is free'), nothing)
    await once(peer, 'data')
    const paused = [...heard]

    link.resume()
    await until(() => heard.join('').length === 11)

    expect([paused, heard.join('')]).toEqual([[], 'onetwothree'])
  })

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['fe80::ffff:1', 'fe80::ffff:1'],
  ])('from %s has the address %s', (remoteAddress, address) => {
    const socket: Pick<Socket, 'remoteAddress'> = { remoteAddress }

    expect(Reflect.apply(addressOf, undefined, [socket])).toBe(address)
  })

  it('that is closed has no address', () => {
    expect(Reflect.apply(addressOf, undefined, [{}])).toBeUndefined()
  })
})

describe('an end of the other side', () => {
  it('is told once, without a reason', async () => {
    const { heard, peer } = await startPair()

    peer.end('bye')
    await until(() => heard.length === 2)
    peer.destroy()

    expect(heard).toEqual(['bye', 'closed'])
  })

  it('by a reset is told with it', async () => {
    const { heard, peer } = await startPair()

    peer.resetAndDestroy()
    await until(() => heard.length > 0)

    expect(heard).toEqual(['closed ECONNRESET'])
  })
})

describe('an end of this side', () => {
  it('comes after all that was written', async () => {
    const { link, peer } = await startPair()
    const words = heardBy(peer)

    for (let i = 0; i < 50; i++) link.write(Buffer.alloc(100_000, 'x'), nothing)
    link.end()

    expect((await words).length).toBe(5_000_000)
  })

  it('does not take back its last words: what the other side still says is read to its end', async () => {
    const { link, peer } = await startPair()
    link.pause()
    const words = heardBy(peer)
    const written = new Promise((resolve) => peer.write(Buffer.alloc(32 * 1_048_576), resolve))

    link.write(Buffer.from('last words'), nothing)
    link.end()

    expect(await words).toBe('last words')
    expect((await written) ?? 'all of it').toBe('all of it')
  })

  it('is not told to its owner, nor is what still comes', async () => {
    const { link, heard, peer, socket } = await startPair()

    link.end()
    peer.end('too late')
    await once(socket, 'close')

    expect(heard).toEqual([])
  })

  it('at once loses what was not sent, and is not told either', async () => {
    const { link, heard, peer, socket } = await startPair()
    peer.write('too late')

    link.destroy()
    await once(socket, 'close')

    expect([heard, socket.destroyed]).toEqual([[], true])
  })

  it('is not called sent any more', async () => {
    const { link, socket } = await startPair()
    const sent: string[] = []
    link.write(new Uint8Array(1000), () => sent.push('sent'))

    link.destroy()
    await once(socket, 'close')

    expect(sent).toEqual([])
  })
})

describe('a peer that does not notice the end', () => {
  afterEach(() => vi.useRealTimers())

  it('is given two seconds, then the socket is closed all the same', async () => {
    const { link, peer, socket } = await startPair()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ended = once(peer, 'end')
    peer.resume()
    link.end()
    await ended

    vi.advanceTimersByTime(1999)
    const before = socket.destroyed
    vi.advanceTimersByTime(1)

    expect([before, socket.destroyed]).toEqual([false, true])
  })

  it('costs no timer once he has noticed', async () => {
    const { link, peer, socket } = await startPair()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    link.end()
    const waiting = vi.getTimerCount()

    peer.end()
    peer.resume()
    await once(socket, 'close')

    expect([waiting, vi.getTimerCount()]).toEqual([1, 0])
  })
})
