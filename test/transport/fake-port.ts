/**
 * Message ports whose messages go over when a test says so, and links on them: what the owner of each side hears is written down.
 */
import type { ByteLink, ByteLinkEvents } from '../../src/transport/byte-link.js'
import { type MessagePortLike, PortLinks } from '../../src/transport/message-port.js'
import { macrotask } from '../semantics/ordering/event-loop.js'

/** One end of a channel. What is posted waits until somebody delivers it; buffers are moved, as a real port does it. */
export class FakePort implements MessagePortLike {
  readonly listeners = new Map<string, Set<(event: object) => void>>()
  readonly posted: unknown[] = []
  isStarted = false

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    this.posted.push(structuredClone(message, { transfer }))
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener))
  }

  removeEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.get(type)?.delete(listener)
  }

  start(): void {
    this.isStarted = true
  }

  get listenerCount(): number {
    return [...this.listeners.values()].reduce((total, { size }) => total + size, 0)
  }

  hear(data: unknown): void {
    this.tell('message', { data })
  }

  tell(type: string, event: object = {}): void {
    for (const listener of [...(this.listeners.get(type) ?? [])]) listener(event)
  }
}

/** One side of a link. The log has what its owner heard: lengths of bytes, `sent`, `closed`. */
export interface Side {
  readonly link: ByteLink
  readonly log: string[]
  readonly bytes: number[]
}

/** A channel with links on both ends. */
export class Channel {
  readonly near = new FakePort()
  readonly far = new FakePort()
  readonly accepted: Side[] = []
  readonly farLinks: PortLinks = new PortLinks(this.far, {
    accept: (link) => {
      const side = recordSide(link)
      this.accepted.push(side)
      return side.events
    },
  })
  readonly nearLinks: PortLinks = new PortLinks(this.near)

  /** A link that both sides know. */
  open(): { near: Side; far: Side } {
    const near = recordSide(undefined)
    const link = this.nearLinks.open(near.events)
    this.deliver()
    const far = this.accepted.at(-1)
    if (far === undefined) throw new Error('the link was not accepted')
    return { near: { ...near, link }, far }
  }

  /** Hands over what was posted until nothing is left. */
  deliver(): void {
    while (this.near.posted.length + this.far.posted.length > 0) {
      for (const message of this.near.posted.splice(0)) this.far.hear(message)
      for (const message of this.far.posted.splice(0)) this.near.hear(message)
    }
  }

  /** The same, with time for what a resume puts off. */
  async settle(): Promise<void> {
    this.deliver()
    await macrotask()
    this.deliver()
  }
}

/** A side that writes down what it hears. */
export function recordSide(link: ByteLink | undefined): Side & { readonly events: ByteLinkEvents } {
  const log: string[] = []
  const bytes: number[] = []
  const events = {
    received: (chunk: Uint8Array) => {
      log.push(`${chunk.length}`)
      bytes.push(...chunk.subarray(0, 4))
    },
    closed: (reason?: unknown) => void log.push(reason === undefined ? 'closed' : `closed ${reason}`),
  }
  return { link: link ?? NO_LINK, log, bytes, events }
}

const NO_LINK: ByteLink = {
  remoteAddress: '',
  write: nothing,
  pause: nothing,
  resume: nothing,
  end: nothing,
  destroy: nothing,
}

function nothing(): void {
  // Stands for a link that is not there yet.
}

/** Bytes that one side has posted and nobody has heard. */
export function postedBytes(port: FakePort): number {
  return port.posted.reduce<number>((total, message) => {
    const { bytes } = Object(message)
    return total + (bytes instanceof Uint8Array ? bytes.length : 0)
  }, 0)
}
