/**
 * A gate between the two ends of a message channel: it passes everything on until it is told to cut, then keeps what the client
 * says for the time when it is told to restore. A port cannot break, so it is the server that hangs up.
 */
import type { MessagePort } from 'node:worker_threads'
import type { Link } from '../target.js'

/** The way of one client to a server. */
export class PortGate implements Link {
  readonly #client = new MessageChannel()
  readonly #server = new MessageChannel()
  readonly #hangUp: () => void
  readonly #kept: unknown[] = []
  #isCut = false
  #losesNext = false
  /** The number of the link whose bytes get lost; a port carries one link for each dial of the client. */
  #lostLink: unknown

  /** `hangUp` lets the server end the connection. */
  constructor(hangUp: () => void) {
    this.#hangUp = hangUp
    this.#client.port1.on('message', (message) => {
      if (this.#isCut) this.#kept.push(message)
      else this.#server.port1.postMessage(message)
    })
    this.#server.port1.on('message', (message) => this.#passBack(message))
  }

  /** For the client. */
  get clientPort(): MessagePort {
    return this.#client.port2
  }

  /** For the server. */
  get serverPort(): MessagePort {
    return this.#server.port2
  }

  cut(): void {
    this.#isCut = true
    this.#hangUp()
  }

  restore(): void {
    this.#isCut = false
    for (const message of this.#kept.splice(0)) this.#server.port1.postMessage(message)
  }

  loseNextReply(): void {
    this.#losesNext = true
  }

  close(): void {
    this.#client.port1.close()
    this.#server.port1.close()
  }

  #passBack(message: unknown): void {
    const { link, bytes } = Object(message)
    if (bytes !== undefined && this.#losesNext) {
      this.#losesNext = false
      this.#lostLink = link
      this.#hangUp()
    }
    const isLost = bytes !== undefined && link === this.#lostLink
    if (!isLost) this.#client.port1.postMessage(message)
  }
}
