/**
 * What holds for everything that is held, whoever's it is: they hold us off and we hold them off, and whoever waits gets it in the
 * order of arrival, or when the session of the holder is over. Declared by the suite of each peer.
 */
import { describe, expect, it } from 'vitest'
import { connect } from '../../../src/node/index.js'
import { Lock, ReadWriteLock, Semaphore } from '../../../src/recipes/index.js'
import { Cut } from '../c-client/cut.js'
import {
  type Given,
  type HeldKind,
  type Holder,
  LONG_MS,
  linePath,
  ourHolder,
  theirHolder,
  untilChildren,
} from './recipe-suite.js'

/** Two that exclude each other. */
const rivals: readonly { ours: HeldKind; theirs: HeldKind }[] = [
  { ours: 'lock', theirs: 'lock' },
  { ours: 'write', theirs: 'write' },
  { ours: 'read', theirs: 'write' },
  { ours: 'write', theirs: 'read' },
  { ours: 'semaphore', theirs: 'semaphore' },
  { ours: 'election', theirs: 'election' },
]
/** Those among them who wait in a line that is fair. */
const fair = ['lock', 'write', 'election'] as const
/** A session that ends soon when nothing is heard of its client. */
const SOON_MS = 4000

/** Declares the tests. */
export function describeHolding(given: Given): void {
  describe.each(rivals)('our $ours and their $theirs', ({ ours, theirs }) => {
    declareExclusion(given, ours, theirs)
    const deviation = given.peer.deviations.find((each) => each.ours === ours && each.theirs === theirs)
    if (deviation === undefined) declareTurns(given, ours, theirs)
  })
  describe.each(fair)('in the line for %s', (kind) => declareOrder(given, kind))
  describe('many at a time', () => {
    declareReaders(given)
    declareDowngrade(given)
    declareLeases(given)
  })
  describe('who dies', () => declareDeaths(given))
}

function declareExclusion(given: Given, ours: HeldKind, theirs: HeldKind): void {
  /** How many znodes stand in line when one holds and one waits: a lease has left its line. */
  const inLine = ours === 'semaphore' ? 1 : 2

  it('held by them is held off from us until they let go', async () => {
    const path = given.newPath()
    const we = ourHolder(given, ours, path)
    const they = await theirHolder(given.program(), theirs, path)
    expect(await they.acquire()).toBe(true)

    expect(await we.attempt()).toBe(false)
    const got = we.acquire()
    await untilChildren(given, linePath(given, ours, path), inLine)
    await they.release()

    expect(await got).toBe(true)
    await we.release()
  })

  it('held by us is held off from them until we let go', async () => {
    const path = given.newPath()
    const we = ourHolder(given, ours, path)
    const they = await theirHolder(given.program(), theirs, path)
    expect(await we.acquire()).toBe(true)

    expect(await they.attempt()).toBe(false)
    const got = they.acquire()
    await untilChildren(given, linePath(given, ours, path), inLine)
    await we.release()

    expect(await got).toBe(true)
    await they.release()
  })
}

function declareTurns(given: Given, ours: HeldKind, theirs: HeldKind): void {
  it('goes to and fro, many times', async () => {
    const path = given.newPath()
    const holders = [ourHolder(given, ours, path), await theirHolder(given.program(), theirs, path)]
    const holding = new Set<Holder>()
    const together: number[] = []

    const run = async (holder: Holder): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        expect(await holder.acquire()).toBe(true)
        together.push(holding.add(holder).size)
        await given.zk().exists(path)
        holding.delete(holder)
        await holder.release()
      }
    }
    await Promise.all(holders.map(run))

    expect(together).toEqual(Array.from({ length: 40 }, () => 1))
  })
}

function declareOrder(given: Given, kind: (typeof fair)[number]): void {
  it('ours and theirs are served as they came', async () => {
    const path = given.newPath()
    const program = given.program()
    const holders = [
      await theirHolder(program, kind, path, 'their first'),
      ourHolder(given, kind, path, 'our first'),
      await theirHolder(program, kind, path, 'their second'),
      ourHolder(given, kind, path, 'our second'),
    ]
    const served: number[] = []
    const turns: Promise<boolean>[] = []
    for (const [i, holder] of holders.entries()) {
      turns.push(
        holder.acquire().then((isGot) => {
          served.push(i)
          return isGot
        }),
      )
      await untilChildren(given, path, i + 1)
    }

    for (const [i, holder] of holders.entries()) {
      expect(await turns[i]).toBe(true)
      expect(served).toEqual([0, 1, 2, 3].slice(0, i + 1))
      await holder.release()
    }
  })
}

