/**
 * The composition of a client: facade, connection, watch tables and EventThread around a dialer. Called by the embedded server
 * for its in-process clients, and by whatever else connects clients.
 */
import type { Clock } from '../base/clock.js'
import type { Scheduler } from '../base/scheduler.js'
import type { Telling } from '../base/tap.js'
import { LentData } from '../protocol/lent-data.js'
import type { KeeperState, WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher } from '../protocol/watcher.js'
import type { Dialer } from '../transport/transport.js'
import type { Chroot } from './chroot.js'
import { ClientCnxn } from './client-cnxn.js'
import type { ClientInspectionEvent } from './client-inspection.js'
import type { Credential } from './credentials.js'
import { EventThread } from './event-thread.js'
import type { Redial } from './redial.js'
import type { PathCheck } from './request-builder.js'
import type { SavedSession } from './saved-session.js'
import type { Turn } from './turn.js'
import { ZKWatchManager } from './zk-watch-manager.js'
import { ZooKeeper } from './zookeeper.js'

/** Everything that a client is made with. */
export interface ClientOptions {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly scheduler: Scheduler
  readonly turn: Turn
  readonly tap: Telling<ClientInspectionEvent>
  readonly dialer: Dialer
  readonly redial: Redial
  readonly chroot: Chroot
  readonly pathCheck: PathCheck
  readonly watcher: Watcher | undefined
  readonly session: SavedSession | undefined
  readonly auth: readonly Credential[]
  readonly sessionTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxRequestBytes: number
  readonly canBeReadOnly: boolean
  readonly expiresLocally: boolean
  readonly maxDataBytes: number
  readonly maxMultiOps: number
  readonly maxPendingRequests: number
  /** Takes what watchers throw and the client has no listener for. */
  readonly failed: (error: unknown, event: WatchedEvent, zk: ZooKeeper) => void
  /** The client has ended; what it still has to deliver follows. */
  readonly ended: (zk: ZooKeeper) => void
}

/** The parts of a client that its maker keeps in hand. */
export interface Client {
  readonly zk: ZooKeeper
  readonly cnxn: ClientCnxn
  readonly eventThread: EventThread
}

const STATE_EVENTS: Readonly<
  Partial<Record<KeeperState, 'connected' | 'disconnected' | 'expired' | 'authFailed' | 'closed'>>
> = {
  SyncConnected: 'connected',
  ConnectedReadOnly: 'connected',
  Disconnected: 'disconnected',
  Expired: 'expired',
  AuthFailed: 'authFailed',
  Closed: 'closed',
}

/** A client that has not begun to connect. */
export function createClient(options: ClientOptions): Client {
  const { turn, scheduler, tap, failed, ended } = options
  const watches = new ZKWatchManager()
  watches.defaultWatcher = options.watcher
  const surface = (error: unknown, event: WatchedEvent): void => {
    try {
      if (!zk.emit('watcherError', error, event)) failed(error, event, zk)
    } catch (thrown) {
      throwLater(scheduler, thrown)
    }
  }
  const eventThread = new EventThread(turn, scheduler, surface, tap)
  const stateWatcher = (event: WatchedEvent): void => {
    const name = STATE_EVENTS[event.state]
    if (name === undefined) return
    // Of the states that are told, only two have something coming after them.
    if (name !== 'connected' && name !== 'disconnected') ended(zk)
    zk.emit(name, event)
  }
  const parts = { ...options, eventThread, watches, stateWatcher }
  const lentData = new LentData()
  const cnxn = new ClientCnxn({ ...parts, own: (request) => lentData.own(request) })
  const zk: ZooKeeper = new ZooKeeper({ ...parts, cnxn })
  return { zk, cnxn, eventThread }
}

/** Lets an error that nobody listens for be seen, like any uncaught error, where it stops nobody. */
export function throwLater(scheduler: Scheduler, error: unknown): void {
  scheduler.macrotask(() => {
    throw error
  })
}

/** Connects a client. Resolves once it has its session and the claims have been answered; if that fails, the client is closed. */
export async function startClient(
  { zk, cnxn }: Client,
  claims: readonly Promise<void>[],
): Promise<ZooKeeper> {
  try {
    await Promise.all([cnxn.start(), ...claims])
  } catch (error) {
    await zk.close()
    throw error
  }
  return zk
}
