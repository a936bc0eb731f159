/** Links from a client to servers that a target plays: the first says what the input holds, those after it tell the truth. */

import { decodeRequest, encodeReply } from '../../../src/protocol/codec.js'
import { readConnectRequest, writeConnectResponse } from '../../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../../src/protocol/jute.js'
import type { Request } from '../../../src/protocol/message.js'
import type { ByteLink } from '../../../src/transport/byte-link.js'
import type { OpenLink } from '../../../src/transport/wire-client-end.js'
import { join } from '../../../test/protocol/hex.js'
import { cutFrames } from '../frames.js'
import { BrokenLaw, requireLaw } from '../target.js'

type Events = Parameters<OpenLink>[0]

const HONEST_SESSION = { timeoutMs: 10_000, sessionId: 7n, password: new Uint8Array(16), isReadOnly: false }
/** What an honest server has no reason to refuse. */
const GRANTED: readonly Request['type'][] = ['ping', 'auth', 'setWatches', 'closeSession']

/** One link, whose other end is the target. */
export class HostileLink implements ByteLink {
  readonly remoteAddress = '127.0.0.1'
  isDestroyed = false
  readonly #events: Events
  readonly #isHonest: boolean
  #heard: Uint8Array = new Uint8Array(0)
  #hasShakenHands = false

  constructor(events: Events, { isHonest }: { readonly isHonest: boolean }) {
    this.#events = events
    this.#isHonest = isHonest
    queueMicrotask(() => this.isDestroyed || events.opened())
  }

  write(bytes: Uint8Array, sent: () => void): void {
    requireLaw(!this.isDestroyed, 'nothing is written to a link that was given up')
    this.#heard = join(this.#heard, bytes)
    // A link never calls back during a call into it.
    queueMicrotask(() => {
      if (this.isDestroyed) return
      sent()
      if (this.#isHonest) this.#answer()
    })
  }

  pause(): void {
    throw new BrokenLaw('a client reads whatever it is sent')
  }

  resume(): void {
    throw new BrokenLaw('a client reads whatever it is sent')
  }

  end(): void {
    this.isDestroyed = true
  }

  destroy(): void {
    this.isDestroyed = true
  }

  /** The client hears this, if it still listens. */
  say(bytes: Uint8Array): void {
    if (!this.isDestroyed) this.#events.received(bytes)
  }

  /** The server hangs up. */
  hangUp(): void {
    if (this.isDestroyed) return
    this.isDestroyed = true
    this.#events.closed()
  }

  /** The answer to a handshake. */
  welcome(): void {
    this.say(framed((out) => writeConnectResponse(out, HONEST_SESSION, { hasReadOnlyByte: true })))
  }

  #answer(): void {
    const { frames, rest } = cutFrames(this.#heard)
    this.#heard = rest
    for (const frame of frames) {
      if (this.#hasShakenHands) this.#reply(frame)
      else this.#shakeHands(frame)
    }
  }

  #shakeHands(frame: Uint8Array): void {
    readConnectRequest(new JuteReader(frame))
    this.#hasShakenHands = true
    this.welcome()
  }

  #reply(frame: Uint8Array): void {
    const { xid, request } = decodeRequest(frame)
    const code = GRANTED.includes(request.type) ? 'OK' : 'NONODE'
    const response = code === 'OK' ? ({ type: 'done' } as const) : undefined
    this.say(framed((out) => encodeReply(out, { xid, zxid: 2 ** 40, code, response })))
  }
}

function framed(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  out.frame(() => write(out))
  return out.take()
}
