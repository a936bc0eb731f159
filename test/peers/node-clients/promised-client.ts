/**
 * node-zookeeper-client with promises for its callbacks, and with records of all that it tells: every state and every event, in
 * order. One client of one test: it is closed with it.
 */
import { type EventEmitter, once } from 'node:events'
import { onTestFinished } from 'vitest'
import { requireClient } from './npm-clients.js'

/** A Stat; what is 64 bits wide comes as bytes. */
export interface Stat {
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly dataLength: number
  readonly numChildren: number
  readonly ephemeralOwner: Buffer
  readonly czxid: Buffer
  readonly mzxid: Buffer
}

/** An entry of an ACL. */
export interface AclEntry {
  readonly permission: number
  readonly scheme: string
  readonly id: string
}

/** Several writes as one. */
export interface Transaction {
  create(path: string, data?: Buffer, mode?: number): Transaction
  check(path: string, version?: number): Transaction
  setData(path: string, data: Buffer, version?: number): Transaction
  remove(path: string, version?: number): Transaction
  commit(done: (error: Named | undefined, results: readonly TransactionResult[]) => void): void
}

/** One result of a transaction. */
export interface TransactionResult {
  readonly type: number
  readonly err?: number
  readonly path?: string
  readonly stat?: Stat
}

/** The modes that this client knows. */
export const CREATE_MODES = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
} as const

/** How a client is made. */
export interface ClientOptions {
  readonly sessionTimeout?: number
  readonly retries?: number
  readonly sessionId?: Buffer
  readonly sessionPassword?: Buffer
}

interface Named {
  getName(): string
}

type Done<Results extends readonly unknown[]> = (error: unknown, ...results: Results) => void
type Watcher = (event: Named & { getPath(): string }) => void

interface CallbackClient extends EventEmitter {
  connect(): void
  close(): void
  getSessionId(): Buffer
  getSessionPassword(): Buffer
  getSessionTimeout(): number
  addAuthInfo(scheme: string, auth: Buffer): void
  create(path: string, data: unknown, acl: unknown, mode: number, done: Done<[string]>): void
  remove(path: string, version: number, done: Done<[]>): void
  removeRecursive(path: string, done: Done<[]>): void
  setData(path: string, data: Buffer, version: number, done: Done<[Stat]>): void
  getData(path: string, watcher: Watcher | undefined, done: Done<[Buffer | undefined, Stat]>): void
  exists(path: string, watcher: Watcher | undefined, done: Done<[Stat | null]>): void
  getChildren(path: string, watcher: Watcher | undefined, done: Done<[string[], Stat]>): void
  listSubTreeBFS(path: string, done: Done<[string[]]>): void
  mkdirp(path: string, done: Done<[string]>): void
  getACL(path: string, done: Done<[{ permission: number; id: { scheme: string; id: string } }[], Stat]>): void
  setACL(path: string, acl: readonly unknown[], version: number, done: Done<[Stat]>): void
  transaction(): Transaction
}

interface Package {
  createClient(connectString: string, options: ClientOptions & { spinDelay: number }): CallbackClient
  readonly ACL: new (permission: number, id: unknown) => unknown
  readonly Id: new (scheme: string, id: string) => unknown
}

/** It dials again soon after a connection broke. */
const SPIN_DELAY_MS = 50
const SESSION_TIMEOUT_MS = 20_000

/** A client that has been told to connect. */
export class PromisedClient {
  readonly #package: Package = requireClient('node-zookeeper-client')
  readonly #raw: CallbackClient
  /** The names of its states, in order. */
  readonly states: string[] = []
  /** What its watchers were called with, in order: `NODE_CREATED /a`. */
  readonly events: string[] = []
  /** Leaves a watch, where a call takes one. */
  readonly watcher: Watcher = (event) => void this.events.push(`${event.getName()} ${event.getPath()}`)

