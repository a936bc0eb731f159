/**
 * Links over a message port: bytes in order both ways, a window that holds back whoever writes faster than the other side takes,
 * ends from either side, and messages that are none. The port is the test's: it delivers when it is told to.
 */
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/testing/index.js'
import { type MessagePortLike, PortLinks } from '../../src/transport/message-port.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { Channel, FakePort, postedBytes, recordSide, type Side } from './fake-port.js'

const WINDOW_BYTES = 1_048_576
const PIECE_BYTES = 100_000

function nothing(): void {
  // What was sent is not asked for.
}

function write({ link, log }: Side, ...lengths: number[]): void {
  for (const length of lengths) link.write(new Uint8Array(length), () => log.push(`sent ${length}`))
}

describe('a link over a port', () => {
  it('carries bytes both ways, in order, and says when they were taken', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    write(near, 1, 2)
    write(far, 3)
    const before = [near.log.slice(), far.log.slice()]
    channel.deliver()

    expect(before).toEqual([[], []])
    expect(near.log).toEqual(['3', 'sent 1', 'sent 2'])
    expect(far.log).toEqual(['1', '2', 'sent 3'])
  })

  it('moves the bytes and does not copy them, and keeps them whole inside a larger buffer', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    const buffer = Uint8Array.of(9, 1, 2, 3, 9).buffer

    near.link.write(new Uint8Array(buffer, 1, 3), nothing)
    channel.deliver()

    expect(buffer.byteLength).toBe(0)
    expect(far.bytes).toEqual([1, 2, 3])
  })

  it('shares its port with others, and does not mix with them', () => {
    const channel = new Channel()
    const [one, two] = [channel.open(), channel.open()]

    write(one.near, 1)
    write(two.near, 2)
    one.near.link.end()
    channel.deliver()
    write(two.near, 3)
    channel.deliver()

    expect(one.far.log).toEqual(['1', 'closed'])
    expect(two.far.log).toEqual(['2', '3'])
  })

  it('is of this machine', () => {
    expect(new Channel().open().far.link.remoteAddress).toBe('127.0.0.1')
  })

  it('starts its port', () => {
    const { near, far } = new Channel()

    expect([near.isStarted, far.isStarted]).toEqual([true, true])
  })
})

describe('the window', () => {
  it('lets no more bytes be under way than it has room for', () => {
    const channel = new Channel()
    const { near } = channel.open()

    write(near, ...new Array(20).fill(PIECE_BYTES))

    expect(postedBytes(channel.near)).toBe(10 * PIECE_BYTES)
    channel.deliver()
    expect(near.log).toEqual(new Array(20).fill(`sent ${PIECE_BYTES}`))
  })

  it('has room for exactly as much as it is large', () => {
    const channel = new Channel()
    const { near } = channel.open()

    write(near, WINDOW_BYTES - 1, 1, 1)

    expect(postedBytes(channel.near)).toBe(WINDOW_BYTES)
  })

  it('lets what is larger than itself go alone', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    write(near, 1, 2 * WINDOW_BYTES, 1)
    const first = postedBytes(channel.near)
    channel.deliver()

    expect(first).toBe(1)
    expect(far.log).toEqual(['1', `${2 * WINDOW_BYTES}`, '1'])
  })

  it('is one for each link: who does not read holds up nobody else', () => {
    const channel = new Channel()
    const [slow, quick] = [channel.open(), channel.open()]
    slow.far.link.pause()

    write(slow.near, WINDOW_BYTES, 1)
    write(quick.near, 5)
    channel.deliver()

    expect([slow.far.log, quick.far.log]).toEqual([[], ['5']])
  })
})

describe('a side that has paused', () => {
  it('is sent no more than the window, and the other side is not told that it was taken', async () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()

    write(near, ...new Array(30).fill(PIECE_BYTES))
    await channel.settle()

    expect([near.log, far.log]).toEqual([[], []])
    expect(postedBytes(channel.near)).toBe(0)
  })

  it('gets everything in order when it goes on', async () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()
    for (let i = 0; i < 30; i++) near.link.write(new Uint8Array(PIECE_BYTES).fill(i), nothing)
    await channel.settle()

    far.link.resume()
    await channel.settle()

    expect(far.log).toEqual(new Array(30).fill(`${PIECE_BYTES}`))
    expect(far.bytes.filter((_, i) => i % 4 === 0)).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  it('is not called back within the call that lets it go on', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()
    write(near, 1)
    channel.deliver()

    far.link.resume()

    expect(far.log).toEqual([])
  })

  it('while it is handed something gets no more of it, and nothing twice', async () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()
    write(near, 1, 2, 3)
    channel.deliver()
    far.link.resume()
    far.link.pause()
    await channel.settle()
    const paused = [...far.log]

    far.link.resume()
    far.link.resume()
    await channel.settle()

    expect([paused, far.log]).toEqual([[], ['1', '2', '3']])
  })
})

