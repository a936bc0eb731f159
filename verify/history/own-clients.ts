/** Clients of this library for the mix: over TCP, where a proxy breaks their connections, and in process, where they break by hand. */

import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, SystemClock, type Timer } from '../../src/base/clock.js'
import { EventLoopScheduler } from '../../src/base/scheduler.js'
import { Tap } from '../../src/base/tap.js'
import { Chroot } from '../../src/client/chroot.js'
import type { ClientInspectionEvent } from '../../src/client/client-inspection.js'
import { createClient, startClient } from '../../src/client/create-client.js'
import type { Redial } from '../../src/client/redial.js'
import { Turn } from '../../src/client/turn.js'
import type { EmbeddedZooKeeper, WatchedEvent } from '../../src/index.js'
import { SocketLink } from '../../src/node/socket-link.js'
import { KnownPaths } from '../../src/protocol/known-paths.js'
import { InProcessDialer } from '../../src/transport/in-process.js'
import type { Dialer } from '../../src/transport/transport.js'
import { WireDialer, type WireServer } from '../../src/transport/wire-dialer.js'
import type { Random } from '../random.js'
import type { App } from './app.js'
import type { History } from './history.js'
import { RecordingDialer } from './recording-dialer.js'

const TIMEOUT_MS = 30_000
const MAX_PAUSE_MS = 30
const MAX_BYTES = 1_048_575

const WIRE = {
  clock: new SystemClock(),
  scheduler: new EventLoopScheduler(),
  connectTimeoutMs: TIMEOUT_MS,
  maxRequestBytes: MAX_BYTES,
  maxReplyBytes: MAX_BYTES,
} as const

type Own = Pick<App, 'connect' | 'disturb'>

/** One whose connections go through a proxy; chance decides how long it waits for the next. */
export function overTcp(port: number, random: Random): Own {
  const server: WireServer = {
    name: `127.0.0.1:${port}`,
    open: (events) => {
      const socket = createConnection({ host: '127.0.0.1', port })
      socket.once('connect', () => events.opened())
      return new SocketLink(socket, events)
    },
  }
  return {
    connect: (watcher) =>
      startClient(
        createOwn(() => new WireDialer([server], WIRE), watcher, random),
        [],
      ),
  }
}

/** One of this process: its link is cut, or the next reply is lost. */
export function inProcess(
  zoo: EmbeddedZooKeeper,
  {
    history,
    name,
    random: pauses,
  }: { readonly history: History; readonly name: string; readonly random: Random },
): Own {
  const dialer = new InProcessDialer((end) => zoo.attach(end), '127.0.0.1')
  let cnxn: ReturnType<typeof createClient>['cnxn'] | undefined
  return {
    connect: (watcher) => {
      const client = createOwn(() => new RecordingDialer(dialer, history, name), watcher, pauses)
      cnxn = client.cnxn
      return startClient(client, [])
    },
    disturb: async (random: Random) => {
      if (random.chance(0.5)) return cnxn?.beforeNextRequest((xid) => dialer.loseReply(xid))
      dialer.cut()
      await sleep(random.int(MAX_PAUSE_MS))
      dialer.raise()
    },
  }
}

function createOwn(
  makeDialer: () => Dialer,
  watcher: (event: WatchedEvent) => void,
  random: Random,
): ReturnType<typeof createClient> {
  const { clock, scheduler } = WIRE
  return createClient({
    ...WIRE,
    randomBytes: (length) => new Uint8Array(length),
    dialer: makeDialer(),
    watcher,
    turn: new Turn(scheduler),
    pathCheck: new KnownPaths(),
    tap: new Tap<ClientInspectionEvent>(rethrow),
    redial: soon(clock, random),
    chroot: new Chroot(),
    session: undefined,
    auth: [],
    sessionTimeoutMs: TIMEOUT_MS,
    canBeReadOnly: false,
    expiresLocally: false,
    maxDataBytes: 1_000_000,
    maxMultiOps: 1_000,
    maxPendingRequests: 100_000,
    failed: rethrow,
    ended: () => undefined,
  })
}

/** Pauses that do not grow, unlike those of real life: here connections break all the time. */
function soon(clock: Clock, random: Random): Redial {
  let timer: Timer | undefined
  return {
    schedule: (dial) => {
      timer = clock.setTimer(dial, random.int(MAX_PAUSE_MS))
    },
    connected: () => undefined,
    cancel: () => timer?.cancel(),
  }
}

function rethrow(error: unknown): never {
  throw error
}
