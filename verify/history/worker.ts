/**
 * Worker: whoever sends requests of a Load, often without waiting for answers, and lives through what networks and other people do:
 * its connection breaks and it comes back, it takes its own session over, strangers try to; at last it closes its session.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dial } from '../differential/cnxn.js'
import type { Random } from '../random.js'
import { Line, type Ticket } from './line.js'
import type { Load } from './load.js'

/** One worker: how it connects, and what chance it has. */
export interface Worker {
  readonly dial: Dial
  readonly random: Random
  readonly load: Load
  readonly requests: number
  /** Of each window of requests, that it is followed by a cut, a take-over, or a stranger. */
  readonly troubles: number
  /** Whether there may be any now. */
  readonly mayBreak: () => boolean
  /** Ends it before its time. */
  readonly signal: AbortSignal
}

/** How much a session lived through. */
export interface Adventures {
  sessions: number
  losses: number
  takeOvers: number
  strangers: number
}

/** Longer than the longest that a server grants. */
const SESSION_TIMEOUT_MS = 30_000
const MAX_WINDOW = 8
/** How long the server may take to end a connection that was taken over. */
const NOTICE_MS = 2_000
const CLOSING_MS = 300
const TRIES = 50
const TROUBLES = ['cut', 'cut', 'take-over', 'stranger'] as const

/** Runs until the worker has sent its requests and closed its last session. */
export async function work(worker: Worker): Promise<Adventures> {
  const adventures = { sessions: 0, losses: 0, takeOvers: 0, strangers: 0 }
  for (let left = worker.requests; left > 0 && !worker.signal.aborted; ) {
    const share = Math.min(left, 50 + worker.random.int(500))
    await live(worker, share, adventures)
    left -= share
  }
  return adventures
}

/** One session. */
async function live(worker: Worker, count: number, adventures: Adventures): Promise<void> {
  const { random, load, signal } = worker
  let line = await dial(worker, undefined)
  adventures.sessions += 1
  for (let sent = 0; sent < count && line.welcome === 'accepted' && !signal.aborted; ) {
    const window = Math.min(1 + random.int(MAX_WINDOW), count - sent)
    line.send(Array.from({ length: window }, () => load.next()))
    sent += window
    if (random.chance(worker.troubles) && worker.mayBreak()) line = await meet(worker, line, adventures)
    else if (random.chance(0.6)) await line.settled()
    else if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve))
    if (!line.isOpen && line.welcome !== 'refused') line = await resume(worker, line.ticket, adventures)
  }
  await leave(worker, line, adventures)
}

/** Something happens while answers are on their way; the line to go on with. */
async function meet(worker: Worker, line: Line, adventures: Adventures): Promise<Line> {
  const { random, load } = worker
  switch (random.pick(TROUBLES)) {
    case 'cut':
      await line.cut()
      return line
    case 'take-over': {
      const next = await open(worker, line.ticket)
      if (next.welcome !== 'accepted') return next
      adventures.takeOvers += 1
      // Nobody reads this any more.
      line.send([load.next(), load.next()])
      await line.over(NOTICE_MS)
      return next
    }
    case 'stranger':
      adventures.strangers += 1
      await open(worker, { ...line.ticket, password: new Uint8Array(16).fill(7) })
      return line
  }
}

/** Comes back to a session, with its watches. */
async function resume(worker: Worker, ticket: Ticket, adventures: Adventures): Promise<Line> {
  const { random, load } = worker
  const line = await dial(worker, ticket)
  adventures.losses += 1
  if (line.welcome !== 'accepted') return line
  // As node-zookeeper-client does with what was asked for while it had no connection.
  if (random.chance(0.3)) line.send([load.next(), load.next(), load.next()])
  if (random.chance(0.9)) line.send([load.watches(ticket.lastZxid, random)])
  return line
}

/** Looks at everything, when all others have gone. */
export async function inspect(worker: Worker): Promise<void> {
  const line = await dial(worker, undefined)
  line.send([...worker.load.everything()])
  await line.settled()
  await leave(worker, line, { sessions: 0, losses: 0, takeOvers: 0, strangers: 0 })
}

/** Closes the session; if the answer is lost, it asks again. */
async function leave(worker: Worker, first: Line, adventures: Adventures): Promise<void> {
  let line = first
  while (line.welcome === 'accepted') {
    line.send([{ type: 'closeSession' }])
    await line.settled()
    if (line.hasGoodbye) return
    // The real server lets a client come back to a session that it is just closing, and never answers it.
    await sleep(CLOSING_MS)
    line = await resume(worker, line.ticket, adventures)
  }
}

/** Until a handshake has been answered. */
async function dial(worker: Worker, ticket: Ticket | undefined): Promise<Line> {
  for (let tries = 0; tries < TRIES; tries++) {
    const line = await open(worker, ticket)
    if (line.welcome !== 'broken') return line
  }
  throw new Error(`Nobody has answered ${TRIES} handshakes`)
}

function open({ dial, load }: Worker, ticket: Ticket | undefined): Promise<Line> {
  return Line.open({ dial, ticket, timeoutMs: SESSION_TIMEOUT_MS, created: (path) => load.created(path) })
}