describe('an end', () => {
  it('comes after all that was written, however much waits for the window', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    write(near, ...new Array(25).fill(PIECE_BYTES))
    near.link.end()
    channel.deliver()

    expect(far.log).toEqual([...new Array(25).fill(`${PIECE_BYTES}`), 'closed'])
  })

  it('is told to the other side alone', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    far.link.end()
    channel.deliver()

    expect([near.log, far.log]).toEqual([['closed'], []])
  })

  it('hands in nothing more to who has ended, and takes nothing more from him', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    write(far, 1)

    near.link.end()
    write(near, 2)
    channel.deliver()

    expect([near.log, far.log]).toEqual([[], ['closed']])
  })

  it('at once loses what waits for the window', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()
    write(near, WINDOW_BYTES, 1)

    near.link.destroy()
    channel.deliver()

    expect([near.log, far.log]).toEqual([[], ['closed']])
  })

  it('twice, from both sides or after the other, is one', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    near.link.end()
    near.link.end()
    near.link.destroy()
    far.link.end()
    channel.deliver()
    far.link.destroy()
    channel.deliver()

    expect([near.log, far.log, channel.near.posted, channel.far.posted]).toEqual([[], [], [], []])
  })

  it('leaves the number of the link to nobody', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    near.link.destroy()
    channel.deliver()

    channel.far.hear({ type: 'bytes', link: 1, bytes: new Uint8Array(1) })
    channel.near.hear({ type: 'end', link: 1 })
    channel.near.hear({ type: 'taken', link: 1, count: 5 })

    expect([near.log, far.log]).toEqual([[], ['closed']])
  })
})

describe('messages that are none', () => {
  const bytes = new Uint8Array(1)

  it.each([
    [undefined],
    [null],
    [5],
    ['open'],
    [[]],
    [{}],
    [{ type: 'open' }],
    [{ link: 7 }],
    [{ type: 'open', link: '7' }],
    [{ type: 'open', link: 7.5 }],
    [{ type: 'open', link: Number.NaN }],
    [{ type: 'close', link: 1 }],
    [{ type: 'bytes', link: 1 }],
    [{ type: 'bytes', link: 1, bytes: 'text' }],
    [{ type: 'bytes', link: 1, bytes: [1] }],
    [{ type: 'bytes', link: 1, bytes: new ArrayBuffer(1) }],
    [{ type: 'taken', link: 1 }],
    [{ type: 'taken', link: 1, count: '5' }],
    [{ type: 'taken', link: 1, count: Number.POSITIVE_INFINITY }],
    [{ type: 'bytes', link: 99, bytes }],
    [{ type: 'end', link: 99 }],
    [{ type: 'taken', link: 99, count: 1 }],
    [{ type: 'open', link: 1 }],
  ])('are ignored: %j', (message) => {
    const channel = new Channel()
    const { near, far } = channel.open()

    channel.far.hear(message)
    channel.near.hear(message)
    write(near, 3)
    channel.deliver()

    expect(channel.accepted.length).toBe(1)
    expect([near.log, far.log]).toEqual([['sent 3'], ['3']])
  })

  it('are ignored if they are no messages at all', () => {
    const channel = new Channel()

    channel.far.tell('message')
    channel.far.tell('message', { data: undefined })

    expect(channel.accepted).toEqual([])
  })

  it('such as an open are ignored by who does not accept', () => {
    const channel = new Channel()

    channel.near.hear({ type: 'open', link: 7 })
    channel.near.hear({ type: 'bytes', link: 7, bytes })

    expect(channel.near.posted).toEqual([])
  })

  it.each([[-1], [0], [2 ** 53 - 1]])('such as %d bytes taken cost the window nothing', (count) => {
    const channel = new Channel()
    const { near, far } = channel.open()
    write(near, 10)

    channel.near.hear({ type: 'taken', link: 1, count })
    channel.deliver()
    write(near, ...new Array(20).fill(PIECE_BYTES))
    const posted = postedBytes(channel.near)
    channel.deliver()

    expect(posted).toBeLessThanOrEqual(WINDOW_BYTES)
    expect(far.log.length).toBe(21)
  })
})

