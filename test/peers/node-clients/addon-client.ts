/**
 * The package `zookeeper`, an addon around the official C client, with records of all that it tells: its own events and the calls of
 * its watchers, in one order. One client of one test: it is closed with it.
 */
import { EventEmitter, once } from 'node:events'
import { onTestFinished } from 'vitest'
import { requireClient } from './npm-clients.js'

/** A Stat as this client has it. */
export interface AddonStat {
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly dataLength: number
  readonly numChildren: number
  /** Hexadecimal. */
  readonly ephemeralOwner: string
  readonly createdInThisSession: boolean
}

/** An entry of an ACL as this client has it. */
export interface AddonAcl {
  readonly perms: number
  readonly scheme: string
  readonly auth: string
}

/** The flags of create. */
export const FLAGS = {
  persistent: 0,
  ephemeral: 1,
  sequence: 2,
  ephemeralSequence: 3,
  container: 4,
  ttl: 5,
  ttlSequence: 6,
} as const

/** How a client is made: id and password are those of a session to go on with. */
export interface AddonOptions {
  readonly timeoutMs?: number
  readonly id?: string
  readonly password?: string
}

type Watcher = (type: number, state: number, path: string) => void

interface Addon extends EventEmitter {
  readonly state: number
  readonly timeout: number
  readonly client_id: string
  readonly client_password: string
  init(config: object): void
  close(): void
  create(path: string, data: string | Buffer, flags: number, ttlMs?: number): Promise<string>
  set(path: string, data: string | Buffer, version: number): Promise<AddonStat>
  get(path: string, isWatched: boolean): Promise<[AddonStat, Buffer | null]>
  w_get(path: string, watcher: Watcher): Promise<[AddonStat, Buffer | null]>
  exists(path: string, isWatched: boolean): Promise<AddonStat>
  w_exists(path: string, watcher: Watcher): Promise<AddonStat>
  pathExists(path: string, isWatched: boolean): Promise<boolean>
  get_children(path: string, isWatched: boolean): Promise<string[]>
  w_get_children(path: string, watcher: Watcher): Promise<string[]>
  get_children2(path: string, isWatched: boolean): Promise<[string[], AddonStat]>
  w_get_children2(path: string, watcher: Watcher): Promise<[string[], AddonStat]>
  delete_(path: string, version: number): Promise<unknown>
  get_acl(path: string): Promise<[AddonAcl[], AddonStat]>
  set_acl(path: string, version: number, acl: readonly AddonAcl[]): Promise<unknown>
  sync(path: string): Promise<unknown>
  getconfig(isWatched: boolean): Promise<[AddonStat, Buffer | null]>
  reconfig(
    joining: string | null,
    leaving: string | null,
    members: string | null,
    version: number,
  ): Promise<unknown>
  add_auth(scheme: string, auth: string, done: (code: number) => void): number
  mkdirp(path: string, done: (error: Error | null, isMade?: boolean) => void): void
}

/** Parts of it are what this client waits before it dials again. */
const TIMEOUT_MS = 6_000
/** No log of the C client. */
const SILENT = 0
/** How often in a row it may read less than a whole answer; unless given, it gives up on an answer that comes in a few parts. */
const MAX_PART_COUNT = 10_000
/** By the numbers of the protocol; the type of a change of state is -1. */
const EVENT_NAMES = new Map([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'changed'],
  [4, 'child'],
])
const OWN_EVENTS = ['created', 'deleted', 'changed', 'child', 'notwatching'] as const

/** A client that has been told to connect. */
export class AddonClient {
  readonly zk: Addon
  readonly #hearing = new EventEmitter()
  /** What it emitted and what its watchers were called with: `connect`, `close -112`, `changed /a`, `watcher: changed /a`. */
  readonly heard: string[] = []
  /** Leaves a watch, where a call takes one. Changes of state are not told twice. */
  readonly watcher: Watcher = (type, _state, path) => {
    const name = EVENT_NAMES.get(type)
    if (name !== undefined) this.#hear(`watcher: ${name} ${path}`)
  }

  private constructor(connect: string, { timeoutMs = TIMEOUT_MS, id, password }: AddonOptions) {
    const Constructor: new () => Addon = requireClient('zookeeper')
    this.zk = new Constructor()
    for (const name of OWN_EVENTS) this.zk.on(name, (_client, path) => this.#hear(`${name} ${path}`))
    for (const name of ['connect', 'connecting']) this.zk.on(name, () => this.#hear(name))
    this.zk.on('close', (_client, code) => this.#hear(`close ${code}`))
    onTestFinished(() => this.zk.close())
    const resumed = id === undefined ? {} : { client_id: id, client_password: password }
    this.zk.init({
      connect,
      timeout: timeoutMs,
      debug_level: SILENT,
      host_order_deterministic: true,
      response_counter_limit: MAX_PART_COUNT,
      ...resumed,
    })
  }

  /** One that may not be connected yet. */
  static dialing(server: { readonly connectString: string }, options: AddonOptions = {}): AddonClient {
    return new AddonClient(server.connectString, options)
  }

  /** One that is connected. */
  static async to(
    server: { readonly connectString: string },
    options: AddonOptions = {},
  ): Promise<AddonClient> {
    const client = AddonClient.dialing(server, options)
    await client.hears('connect')
    return client
  }

  /** Resolves when it has heard this; it forgets all that it heard up to then. */
  async hears(entry: string): Promise<void> {
    while (!this.heard.includes(entry)) await once(this.#hearing, 'heard')
    this.heard.splice(0, this.heard.indexOf(entry) + 1)
  }

  /** All that was heard and not asked for yet, when everything that the server sent before has been delivered. */
  async allHeard(): Promise<string[]> {
    await this.zk.sync('/')
    return this.heard.splice(0)
  }

  /** The code of a call that has to fail. */
  static async codeOf(call: Promise<unknown>): Promise<number> {
    try {
      await call
    } catch (error) {
      const code = /^-?\d+/.exec(error instanceof Error ? error.message : '')?.[0]
      if (code !== undefined) return Number(code)
      throw error
    }
    throw new Error('The call went well')
  }

  /** The code of the answer. */
  claim(scheme: string, auth: string): Promise<number> {
    return new Promise((resolve) => void this.zk.add_auth(scheme, auth, resolve))
  }

  #hear(entry: string): void {
    this.heard.push(entry)
    this.#hearing.emit('heard')
  }
}
