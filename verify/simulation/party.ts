/**
 * Party: a client in a simulation with what it wants to know: it reads znodes, leaves watches, and reads again with each event. It
 * notes each promise that is broken to it: data that came before its event, a state that went back, a state event that came twice.
 */
import { isKeeperException, type Stat, type WatchedEvent, type ZooKeeper } from '../../src/index.js'
import type { WiredClient } from '../../test/historic/client-watches-wire.js'
import type { Wish } from './action.js'

/** What a loop of reading and watching looks at. */
type Look = 'data' | 'exists' | 'children'

interface Loop {
  readonly look: Look
  readonly path: string
  /** What was seen last, with a watch behind it: the zxid that this look depends on, 0 for a missing znode; undefined at first. */
  seen: bigint | undefined
  isArmed: boolean
  events: number
}

const LOOPS: readonly (readonly [Look, string])[] = [
  ['data', '/a'],
  ['exists', '/b'],
  ['children', '/a'],
  ['exists', '/a/x'],
]

/** One of the clients. */
export class Party {
  readonly name: string
  readonly #client: WiredClient
  readonly #note: (line: string) => void
  readonly #loops: readonly Loop[] = LOOPS.map(([look, path]) => ({
    look,
    path,
    seen: undefined,
    isArmed: false,
    events: 0,
  }))
  readonly #faults: string[] = []
  #pending = 0
  #writes = 0

  /** `note` takes down what is seen, for the trace of the run. */
  constructor(name: string, client: WiredClient, note: (line: string) => void) {
    this.name = name
    this.#client = client
    this.#note = note
    for (const loop of this.#loops) void this.#read(loop)
  }

  get client(): WiredClient {
    return this.#client
  }

  get isOver(): boolean {
    return this.#client.zk.state === 'CLOSED'
  }

  /** Calls that have not ended yet. */
  get pending(): number {
    return this.#pending
  }

  get faults(): readonly string[] {
    return [...this.#faults, ...this.#stateFaults()]
  }

  /** What it still does not know, though all is at rest: its loops against the state of the server. */
  findMissed(stats: ReadonlyMap<string, Stat>): string[] {
    return this.#loops.flatMap((loop) => {
      const stat = stats.get(loop.path)
      const now = stat === undefined ? 0n : zxidOf(loop.look, stat)
      // A read that found nothing leaves no watch, but on existence.
      const isBlind = loop.look !== 'exists' && loop.seen === 0n
      if (isBlind || (loop.isArmed && loop.seen === now)) return []
      return [
        `${this.name} has missed a change of ${loop.path}: its ${loop.look} is of ${now}, and it knows ${loop.seen}`,
      ]
    })
  }

  /** Asks for something, whatever comes of it. */
  wish(wish: Wish, path: string): void {
    const { zk } = this.#client
    this.#pending += 1
    this.#grant(zk, wish, path)
      .catch((error: unknown) => {
        if (!isKeeperException(error)) this.#fault(`${wish} ${path} ended with ${error}`)
        else this.#note(`${this.name} ${wish} ${path} ${error.code}`)
      })
      .finally(() => {
        this.#pending -= 1
      })
  }

  async #grant(zk: ZooKeeper, wish: Wish, path: string): Promise<void> {
    const value = `${this.name} ${++this.#writes}`
    switch (wish) {
      case 'read':
        return this.#known('data', path, (await zk.getData(path)).stat)
      case 'exists':
        return this.#known('exists', path, await zk.exists(path))
      case 'children':
        return this.#known('children', path, (await zk.getChildren(path)).stat)
      case 'set':
        await zk.setData(path, value)
        return
      case 'create':
        await zk.create(path, value)
        return
      case 'ephemeral':
        await zk.create(path, value, { mode: 'EPHEMERAL' })
        return
      case 'delete':
        await zk.delete(path)
    }
  }

  /** P3: no data before the event of the change that made them. */
  #known(look: Look, path: string, stat: Stat | null): void {
    const now = stat === null ? 0n : zxidOf(look, stat)
    this.#note(`${this.name} ${look} ${path} ${now}`)
    for (const loop of this.#loops) {
      if (loop.path !== path || loop.look !== look || !loop.isArmed || loop.seen === now) continue
      this.#fault(`a read of ${path} shows ${now} before the event, where ${loop.seen} was watched`)
    }
  }

  async #read(loop: Loop): Promise<void> {
    this.#pending += 1
    try {
      while (!this.isOver) {
        const seen = await this.#look(loop)
        if (seen === undefined) continue
        this.#note(`${this.name} ${loop.look} loop ${loop.path} ${seen}`)
        return
      }
    } finally {
      this.#pending -= 1
    }
  }

  /** Undefined if it has to be asked again. */
  async #look(loop: Loop): Promise<bigint | undefined> {
    const { zk } = this.#client
    const { look, path } = loop
    const eventsBefore = loop.events
    const watcher = (event: WatchedEvent): void => this.#heard(loop, event)
    const arm = (seen: bigint): bigint => {
      // An event that came with the answer has used the watch up already.
      loop.isArmed = loop.events === eventsBefore
      loop.seen = seen
      return seen
    }
    try {
      if (look === 'exists') {
        const stat = await zk.exists(path, { watcher })
        return arm(stat === null ? 0n : zxidOf(look, stat))
      }
      const { stat } =
        look === 'data' ? await zk.getData(path, { watcher }) : await zk.getChildren(path, { watcher })
      return arm(zxidOf(look, stat))
    } catch (error) {
      if (isKeeperException(error, 'NONODE')) {
        loop.seen = 0n
        return 0n
      }
      if (isKeeperException(error, 'CONNECTIONLOSS') || isKeeperException(error, 'SESSIONEXPIRED'))
        return undefined
      throw error
    }
  }

  #heard(loop: Loop, { type, path }: WatchedEvent): void {
    // Changes of state come to every watcher, and use up none.
    if (type === 'None') return
    this.#note(`${this.name} event ${type} ${path}`)
    if (path !== loop.path) this.#fault(`an event for ${path} came to who watches ${loop.path}`)
    loop.events += 1
    loop.isArmed = false
    void this.#read(loop)
  }

  /** A4: connected and disconnected take turns, and after the end nothing comes. */
  #stateFaults(): string[] {
    const states = this.#client.events.map((line) => line.replace('None ', ''))
    const faults: string[] = []
    for (const [i, state] of states.entries()) {
      if (state === states[i - 1]) faults.push(`${this.name} was told ${state} twice in a row`)
      const isFinal = state === 'Expired' || state === 'Closed' || state === 'AuthFailed'
      if (isFinal && i < states.length - 1)
        faults.push(`${this.name} was told ${states[i + 1]} after ${state}`)
    }
    return faults
  }

  #fault(what: string): void {
    this.#faults.push(`${this.name}: ${what}`)
  }
}

/** The zxid that changes when the watched thing does; a znode that was made anew has another one. */
function zxidOf(look: Look, { czxid, mzxid, pzxid }: Stat): bigint {
  return look === 'children' ? (pzxid > czxid ? pzxid : czxid) : mzxid
}
