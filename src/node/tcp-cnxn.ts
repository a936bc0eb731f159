/**
 * TcpCnxn: one accepted connection. Its first four bytes are a four-letter word or the beginning of a handshake; from then on
 * the bytes belong to the one that answers them.
 */
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.js'
import type { ByteLinkEvents } from '../transport/byte-link.js'
import { CnxnMeter, type Latency } from '../transport/cnxn-meter.js'
import type { Intake, ServerEnd } from '../transport/transport.js'
import type { Worker } from '../transport/turn-taker.js'
import { WireServerEnd, type WireServerParts } from '../transport/wire-server-end.js'
import { FOUR_LETTER_WORDS, type FourLetterWord, isFourLetterWord } from './four-letter-words.js'
import { SocketLink } from './socket-link.js'

/** What a listener lends its connections. */
export interface TcpCnxnHost {
  readonly clock: Clock
  readonly wire: WireServerParts
  readonly latency: Latency
  /** Takes the server's end of a connection into the server. */
  attach(end: ServerEnd): Intake
  /** The answer to a four-letter word; `extra` are the bytes that came after it. */
  answer(word: FourLetterWord, extra: Uint8Array): string
  /** The socket is closed. */
  closed(cnxn: TcpCnxn): void
}

const WORD_BYTES = 4

/** One connection of a listener. */
export class TcpCnxn implements ByteLinkEvents, Worker {
  readonly #host: TcpCnxnHost
  readonly #socket: Socket
  readonly #link: SocketLink
  readonly #deadline: Timer
  #first: Buffer = Buffer.alloc(0)
  #end: WireServerEnd | undefined
  #isWaiting = false
  #isEnded = false
  readonly meter: CnxnMeter
  readonly remotePort: number

  /** `remoteAddress` is what the ip scheme sees. */
  constructor(socket: Socket, remoteAddress: string, host: TcpCnxnHost) {
    const { clock, latency, wire } = host
    this.#host = host
    this.#socket = socket
    this.meter = new CnxnMeter(clock.nowMs(), latency)
    this.remotePort = socket.remotePort ?? 0
    this.#link = new SocketLink(socket, this, {
      remoteAddress,
      hasRecordPerFrame: 'encrypted' in socket,
    })
    this.#deadline = clock.setBackgroundTimer(() => this.#link.destroy(), wire.limits.handshakeTimeoutMs)
    socket.on('close', () => {
      this.#deadline.cancel()
      host.closed(this)
    })
    socket.on('end', () => wire.turns.nowOrLater({ work: () => this.#ended() }))
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress
  }

  received(chunk: Uint8Array): void {
    if (this.#end !== undefined) return this.#end.received(chunk)
    this.#first = Buffer.concat([this.#first, chunk])
    if (this.#isWaiting || this.#host.wire.turns.nowOrLater(this)) return
    this.#isWaiting = true
    this.#link.pause()
  }

  /** Sees who is to answer what has come so far. */
  work(): void {
    if (this.#socket.destroyed) return
    if (this.#isWaiting) this.#link.resume()
    this.#isWaiting = false
    if (this.#first.length >= WORD_BYTES) this.#begin()
    if (this.#isEnded) this.#ended()
  }

  closed(): void {
    const end = this.#end
    if (end !== undefined) this.#host.wire.turns.nowOrLater({ work: () => end.closed() })
  }

  /** The other side has said all. */
  #ended(): void {
    this.#isEnded = true
    if (this.#isWaiting) return
    if (this.#end === undefined) this.#link.end()
    else this.#end.ended()
  }

  #begin(): void {
    const word = this.#first.toString('latin1', 0, WORD_BYTES)
    if (isFourLetterWord(word)) this.#answer(word)
    else this.#serve()
  }

  #answer(word: FourLetterWord): void {
    const extra = this.#first.subarray(WORD_BYTES)
    if (extra.length < FOUR_LETTER_WORDS[word].extraBytes) return
    this.meter.received += 1
    this.meter.sent += 1
    this.#socket.write(this.#host.answer(word, extra))
    this.#link.end()
  }

  #serve(): void {
    this.#deadline.cancel()
    this.#end = new WireServerEnd(this.#link, (end) => this.#host.attach(end), this.meter, this.#host.wire)
    this.#end.received(this.#first)
    this.#first = Buffer.alloc(0)
  }
}
