/**
 * TcpCnxn: what comes first on an accepted socket decides who answers it, at once or when there is time; and a side that has said all is
 * answered before the socket closes.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TcpCnxn } from '../../src/node/tcp-cnxn.js'
import { Latency } from '../../src/transport/cnxn-meter.js'
import { create } from '../semantics/fixture.js'
import { connectFrame, requestFrame, SYNCED_BYTES, syncFrames, WireWorld } from '../transport/fake-link.js'
import { heardBy, openPair, until } from './network.js'

/** More than fits into one turn. */
const REQUESTS = 200
const HANDSHAKE_BYTES = 41
const CONNECT = connectFrame()
const CREATE = requestFrame(0, create('/a'))

describe('a connection', () => {
  it('whose first bytes come when there is time is answered at once', async () => {
    const { caller, world } = await startCall()

    caller.write('ruok')

    expect(await heardBy(caller)).toBe('imok')
    expect(world.scheduler.waiting).toBe(0)
  })

  it.each([
    ['a four-letter word', ['ruok'], 'imok'],
    ['a four-letter word in two pieces', ['ru', 'ok'], 'imok'],
  ])(
    'whose first bytes, %s, come when there is none is answered in its turn',
    async (_what, pieces, wanted) => {
      const { caller, world, received } = await startCall()
      world.useUpTurn()
      for (const [i, piece] of pieces.entries()) {
        caller.write(piece)
        await until(() => received() === i + 1 || world.scheduler.waiting > 1)
      }
      const heard = heardBy(caller)

      await turnUntil(world, () => caller.closed)

      expect(await heard).toBe(wanted)
    },
  )

  it('that shakes hands when there is no time is served in its turn, with all that it has sent', async () => {
    const { caller, world } = await startCall()
    world.useUpTurn()

    caller.write(Buffer.concat([CONNECT, CREATE]))
    await until(() => world.scheduler.waiting > 1)
    const before = world.zoo.reports.counts().sessions
    await turnUntil(world, () => '/a' in world.zoo.dump())

    expect(before).toBe(0)
    expect(world.zoo.reports.counts().sessions).toBe(1)
  })

  it('that is gone before its turn comes is not served', async () => {
    const { caller, world, accepted } = await startCall()
    world.useUpTurn()
    caller.write(CONNECT)
    await until(() => world.scheduler.waiting > 1)

    accepted.destroy()
    await once(accepted, 'close')
    world.settle()

    expect(world.zoo.reports.counts().sessions).toBe(0)
  })

  it('that closes when there is no time leaves its session in its turn', async () => {
    const { caller, world, accepted } = await startCall()
    caller.write(CONNECT)
    await turnUntil(world, () => connectionsOf(world) === 1)
    world.useUpTurn()

    accepted.destroy()
    await once(accepted, 'close')
    const before = connectionsOf(world)
    world.settle()

    expect([before, connectionsOf(world)]).toEqual([1, 0])
  })
})

describe('a caller that has said all', () => {
  it.each([
    ['there is time', () => undefined],
    ['there is none', (world: WireWorld) => world.useUpTurn()],
  ])('when %s is answered everything, and then the socket closes', async (_when, prepare) => {
    const { caller, world, accepted } = await startCall()
    const heard = heardBy(caller)
    const closed = once(accepted, 'close')
    prepare(world)

    caller.end(Buffer.concat([CONNECT, ...syncFrames(REQUESTS)]))
    await turnUntil(world, () => accepted.closed)
    await closed

    expect((await heard).length).toBe(HANDSHAKE_BYTES + REQUESTS * SYNCED_BYTES)
    expect(connectionsOf(world)).toBe(0)
  })

  it('in a four-letter word, when there is no time, is answered in its turn', async () => {
    const { caller, world } = await startCall()
    const heard = heardBy(caller)
    world.useUpTurn()

    caller.end('ruok')
    await turnUntil(world, () => caller.closed)

    expect(await heard).toBe('imok')
  })

  it('and nothing is hung up on', async () => {
    const { caller, world, accepted } = await startCall()

    caller.end()
    await turnUntil(world, () => accepted.destroyed)

    expect(await heardBy(caller)).toBe('')
  })
})

interface Call {
  readonly caller: Socket
  /** The socket at the server's side, which was accepted as a listener accepts it. */
  readonly accepted: Socket
  readonly world: WireWorld
  /** How many pieces have come. */
  readonly received: () => number
}

/** A caller at a server that gives turns when the test says so. */
async function startCall(): Promise<Call> {
  const world = new WireWorld()
  const { caller, accepted } = await openPair()
  let received = 0
  accepted.on('data', () => void received++)
  const cnxn = new TcpCnxn(accepted, '127.0.0.1', {
    clock: world.zoo.clock,
    wire: world.parts,
    latency: new Latency(),
    attach: (end) => world.zoo.attach(end),
    answer: (word) => (word === 'ruok' ? 'imok' : ''),
    closed: () => undefined,
  })
  expect(cnxn.remoteAddress).toBe('127.0.0.1')
  caller.on('error', () => caller.destroy())
  onTestFinished(() => world.zoo.close())
  return { caller, accepted, world, received: () => received }
}

/** The event loop has one turn after the other. */
async function turnUntil(world: WireWorld, isOver: () => boolean): Promise<void> {
  await until(() => {
    world.endTask()
    world.turn()
    return isOver()
  })
}

function connectionsOf(world: WireWorld): number {
  return world.zoo.reports.sessions().filter(({ isConnected }) => isConnected).length
}
