/**
 * RequestLog: what a server does, as `zoolet serve --verbose` prints it: one line an event, who or what on the left, what
 * happened on the right. Made for people who learn what watches do. It prints no password, no credential and no long data.
 */
import type { InspectionEvent } from '../index.js'
import { showRequest } from './request-text.js'
import { SessionNames } from './session-names.js'
import { showHex, showPath } from './shown-text.js'
import { showTxn } from './txn-text.js'
import { unreachable } from './unreachable.js'

/** The events that can be of this kind. */
type EventOf<Kind extends InspectionEvent['kind'], Event = InspectionEvent> = Event extends {
  readonly kind: infer Own
}
  ? Kind extends Own
    ? Event
    : never
  : never
type SessionEvent = EventOf<'sessionOpened' | 'sessionClosed' | 'sessionExpired' | 'disconnected'>
type WatchEvent = EventOf<'watchArmed' | 'watchTriggered' | 'watchRemoved'>
type Mode = EventOf<'watchArmed'>['mode']

/** The width of the left column: `watch fired`, `zxid 0x1f4a2`. */
const LEFT_WIDTH = 12

/** The xids that clients use for one operation alone; their replies are told apart by nothing else. */
const XID_NAMES: Readonly<Record<number, string>> = { [-2]: 'ping', [-4]: 'auth', [-8]: 'setWatches' }

const MODE_WORDS: Readonly<Record<Mode, string>> = {
  standard: 'one-shot',
  persistent: 'persistent',
  recursive: 'recursive',
}

const REMOVAL_WORDS: Readonly<Record<EventOf<'watchRemoved'>['why'], string>> = {
  triggered: 'it has fired',
  requested: 'on request',
  replaced: 'a later one took its place',
  disconnected: 'its connection is gone',
}

/** Turns the events of one server into lines. */
export class RequestLog {
  readonly #names = new SessionNames()
  readonly #introduced = new Set<bigint>()

  /** The line for an event; undefined for what in-process clients tell, of which a server on the wire has none. */
  findLine(event: InspectionEvent): string | undefined {
    switch (event.kind) {
      case 'request':
        return line(`${this.#nameOf(event)} ->`, `${numberOf(event)}${showRequest(event.request)}`)
      case 'reply':
        return line(`${this.#nameOf(event)} <-`, `${XID_NAMES[event.xid] ?? `#${event.xid}`} ${event.code}`)
      case 'notification':
        return line(`${this.#nameOf(event)} <-`, showNews(event))
      case 'notificationWithheld':
        return line(this.#nameOf(event), `may not read, and is not told: ${showNews(event)}`)
      case 'txn':
        return line(`zxid ${showHex(event.zxid)}`, showTxn(event.txn, this.#names))
      case 'watchArmed':
      case 'watchTriggered':
      case 'watchRemoved':
        return this.#showWatch(event)
      case 'sessionOpened':
      case 'disconnected':
      case 'sessionClosed':
      case 'sessionExpired':
        return this.#showSession(event)
      case 'quotaExceeded':
        return showQuota(event)
      case 'queued':
      case 'delivered':
        return undefined
      default:
        return unreachable(event)
    }
  }

  #nameOf({ sessionId }: { readonly sessionId: bigint }): string {
    return this.#names.nameOf(sessionId)
  }

  #showWatch(event: WatchEvent): string {
    switch (event.kind) {
      case 'watchArmed':
        return line('watch set', this.#describeWatch(event, [event.mode]))
      case 'watchTriggered': {
        const watch = this.#describeWatch({ ...event, path: event.watchPath }, event.modes)
        return line('watch fired', `${watch}: ${showNews(event)}`)
      }
      case 'watchRemoved':
        return line('watch gone', `${this.#describeWatch(event, event.modes)}: ${REMOVAL_WORDS[event.why]}`)
      default:
        return unreachable(event)
    }
  }

  /** `one-shot data watch of s2 on /app` */
  #describeWatch(
    watch: Pick<EventOf<'watchArmed'>, 'sessionId' | 'path' | 'table'>,
    modes: readonly Mode[],
  ): string {
    const kind = modes.map((mode) => MODE_WORDS[mode]).join('+')
    return `${kind} ${watch.table} watch of ${this.#nameOf(watch)} on ${showPath(watch.path)}`
  }

  #showSession(event: SessionEvent): string {
    const name = this.#nameOf(event)
    switch (event.kind) {
      case 'sessionOpened':
        return line(name, this.#showOpened(event))
      case 'disconnected':
        return line(name, 'disconnected: its watches are gone, its session lives on')
      case 'sessionClosed':
        return line(name, this.#end(event.sessionId, 'closed'))
      case 'sessionExpired':
        return line(name, this.#end(event.sessionId, 'expired'))
      default:
        return unreachable(event)
    }
  }

  /** The full id is said once. */
  #showOpened({ sessionId, timeoutMs, isResumed }: EventOf<'sessionOpened'>): string {
    const isKnown = this.#introduced.has(sessionId)
    this.#introduced.add(sessionId)
    const id = isKnown ? '' : ` session ${showHex(sessionId)},`
    return `${isResumed ? 'resumed' : 'opened'}:${id} timeout ${timeoutMs} ms`
  }

  #end(sessionId: bigint, how: 'closed' | 'expired'): string {
    this.#introduced.delete(sessionId)
    this.#names.end(sessionId)
    return how
  }
}

/** The number of a request, in front of what it asks for; none where the xid only says the same again. */
function numberOf({ xid, request }: EventOf<'request'>): string {
  return XID_NAMES[xid] === request.type ? '' : `#${xid} `
}

function line(left: string, right: string): string {
  return `${left.padEnd(LEFT_WIDTH)} ${right}`
}

function showNews({ type, path, zxid }: Pick<EventOf<'notification'>, 'type' | 'path' | 'zxid'>): string {
  // An event that setWatches caught up with belongs to no single transaction.
  return `${type} ${showPath(path)}${zxid < 0 ? ', missed while disconnected' : ''}`
}

function showQuota({ prefix, resource, limit, usage, isHard }: EventOf<'quotaExceeded'>): string {
  const kind = isHard ? 'hard' : 'soft'
  return line('quota', `exceeded on ${showPath(prefix)}: ${resource} ${usage}, ${kind} limit ${limit}`)
}