function declareReaders(given: Given): void {
  it('readers of both sides hold together, and writers of both wait for the last of them', async () => {
    const path = given.newPath()
    const program = given.program()
    const [ourReader, ourWriter] = [ourHolder(given, 'read', path), ourHolder(given, 'write', path)]
    const theirReader = await theirHolder(program, 'read', path)
    const theirWriter = await theirHolder(program, 'write', path)

    expect(await ourReader.attempt()).toBe(true)
    expect(await theirReader.attempt()).toBe(true)
    expect(await ourWriter.attempt()).toBe(false)
    expect(await theirWriter.attempt()).toBe(false)
    await ourReader.release()
    expect(await ourWriter.attempt()).toBe(false)
    await theirReader.release()

    expect(await theirWriter.acquire()).toBe(true)
    await theirWriter.release()
  })

  it.each(['ours', 'theirs'] as const)(
    'a reader does not overtake a writer that waits: %s',
    async (whose) => {
      const path = given.newPath()
      const program = given.program()
      const first = ourHolder(given, 'read', path)
      const [writer, reader] =
        whose === 'ours'
          ? [ourHolder(given, 'write', path), await theirHolder(program, 'read', path)]
          : [await theirHolder(program, 'write', path), ourHolder(given, 'read', path)]
      await first.acquire()
      const written = writer.acquire()
      await untilChildren(given, path, 2)

      expect(await reader.attempt()).toBe(false)
      await first.release()
      expect(await written).toBe(true)
      expect(await reader.attempt()).toBe(false)
      await writer.release()

      expect(await reader.acquire()).toBe(true)
      await reader.release()
    },
  )
}

function declareDowngrade(given: Given): void {
  it('our writer that becomes a reader lets their readers in, and no writer of theirs', async () => {
    const path = given.newPath()
    const lock = new ReadWriteLock(given.zk(), path, { layout: given.peer.layout })
    const theirReader = await theirHolder(given.program(), 'read', path)
    const theirWriter = await theirHolder(given.program(), 'write', path)
    const written = await lock.write.acquire()
    const read = theirReader.acquire()
    await untilChildren(given, path, 2)

    const reading = await lock.downgrade(written)

    expect(await read).toBe(true)
    await theirReader.release()
    expect(await theirWriter.attempt()).toBe(false)
    await reading.release()
    expect(await theirWriter.acquire()).toBe(true)
    await theirWriter.release()
  })
}

function declareLeases(given: Given): void {
  it('leases of both sides count together', async () => {
    const path = given.newPath()
    const program = given.program()
    const ours = [ourHolder(given, 'semaphore', path, 'a', 2), ourHolder(given, 'semaphore', path, 'b', 2)]
    const theirs = [
      await theirHolder(program, 'semaphore', path, 'c', 2),
      await theirHolder(program, 'semaphore', path, 'd', 2),
    ]

    expect(await theirs[0]?.attempt()).toBe(true)
    expect(await ours[0]?.attempt()).toBe(true)
    expect(await new Semaphore(given.zk(), path, 2, { layout: given.peer.layout }).holders()).toHaveLength(2)
    expect(await ours[1]?.attempt()).toBe(false)
    expect(await theirs[1]?.attempt()).toBe(false)

    await theirs[0]?.release()
    expect(await ours[1]?.attempt()).toBe(true)
    expect(await theirs[1]?.attempt()).toBe(false)

    await ours[0]?.release()
    expect(await theirs[1]?.attempt()).toBe(true)
    await ours[1]?.release()
    await theirs[1]?.release()
  })
}

function declareDeaths(given: Given): void {
  it('their process, killed, holds us off as long as its session lasts, and no longer', async () => {
    const path = given.newPath()
    const { connectString } = given.server()
    const doomed = await given.peer.start(connectString, SOON_MS)
    const they = await theirHolder(doomed, 'lock', path)
    const we = ourHolder(given, 'lock', path)
    expect(await they.acquire()).toBe(true)

    await doomed.kill()

    expect(await we.attempt()).toBe(false)
    expect(await we.acquire()).toBe(true)
    await we.release()
  })

  it('our client, cut off, knows that it may have lost what they get when its session is over', async () => {
    const path = given.newPath()
    const cut = await Cut.to(given.server().port)
    const zk = await connect(`127.0.0.1:${cut.port}`, { sessionTimeoutMs: SOON_MS })
    const held = await new Lock(zk, path, { layout: given.peer.layout }).acquire()
    const they = await theirHolder(given.program(), 'lock', path)
    expect(await they.attempt()).toBe(false)

    await cut.close()
    const before = await aborted(held.signal)
    expect(await they.acquire()).toBe(true)

    expect(before).toMatchObject({ code: 'CONNECTIONLOSS' })
    await cut.open()
    await held.release({ timeoutMs: LONG_MS })
    expect(await ourHolder(given, 'lock', path).attempt()).toBe(false)
    await they.release()
    await zk.close()
    await cut.close()
  })
}

/** The reason of a signal, as soon as it has one. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}
