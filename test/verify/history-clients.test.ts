/** Who takes part in a history: with a load that the seed decides, and nobody left behind when something goes wrong. */
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { describe, expect, it, vi } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { chanceOf } from '../../verify/history/chance.js'
import { History } from '../../verify/history/history.js'
import { Load } from '../../verify/history/load.js'
import { Losses } from '../../verify/history/losses.js'
import { runMix } from '../../verify/history/mix.js'
import { OTHER_CLIENTS, runClients } from '../../verify/history/other-clients.js'
import { RecordingProxy } from '../../verify/history/recording-proxy.js'
import { Random } from '../../verify/random.js'
import { NEVER } from './history-bends.js'

const FOLDER = 'verify/history'
const FEW = { port: 0, requests: 4, seed: 1 }
const [KAZOO] = OTHER_CLIENTS
/** Of the answer to a handshake, with its length. */
const ANSWER_BYTES = 41

/** Breaks each connection as soon as its handshake is answered. */
class LossesAtOnce extends Losses {
  override strike(bytes: Uint8Array): number | undefined {
    return bytes.length === ANSWER_BYTES ? bytes.length : undefined
  }
}

function kinds(load: Load): string[] {
  return Array.from({ length: 300 }, () => load.next().type)
}

function loadOf(seed: number): Load {
  return new Load({ random: new Random(seed), name: 'w', hasLastingWatches: true })
}

describe('the load of a history', () => {
  it('is the same for one seed, whatever was answered, and another one for another', () => {
    const [one, same, other] = [loadOf(1), loadOf(1), loadOf(2)]

    for (let i = 0; i < 20; i++) same.created(`/a-000000000${i % 10}`)

    const asked = kinds(one)
    expect(kinds(same)).toEqual(asked)
    expect(kinds(other)).not.toEqual(asked)
  })

  it('is the same in a process of its own', () => {
    const paths = ([seed, stream]: readonly [number, number]): string[] => {
      const { path } = chanceOf(seed, stream)
      return Array.from({ length: 100 }, path)
    }

    const [one, same, nextStream, nextSeed] = (
      [
        [1, 1],
        [1, 1],
        [1, 2],
        [2, 1],
      ] as const
    ).map(paths)

    expect(same).toEqual(one)
    expect(nextStream).not.toEqual(one)
    expect(nextSeed).not.toEqual(one)
    expect(new Set(one).size).toBeGreaterThan(20)
  })

  it('has no chance of its own', async () => {
    const names = (await readdir(FOLDER)).filter((name) => /\.[jt]s$/.test(name))
    const texts = await Promise.all(names.map((name) => readFile(`${FOLDER}/${name}`, 'utf8')))

    expect(names.length).toBeGreaterThan(30)
    expect(names.filter((_, i) => texts[i]?.includes('Math.random'))).toEqual([])
  })
})

describe('clients of others', () => {
  it('are ended before their time', async () => {
    const end = new AbortController()
    const program = 'process.stdout.write(""); setInterval(() => undefined, 1000)'

    const running = runClients([process.execPath, '-e', program, '--'], { ...FEW, signal: end.signal })
    end.abort()

    await expect(running).rejects.toThrow('did not come to its end in time')
  })

  it('say why they ended', async () => {
    const program = 'console.error("nobody is there"); process.exit(3)'

    const running = runClients([process.execPath, '-e', program, '--'], { ...FEW, signal: NEVER })

    await expect(running).rejects.toThrow(/ended with 3: nobody is there/)
  })

  it.skipIf(KAZOO?.isHere() !== true)(
    'come to their end though every connection breaks at once',
    async () => {
      const zoo = new EmbeddedZooKeeper()
      const endpoint = await listen(zoo, { port: 0 })
      const history = new History()
      const losses = new LossesAtOnce({
        random: new Random(1),
        chance: 0,
        mayBreak: () => true,
        canBreakFrames: true,
      })
      const proxy = await RecordingProxy.start({
        targetPort: endpoint.port ?? 0,
        history,
        name: 'kazoo',
        losses,
      })

      await KAZOO?.run({ ...FEW, port: proxy.port, signal: NEVER })

      expect(history.threads.filter(({ endedBy }) => endedBy === 'loss').length).toBeGreaterThan(1)
      await proxy.close()
      await endpoint.close()
      await zoo.close()
    },
  )
})

describe('a history that is broken off', () => {
  it('tells why, keeps what was noted, and leaves nobody behind', async () => {
    for (const [i, each] of OTHER_CLIENTS.entries()) {
      vi.spyOn(each, 'isHere').mockReturnValue(i === 0)
      vi.spyOn(each, 'run').mockRejectedValue(new Error('nobody is there'))
    }

    const { recording } = await runMix({ server: 'zoolet', seed: 1, run: 1, requests: 100_000 })

    expect(recording.failure).toContain('nobody is there')
    expect(recording.history.length).toBeGreaterThan(10)
    expect(recording.history.threads.filter(({ isClosed }) => !isClosed)).toEqual([])
    vi.restoreAllMocks()
  })
})
