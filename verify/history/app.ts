/**
 * Apps: programs that use clients of this library, read with watchers, read again when these are called, and write. What they are told
 * goes into a Journal.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Op, type WatchedEvent, type ZooKeeper } from '../../src/index.js'
import type { Look } from '../look.js'
import type { Random } from '../random.js'
import type { Journal } from './journal.js'
import { pathOf } from './load.js'

/** One program. */
export interface App {
  readonly journal: Journal
  readonly random: Random
  readonly requests: number
  /** The bytes of all its writes begin with it. */
  readonly name: string
  connect(watcher: (event: WatchedEvent) => void): Promise<ZooKeeper>
  /** Of each window of requests, that something happens to the connection. */
  readonly troubles: number
  /** Whether it may now. */
  readonly mayBreak: () => boolean
  /** Ends it before its time. */
  readonly signal: AbortSignal
  /** What happens; not called by apps whose connections break by themselves. */
  readonly disturb?: ((random: Random) => Promise<void>) | undefined
}

const WEIGHTS = {
  data: 20,
  exists: 15,
  children: 15,
  create: 15,
  ephemeral: 5,
  set: 15,
  delete: 10,
  multi: 4,
  sync: 1,
} as const
const MAX_WINDOW = 8
const PATIENCE_MS = 20_000

/** Runs until it has made its requests and closed its client. */
export async function runApp(app: App): Promise<void> {
  const { journal, random, requests, signal } = app
  const zk = await app.connect((event) => journal.told(0, event))
  journal.began(zk)
  const user = new User(app, zk)
  for (let sent = 0; sent < requests && zk.state !== 'CLOSED' && !signal.aborted; ) {
    const window = Math.min(1 + random.int(MAX_WINDOW), requests - sent)
    const calls = Array.from({ length: window }, () => user.ask())
    sent += window
    if (random.chance(app.troubles) && app.mayBreak()) await app.disturb?.(random)
    if (random.chance(0.6)) await Promise.all(calls)
    else await new Promise((resolve) => setImmediate(resolve))
  }
  await user.rest()
  await zk.close()
  await new Promise((resolve) => setImmediate(resolve))
}

class User {
  readonly #app: App
  readonly #zk: ZooKeeper
  #written = 0
  #isLeaving = false

  constructor(app: App, zk: ZooKeeper) {
    this.#app = app
    this.#zk = zk
  }

  /** Everything is answered, and nothing more is asked. */
  async rest(): Promise<void> {
    const { journal, signal } = this.#app
    this.#isLeaving = true
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    while (journal.pending > 0 && !limit.aborted) await sleep(1)
  }

  async ask(): Promise<void> {
    const { random, journal } = this.#app
    const kind = random.weighted(WEIGHTS)
    const path = pathOf(random)
    switch (kind) {
      case 'data':
      case 'exists':
      case 'children':
        return this.#look(kind, path, random.chance(0.7))
      case 'create':
        return void (await journal.called(kind, this.#zk.create(path, this.#data())))
      case 'ephemeral':
        return void (await journal.called(kind, this.#zk.create(path, this.#data(), { mode: 'EPHEMERAL' })))
      case 'set':
        return void (await journal.called(kind, this.#zk.setData(path, this.#data())))
      case 'delete':
        return void (await journal.called(kind, this.#zk.delete(path)))
      case 'multi': {
        const ops = [Op.create(path, this.#data()), Op.setData(pathOf(random), this.#data())]
        return void (await journal.called(kind, this.#zk.multi(ops)))
      }
      case 'sync':
        return void (await journal.called(kind, this.#zk.sync(path)))
    }
  }

  /** Sometimes it looks again, from inside of the watcher. */
  #look(look: Look, path: string, isWatched: boolean): Promise<void> {
    const { random, journal } = this.#app
    const again = (): void => {
      if (!this.#isLeaving && random.chance(0.5)) void this.#look(look, path, true)
    }
    const watcher = isWatched ? journal.watcher(again) : undefined
    const options = watcher === undefined ? {} : { watcher: watcher.call }
    const what = { look, path, watcher: watcher?.number }
    switch (look) {
      case 'data':
        return journal.looked(what, this.#zk.getData(path, options))
      case 'exists':
        return journal.looked(what, this.#zk.exists(path, options))
      case 'children':
        return journal.looked(what, this.#zk.getChildren(path, options))
    }
  }

  #data(): string {
    this.#written += 1
    return `${this.#app.name}:${this.#written}`
  }
}
