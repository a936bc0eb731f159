/**
 * Byte links over a message port, between the threads of one process or a page and its workers. One port carries any number of
 * links, each with a number. A port takes whatever it is given, so each side sends no more than a window ahead of what the
 * other has taken. Invariant: at most `WINDOW_BYTES` of a link are under way.
 */
import Denque from 'denque'
import { isBytes } from '../base/bytes.js'
import { type Clock, SystemClock, type Timer } from '../base/clock.js'
import { runMicrotask } from '../base/platform.js'
import type { ByteLink, ByteLinkEvents } from './byte-link.js'

/** As much of the platform's MessagePort as is needed; browsers, Node and others have it. */
export interface MessagePortLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  addEventListener(type: string, listener: (event: object) => void): void
  removeEventListener(type: string, listener: (event: object) => void): void
  start?(): void
}

/** What goes over the port. */
type PortMessage =
  | { readonly type: 'open' | 'end'; readonly link: number }
  | { readonly type: 'bytes'; readonly link: number; readonly bytes: Uint8Array }
  /** So many bytes were taken. */
  | { readonly type: 'taken'; readonly link: number; readonly count: number }

/** Takes a link that the other side has opened, and says who hears of it. */
export type AcceptLink = (link: ByteLink) => ByteLinkEvents

/** How the links of a port are opened. */
export interface PortLinksOptions {
  /** Lets the other side open links. */
  readonly accept?: AcceptLink
  /**
   * The number of the first link opened here; 1 unless set. Who had the port before may have left words for links that are over:
   * numbers that nobody else uses keep them from being taken for one's own.
   */
  readonly firstLink?: number
  /** Times how long a link that was ended may go on sending; the system's clock unless set. */
  readonly clock?: Clock
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly sent: () => void
}

/** Bytes whose buffer is with the other side by now. */
interface UnderWay {
  readonly count: number
  readonly sent: () => void
}

const WINDOW_BYTES = 1_048_576
/** How long the other side may take for what was written before the end. */
const LINGER_MS = 2_000
/** Threads of one process have no addresses. */
const LOCAL_ADDRESS = '127.0.0.1'

/** All links of one port, seen from one side. */
export class PortLinks {
  readonly #port: MessagePortLike
  readonly #accept: AcceptLink | undefined
  readonly #links = new Map<number, PortLink>()
  #nextLink: number
  #isClosed = false
  readonly clock: Clock

