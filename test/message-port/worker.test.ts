/**
 * Real worker threads: clients in other threads share the tree of a server in this one; a worker that is terminated loses its
 * session in time and its ephemerals with it, and one that closes its client ends by itself.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { build } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { servePort } from '../../src/message-port/index.js'
import { SHORT_SESSIONS, until } from '../node/network.js'
import { codeOf, recordEvents, text } from '../semantics/fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'zoolet-worker-'))
const program = join(folder, 'worker.mjs')

beforeAll(async () => {
  await build({
    input: fileURLToPath(new URL('worker-program.ts', import.meta.url)),
    platform: 'node',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    output: { file: program, format: 'esm' },
    logLevel: 'silent',
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Crew {
  readonly zoo: EmbeddedZooKeeper
  /** A worker with a client that is connected. */
  hire(options?: { readonly sessionTimeoutMs: number }): Promise<Hand>
}

interface Hand {
  readonly worker: Worker
  /** Resolves with the answer. */
  order(name: string, argument?: string): Promise<unknown>
}

function startCrew(): Crew {
  const zoo = new EmbeddedZooKeeper(SHORT_SESSIONS)
  onTestFinished(() => zoo.close())
  const hire: Crew['hire'] = async ({ sessionTimeoutMs } = { sessionTimeoutMs: 1000 }) => {
    const { port1, port2 } = new MessageChannel()
    const endpoint = servePort(zoo, port1)
    const workerData = { port: port2, sessionTimeoutMs }
    const worker = new Worker(program, { workerData, transferList: [port2] })
    onTestFinished(async () => {
      await worker.terminate()
      endpoint.close()
      port1.close()
    })
    await once(worker, 'message')
    const order = async (name: string, argument = ''): Promise<unknown> => {
      const answer = once(worker, 'message')
      worker.postMessage([name, argument])
      return (await answer)[0]
    }
    return { worker, order }
  }
  return { zoo, hire }
}

describe('a client in a worker', () => {
  it('shares the tree with this thread, and each watches the other', async () => {
    const { zoo, hire } = startCrew()
    const [inside, hand] = [await zoo.connect(), await hire()]
    const { events, watcher } = recordEvents()
    await inside.exists('/from-worker', { watcher })

    const seen = hand.order('watch', '/from-here')
    await until(() => zoo.reports.counts().watches === 2)
    await inside.create('/from-here')
    const answers = [await seen, await hand.order('create', '/from-worker')]

    expect(answers).toEqual(['NodeCreated /from-here', '/from-worker'])
    expect(events).toEqual(['NodeCreated /from-worker'])
    expect(text((await inside.getData('/from-worker')).data)).toBe('from a worker')
  })

  it('counts with others without losing one', async () => {
    const { zoo, hire } = startCrew()
    zoo.load({ '/count': '0' })
    const hands = await Promise.all([hire(), hire()])

    const answers = await Promise.all(hands.map(({ order }) => order('count', '50')))

    expect(answers).toEqual(['counted 50', 'counted 50'])
    expect(zoo.dump()['/count']).toBe('100')
  })

  it('that is idle keeps its session and its ephemerals', async () => {
    const { zoo, hire } = startCrew()
    let pings = 0
    zoo.inspect((event) => {
      if (event.kind === 'request' && event.request.type === 'ping') pings += 1
    })
    const hand = await hire({ sessionTimeoutMs: 200 })
    await hand.order('create', '/e')

    await until(() => pings >= 7)

    expect(zoo.reports.sessions()).toMatchObject([{ isConnected: true, ephemerals: ['/e'] }])
  })

  it('is gone when its worker is terminated: first its connection, in time its session and its ephemerals', async () => {
    const { zoo, hire } = startCrew()
    const inside = await zoo.connect()
    const hand = await hire({ sessionTimeoutMs: 400 })
    await hand.order('create', '/e')
    const { events, watcher } = recordEvents()
    await inside.exists('/e', { watcher })

    await hand.worker.terminate()
    await until(() => zoo.reports.sessions().some(({ isConnected }) => !isConnected))
    const code = await codeOf(inside.getData('/e'))
    await until(() => events.length > 0)

    expect([code, events]).toEqual(['OK', ['NodeDeleted /e']])
    expect(zoo.reports.sessions().map(({ id }) => id)).toEqual([inside.sessionId])
  })

  it('that closes leaves nothing that would hold its thread open', async () => {
    const { zoo, hire } = startCrew()
    const hand = await hire()
    const ended = once(hand.worker, 'exit')

    const answer = await hand.order('close')
    const [exitCode] = await ended

    expect([answer, exitCode, zoo.reports.sessions()]).toEqual(['CLOSED', 0, []])
  })
})
