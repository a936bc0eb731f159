/**
 * What the semantics tests begin with: a server on virtual time with predictable passwords, watchers that record, failures as
 * text, and a connection that speaks raw messages, past all checks of the client. Nothing here is closed by itself.
 */
import {
  type ACL,
  type Code,
  type ConnectOptions,
  CreateMode,
  EmbeddedZooKeeper,
  type EmbeddedZooKeeperOptions,
  isKeeperException,
  OPEN_ACL_UNSAFE,
  Perms,
  Stat,
  type WatchedEvent,
  type Watcher,
  type ZooKeeper,
} from '../../src/index.js'
import type {
  CheckRequest,
  ConnectResponse,
  CreateRequest,
  DeleteRequest,
  Notification,
  Reply,
  Request,
  Response,
  SetACLRequest,
  SetDataRequest,
  WatchingRead,
} from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { Intake, ServerEnd } from '../../src/transport/transport.js'

/** When every world begins, in milliseconds since the epoch. */
export const START_MS: number = Date.UTC(2024, 0, 1)

/** A server with one client. */
export interface World {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: VirtualClock
  /** Its session has zxid 1, so that its first write has zxid 2. */
  readonly zk: ZooKeeper
  /** What the default watcher of `zk` heard. */
  readonly events: string[]
}

/** A server without clients: the first transaction gets zxid 1. */
export interface Server {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: VirtualClock
}

/** A server on virtual time. */
export function startServer(options: EmbeddedZooKeeperOptions = {}): Server {
  const clock = new VirtualClock(START_MS)
  const zoo = new EmbeddedZooKeeper({ clock, randomBytes: countingBytes(), ...options })
  return { zoo, clock }
}

/** A server on virtual time and a client of it. */
export async function startWorld(
  options: { readonly server?: EmbeddedZooKeeperOptions; readonly client?: ConnectOptions } = {},
): Promise<World> {
  const { zoo, clock } = startServer(options.server)
  const { events, watcher } = recordEvents()
  const zk = await zoo.connect({ watcher, ...options.client })
  return { zoo, clock, zk, events }
}

/** Random bytes that are the same in every run: each call fills its array with the next number, from 1 on. */
export function countingBytes(): (length: number) => Uint8Array {
  let calls = 0
  return (length) => {
    calls += 1
    return new Uint8Array(length).fill(calls)
  }
}

/** A watcher and what it was called with. */
export interface Recorder {
  readonly events: string[]
  readonly watcher: Watcher
}

/** A watcher that writes down `NodeCreated /a`, or `None Disconnected`; give several the same list to see their order. */
export function recordEvents(events: string[] = []): Recorder {
  return { events, watcher: (event) => void events.push(describeEvent(event)) }
}

/** An event as one line; the state is left out where it is SyncConnected and not the news. */
export function describeEvent({ type, state, path }: WatchedEvent): string {
  if (type === 'None') return `None ${state}`
  return state === 'SyncConnected' ? `${type} ${path}` : `${type} ${path} (${state})`
}

/** How a call ended: `'OK'` or its code. Any other error is thrown on. */
export async function codeOf(call: Promise<unknown>): Promise<Code> {
  try {
    await call
    return 'OK'
  } catch (error) {
    if (isKeeperException(error)) return error.code
    throw error
  }
}

/** What a call rejects with, or what it throws; fails if it does neither. */
export async function failureOf(work: () => unknown): Promise<unknown> {
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    return error
  }
  throw new Error(`it did not fail but gave ${String(result)}`)
}

/** What a call fails with, as one line: `TypeError: Invalid path "a": it must start with "/"`. */
export async function messageOf(work: () => unknown): Promise<string> {
  const error = await failureOf(work)
  return error instanceof Error ? `${error.name}: ${error.message}` : `no Error: ${String(error)}`
}

/** The Stat of a znode that was created by this zxid at this time and not touched since, with some fields replaced. */
export function freshStat(czxid: bigint, fields: Partial<Record<keyof Stat, unknown>> = {}): object {
  const stat = new Stat(czxid, czxid, START_MS, START_MS, 0, 0, 0, 0n, 0, 0, czxid)
  return { ...stat, ...fields }
}

/** Text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Bytes as text; null stays. */
export function text(data: Uint8Array | null): string | null {
  return data === null ? null : new TextDecoder().decode(data)
}

/** What is granted to everybody. */
export function worldACL(perms: number): ACL[] {
  return [{ perms, scheme: 'world', id: 'anyone' }]
}

/** An ACL that denies everybody one permission and grants all others. */
export function allBut(perm: keyof typeof Perms): ACL[] {
  return worldACL(Perms.ALL & ~Perms[perm])
}

interface RawOptions {
  readonly remoteAddress?: string
  readonly isLocal?: boolean
  readonly writesAtOnce?: boolean
  /** Called with each notification, in the turn of the server. */
  readonly notified?: () => void
}