describe('a port', () => {
  it('that is closed ends its links on both sides, once', () => {
    const channel = new Channel()
    const { near, far } = channel.open()

    channel.near.tell('close')
    channel.far.tell('close')
    channel.far.tell('close')

    expect([near.log, far.log]).toEqual([['closed'], ['closed']])
  })

  it('gives its links numbers from the first on, so that words for links of others are ignored', () => {
    const { near } = new Channel()
    const links = new PortLinks(near, { firstLink: 70 })
    const side = recordSide(undefined)
    links.open(side.events)
    links.open(recordSide(undefined).events)

    near.hear({ type: 'end', link: 1 })
    near.hear({ type: 'bytes', link: 69, bytes: new Uint8Array(1) })

    expect(near.posted).toEqual([
      { type: 'open', link: 70 },
      { type: 'open', link: 71 },
    ])
    expect(side.log).toEqual([])
  })

  it('that is closed already tells so of a link that is opened on it, after the call', async () => {
    const channel = new Channel()
    channel.near.tell('close')
    const side = recordSide(undefined)

    channel.nearLinks.open(side.events)
    const within = [...side.log]
    await macrotask()

    expect([within, side.log]).toEqual([[], ['closed']])
  })

  it('is left to its owner by close: without listeners, and nothing is posted any more', () => {
    const channel = new Channel()
    const { near } = channel.open()

    channel.nearLinks.close()
    const posted = channel.near.posted.splice(0)
    write(near, 1)
    near.link.end()

    expect(posted).toEqual([{ type: 'end', link: 1 }])
    expect([channel.near.listenerCount, channel.near.posted]).toEqual([0, []])
  })

  it.each(['near', 'far'] as const)('that the %s side leaves ends the links for both owners', (side) => {
    const channel = new Channel()
    const { near, far } = channel.open()

    channel[`${side}Links`].close()
    channel.deliver()

    expect([near.log, far.log]).toEqual([['closed'], ['closed']])
  })

  it('that is left while a link waits for its window ends it all the same', () => {
    const channel = new Channel()
    const { near, far } = channel.open()
    far.link.pause()
    write(near, WINDOW_BYTES, 1)
    near.link.end()

    channel.nearLinks.close()
    channel.deliver()

    // Who has ended it himself is not told.
    expect([near.log, far.log]).toEqual([[], ['closed']])
  })

  it('may be left twice', () => {
    const channel = new Channel()
    const { far } = channel.open()

    channel.nearLinks.close()
    channel.nearLinks.close()
    channel.deliver()

    expect(far.log).toEqual(['closed'])
  })

  it('without a start is none the worse', () => {
    const { near } = new Channel()
    const bare: MessagePortLike = {
      postMessage: (message, transfer) => near.postMessage(message, transfer),
      addEventListener: (type, listener) => near.addEventListener(type, listener),
      removeEventListener: (type, listener) => near.removeEventListener(type, listener),
    }

    new PortLinks(bare).open(recordSide(undefined).events)

    expect(near.posted).toEqual([{ type: 'open', link: 1 }])
  })
})

describe('a link that nobody wants', () => {
  it('is not kept by the side that refuses it', () => {
    const port = new FakePort()
    const links = new PortLinks(port, {
      accept: (link) => {
        link.end()
        return { received: nothing, closed: nothing }
      },
    })

    port.hear({ type: 'open', link: 1 })
    port.hear({ type: 'open', link: 1 })
    links.close()

    expect(port.posted).toEqual([
      { type: 'end', link: 1 },
      { type: 'end', link: 1 },
    ])
  })
})

describe('a link that was ended', () => {
  it('gives the other side two seconds to take what was written before', async () => {
    const clock = new VirtualClock()
    const port = new FakePort()
    const link = new PortLinks(port, { clock }).open({ received: nothing, closed: nothing })
    for (let i = 0; i < 20; i++) link.write(new Uint8Array(PIECE_BYTES), nothing)
    const ends = (): number => port.posted.filter((message) => Object(message).type === 'end').length

    link.end()
    await clock.advance(1_999)
    const before = ends()
    await clock.advance(1)

    expect([before, ends(), clock.pendingTimers]).toEqual([0, 1, 0])
  })

  it('needs no time if everything was taken', () => {
    const clock = new VirtualClock()
    const link = new PortLinks(new FakePort(), { clock }).open({ received: nothing, closed: nothing })

    link.end()

    expect(clock.pendingTimers).toBe(0)
  })
})