  private constructor(connectString: string, options: ClientOptions) {
    const defaults = { sessionTimeout: SESSION_TIMEOUT_MS, spinDelay: SPIN_DELAY_MS }
    this.#raw = this.#package.createClient(connectString, { ...defaults, ...options })
    this.#raw.on('state', (state: Named) => void this.states.push(state.getName()))
    onTestFinished(() => this.#raw.close())
    this.#raw.connect()
  }

  /** One that may not be connected yet. */
  static dialing(server: { readonly connectString: string }, options: ClientOptions = {}): PromisedClient {
    return new PromisedClient(server.connectString, options)
  }

  /** One that is connected. */
  static async to(
    server: { readonly connectString: string },
    options: ClientOptions = {},
  ): Promise<PromisedClient> {
    const client = PromisedClient.dialing(server, options)
    await client.reached('SYNC_CONNECTED')
    return client
  }

  /** Resolves when it is in the state, by its name. */
  async reached(state: string): Promise<void> {
    while (this.states.at(-1) !== state) await once(this.#raw, 'state')
  }

  /** Resolves when all that the server sent before has been delivered. */
  async settle(): Promise<void> {
    await this.exists('/')
  }

  get sessionId(): Buffer {
    return this.#raw.getSessionId()
  }

  get sessionPassword(): Buffer {
    return this.#raw.getSessionPassword()
  }

  get sessionTimeoutMs(): number {
    return this.#raw.getSessionTimeout()
  }

  /** Ends the session and resolves at the end of the connection. */
  async close(): Promise<void> {
    this.#raw.close()
    await this.reached('DISCONNECTED')
  }

  claim(scheme: string, auth: string): void {
    this.#raw.addAuthInfo(scheme, Buffer.from(auth))
  }

  async create(
    path: string,
    {
      data,
      acl,
      mode = 'PERSISTENT',
    }: { data?: string | Buffer; acl?: readonly AclEntry[]; mode?: keyof typeof CREATE_MODES } = {},
  ): Promise<string> {
    const bytes = data === undefined ? undefined : Buffer.from(data)
    const entries = acl === undefined ? undefined : this.#entries(acl)
    const [created] = await settled<[string]>((done) =>
      this.#raw.create(path, bytes, entries, CREATE_MODES[mode], done),
    )
    return created
  }

  async remove(path: string, version = -1): Promise<void> {
    await settled<[]>((done) => this.#raw.remove(path, version, done))
  }

  async removeRecursive(path: string): Promise<void> {
    await settled<[]>((done) => this.#raw.removeRecursive(path, done))
  }

  async setData(path: string, data: string, version = -1): Promise<Stat> {
    const [stat] = await settled<[Stat]>((done) => this.#raw.setData(path, Buffer.from(data), version, done))
    return stat
  }

  async getData(path: string, watcher?: Watcher): Promise<{ data: string | undefined; stat: Stat }> {
    const [data, stat] = await settled<[Buffer | undefined, Stat]>((done) =>
      this.#raw.getData(path, watcher, done),
    )
    return { data: data?.toString(), stat }
  }

  async exists(path: string, watcher?: Watcher): Promise<Stat | null> {
    const [stat] = await settled<[Stat | null]>((done) => this.#raw.exists(path, watcher, done))
    return stat
  }

  /** In the order of their names. */
  async getChildren(path: string, watcher?: Watcher): Promise<{ children: string[]; stat: Stat }> {
    const [children, stat] = await settled<[string[], Stat]>((done) =>
      this.#raw.getChildren(path, watcher, done),
    )
    return { children: children.sort(), stat }
  }

  async listSubTree(path: string): Promise<string[]> {
    const [paths] = await settled<[string[]]>((done) => this.#raw.listSubTreeBFS(path, done))
    return paths
  }

  async mkdirp(path: string): Promise<string> {
    const [made] = await settled<[string]>((done) => this.#raw.mkdirp(path, done))
    return made
  }

  async getAcl(path: string): Promise<{ acl: AclEntry[]; stat: Stat }> {
    const [acl, stat] = await settled<[{ permission: number; id: { scheme: string; id: string } }[], Stat]>(
      (done) => this.#raw.getACL(path, done),
    )
    return { acl: acl.map(({ permission, id }) => ({ permission, ...id })), stat }
  }

  async setAcl(path: string, acl: readonly AclEntry[], version = -1): Promise<Stat> {
    const [stat] = await settled<[Stat]>((done) => this.#raw.setACL(path, this.#entries(acl), version, done))
    return stat
  }

  /** The results of a transaction and the name of its error, both of which a failed one has. */
  commit(
    fill: (transaction: Transaction) => Transaction,
  ): Promise<{ error: string | undefined; results: readonly TransactionResult[] }> {
    return new Promise((resolve) => {
      fill(this.#raw.transaction()).commit((error, results) => resolve({ error: error?.getName(), results }))
    })
  }

  #entries(acl: readonly AclEntry[]): unknown[] {
    const { ACL, Id } = this.#package
    return acl.map(({ permission, scheme, id }) => new ACL(permission, new Id(scheme, id)))
  }
}

/** What a callback is called with, but for its error. */
function settled<Results extends readonly unknown[]>(call: (done: Done<Results>) => void): Promise<Results> {
  return new Promise((resolve, reject) => {
    call((error, ...results) => {
      if (error === null || error === undefined) resolve(results)
      else reject(error)
    })
  })
}