/** A connection that sends what no client would, and keeps all that comes back. */
export class RawCnxn implements ServerEnd {
  readonly remoteAddress: string
  readonly isLocal: boolean
  readonly writesAtOnce: boolean
  /** Everything that arrived, in order: `connected`, `NodeCreated /a 3`, `reply 1 OK 3`, `closed`. */
  readonly log: string[] = []
  readonly replies: Reply[] = []
  readonly notifications: Notification[] = []
  readonly #intake: Intake
  readonly #notified: (() => void) | undefined
  #xid = 0
  #response: ConnectResponse | undefined

  constructor(zoo: EmbeddedZooKeeper, options: RawOptions = {}) {
    this.#notified = options.notified
    this.remoteAddress = options.remoteAddress ?? '127.0.0.1'
    this.isLocal = options.isLocal ?? true
    this.writesAtOnce = options.writesAtOnce ?? false
    this.#intake = zoo.attach(this)
  }

  get sessionId(): bigint {
    return this.#response?.sessionId ?? 0n
  }

  get password(): Uint8Array {
    return this.#response?.password ?? new Uint8Array(0)
  }

  get timeoutMs(): number {
    return this.#response?.timeoutMs ?? -1
  }

  /** Shakes hands: for a new session unless told otherwise. */
  open(session: { id: bigint; password: Uint8Array } = { id: 0n, password: new Uint8Array(16) }): this {
    const { id: sessionId, password } = session
    this.#intake.connect({ lastZxidSeen: 0, timeoutMs: 30_000, sessionId, password })
    return this
  }

  /** Sends a request; the reply is here when this returns. Undefined if there is none. */
  ask(request: Request): Reply | undefined {
    const before = this.replies.length
    this.#intake.receive(++this.#xid, request)
    return this.replies[before]
  }

  /** The zxid that comes with what it is answered at once. */
  get lastZxid(): number | undefined {
    return this.#intake.lastZxid
  }

  /** As a client of the same process asks that waits for the answer; undefined if the request has to be sent. */
  askAtOnce(request: Request): Response | Code | undefined {
    return this.#intake.ask?.(request)
  }

  /** The code of the reply. */
  code(request: Request): Code | 'no reply' {
    return this.ask(request)?.code ?? 'no reply'
  }

  /** The other end goes away. */
  hangUp(): void {
    this.#intake.closed()
  }

  connected(response: ConnectResponse): void {
    this.#response = response
    this.log.push(response.timeoutMs > 0 ? 'connected' : 'refused')
  }

  reply(reply: Reply): void {
    this.replies.push(reply)
    this.log.push(`reply ${reply.xid} ${reply.code} ${reply.zxid}`)
  }

  notify(notification: Notification): void {
    this.notifications.push(notification)
    this.log.push(`${notification.type} ${notification.path} ${notification.zxid}`)
    this.#notified?.()
  }

  close(): void {
    this.log.push('closed')
  }
}

/** A raw connection with a session of its own. */
export function connectRaw(zoo: EmbeddedZooKeeper, remoteAddress = '127.0.0.1'): RawCnxn {
  return new RawCnxn(zoo, { remoteAddress }).open()
}

/** A create request; its operation fits the mode unless it is given. */
export function create(path: string, fields: Partial<CreateRequest> = {}): CreateRequest {
  const mode = 'mode' in fields ? fields.mode : CreateMode.PERSISTENT
  const hasTtl = mode === 'PERSISTENT_WITH_TTL' || mode === 'PERSISTENT_SEQUENTIAL_WITH_TTL'
  const type = hasTtl ? 'createTTL' : mode === 'CONTAINER' ? 'createContainer' : 'create'
  const defaults = { type, path, data: null, acl: OPEN_ACL_UNSAFE, ttlMs: hasTtl ? 1000 : -1 } as const
  return { ...defaults, mode, ...fields }
}

/** A delete request. */
export function remove(path: string, version = -1): DeleteRequest {
  return { type: 'delete', path, version }
}

/** A setData request. */
export function setData(path: string, data: string | null = 'x', version = -1): SetDataRequest {
  return { type: 'setData', path, data: data === null ? null : bytes(data), version }
}

/** A setACL request. */
export function setACL(path: string, acl: readonly ACL[] = OPEN_ACL_UNSAFE, version = -1): SetACLRequest {
  return { type: 'setACL', path, acl, version }
}

/** A check, for a multi. */
export function check(path: string, version = -1): CheckRequest {
  return { type: 'check', path, version }
}

/** A read that can leave a watch. */
export function read(type: WatchingRead['type'], path: string, watch = false): WatchingRead {
  return { type, path, watch }
}

/** An auth request. */
export function auth(scheme: string, text: string): Request {
  return { type: 'auth', scheme, auth: bytes(text) }
}

/** The next uncaught error, which then is none of Vitest's business. */
export function nextUncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve) =>
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other)
      resolve(error)
    }),
  )
}