  constructor(port: MessagePortLike, options: PortLinksOptions = {}) {
    const { accept, firstLink = 1, clock = new SystemClock() } = options
    this.clock = clock
    this.#port = port
    this.#accept = accept
    this.#nextLink = firstLink
    port.addEventListener('message', this.#received)
    port.addEventListener('close', this.#portClosed)
    port.start?.()
  }

  /** True once the port, or this side of it, is closed: it carries no link any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Opens a link to the other side. */
  open(events: ByteLinkEvents): ByteLink {
    const link = new PortLink(this, this.#nextLink++, () => events)
    this.post({ type: 'open', link: link.number })
    if (this.#isClosed) link.endedAlready()
    else this.#links.set(link.number, link)
    return link
  }

  /** Ends all links, tells their owners, and leaves the port to its own. */
  close(): void {
    for (const link of [...this.#links.values()]) {
      this.post({ type: 'end', link: link.number })
      link.ended()
    }
    this.#port.removeEventListener('message', this.#received)
    this.#port.removeEventListener('close', this.#portClosed)
    this.#isClosed = true
  }

  /** Sends a message; its bytes are moved, not copied. */
  post(message: PortMessage): void {
    if (this.#isClosed) return
    const buffer = message.type === 'bytes' ? message.bytes.buffer : undefined
    this.#port.postMessage(message, buffer instanceof ArrayBuffer ? [buffer] : [])
  }

  /** The link carries nothing any more. */
  forget(link: PortLink): void {
    this.#links.delete(link.number)
  }

  readonly #received = (event: object): void => {
    const data: unknown = 'data' in event ? event.data : undefined
    if (!isPortMessage(data)) return
    if (data.type === 'open') return this.#opened(data.link)
    const link = this.#links.get(data.link)
    if (data.type === 'bytes') link?.received(data.bytes)
    else if (data.type === 'taken') link?.taken(data.count)
    else link?.ended()
  }

  #opened(number: number): void {
    const accept = this.#accept
    if (accept === undefined || this.#links.has(number)) return
    const link = new PortLink(this, number, accept)
    // Whoever does not want it has ended it already.
    if (!link.isDone) this.#links.set(number, link)
  }

  readonly #portClosed = (): void => {
    this.#isClosed = true
    for (const link of [...this.#links.values()]) link.ended()
  }
}

/** One link. */
class PortLink implements ByteLink {
  readonly remoteAddress: string = LOCAL_ADDRESS
  readonly number: number
  readonly #links: PortLinks
  readonly #events: ByteLinkEvents
  /** Handed in and not sent, since the window is full. */
  readonly #waiting = new Denque<Waiting>()
  /** Sent and not taken. */
  readonly #underWay = new Denque<UnderWay>()
  /** Arrived while paused. */
  readonly #arrived = new Denque<Uint8Array>()
  #underWayBytes = 0
  #isPaused = false
  #isEnding = false
  #isDone = false
  #linger: Timer | undefined

  constructor(links: PortLinks, number: number, accept: AcceptLink) {
    this.#links = links
    this.number = number
    this.#events = accept(this)
  }

  /** True once it carries nothing any more. */
  get isDone(): boolean {
    return this.#isDone
  }

  write(bytes: Uint8Array, sent: () => void): void {
    if (this.#isDone || this.#isEnding) return
    this.#waiting.push({ bytes, sent })
    this.#send()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    runMicrotask(() => this.#handIn())
  }

  end(): void {
    if (this.#isDone) return
    this.#isEnding = true
    this.#send()
    if (!this.#isDone) this.#linger = this.#links.clock.setBackgroundTimer(() => this.destroy(), LINGER_MS)
  }

  destroy(): void {
    if (this.#isDone) return
    this.#finish()
    this.#links.post({ type: 'end', link: this.number })
  }

  received(bytes: Uint8Array): void {
    if (this.#isDone) return
    this.#arrived.push(bytes)
    this.#handIn()
  }

  /** The other side has taken so many bytes: they are on their way no longer. */
  taken(count: number): void {
    const sent: (() => void)[] = []
    for (let left = count; left > 0; ) {
      const first = this.#underWay.shift()
      if (first === undefined) break
      left -= first.count
      this.#underWayBytes -= first.count
      sent.push(first.sent)
    }
    this.#send()
    for (const tell of sent) if (!this.#isDone) tell()
  }

  /** The other side has ended the link, or is gone. */
  ended(): void {
    if (this.#isDone) return
    this.#finish()
    if (!this.#isEnding) this.#events.closed()
  }

  /** Tells its owner, who is still in the middle of opening it, that there is nobody. */
  endedAlready(): void {
    runMicrotask(() => this.ended())
  }

  #send(): void {
    for (let first = this.#waiting.peekFront(); first !== undefined; first = this.#waiting.peekFront()) {
      const { bytes, sent } = first
      // What is larger than the window goes alone.
      if (this.#underWayBytes > 0 && this.#underWayBytes + bytes.length > WINDOW_BYTES) return
      this.#waiting.shift()
      this.#underWay.push({ count: bytes.length, sent })
      this.#underWayBytes += bytes.length
      this.#links.post({ type: 'bytes', link: this.number, bytes })
    }
    if (this.#isEnding) this.destroy()
  }

  #handIn(): void {
    let count = 0
    while (!this.#isPaused && !this.#isDone) {
      const bytes = this.#arrived.shift()
      if (bytes === undefined) break
      count += bytes.length
      if (!this.#isEnding) this.#events.received(bytes)
    }
    if (count > 0 && !this.#isDone) this.#links.post({ type: 'taken', link: this.number, count })
  }

  #finish(): void {
    this.#isDone = true
    this.#linger?.cancel()
    this.#waiting.clear()
    this.#underWay.clear()
    this.#arrived.clear()
    this.#links.forget(this)
  }
}

/** What comes over a port may be anything. */
function isPortMessage(data: unknown): data is PortMessage {
  if (typeof data !== 'object' || data === null || !('type' in data && 'link' in data)) return false
  if (!Number.isSafeInteger(data.link)) return false
  switch (data.type) {
    case 'open':
    case 'end':
      return true
    case 'bytes':
      return 'bytes' in data && isBytes(data.bytes)
    case 'taken':
      return 'count' in data && Number.isSafeInteger(data.count)
    default:
      return false
  }
}
