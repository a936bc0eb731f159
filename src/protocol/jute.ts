/**
 * Jute, the encoding of everything on the wire: big-endian numbers, length-prefixed text, bytes and lists, no tags.
 * Invariant of the reader: it never reads past its end and never allocates what a length announces before the bytes are there.
 */
import { copyBytes } from '../base/bytes.js'
import { encodeUtf8 } from '../base/platform.js'
import { decodeText } from './jute-text.js'
import type { ReadingMemory } from './reading-memory.js'

/** What was read is no message of the protocol: too short, or a length that cannot be. */
export class MarshallingError extends Error {
  override readonly name: string = 'MarshallingError'
}

const NULL_LENGTH = -1
/** What a writer has before it is written to. */
const NOTHING: Uint8Array = new Uint8Array(0)
const VIEW_OF_NOTHING: Readonly<DataView> = new DataView(NOTHING.buffer)
const TWO_TO_32 = 2 ** 32
const SMALLEST_BUFFER_BYTES = 256
/** A buffer that is not worth a copy, however little of it is used. */
const SMALL_BYTES = 1024
const LEAST_PART_USED = 0.8
const HEADROOM = 1.1
/** More than a block of an outbox, so that the next block of a slow reader need not grow, which takes twice its memory. */
const LARGEST_FIRST_BYTES = 81_920
/** Up to this many characters a loop is quicker than the platform's encoder. */
const LOOP_CHARACTERS = 64

/** How messages are read. */
export interface ReadingOptions {
  /** Texts that are known already. */
  readonly memory?: ReadingMemory
  /** Whether bytes are those of the message, and not copies: then whoever keeps them has to keep a copy. */
  readonly lendsBytes?: boolean
}

/** Reads one message. Every verb moves on by what it read. @throws MarshallingError */
export class JuteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #memory: ReadingMemory | undefined
  readonly #lendsBytes: boolean
  #at = 0
  #end: number

  constructor(bytes: Uint8Array, { memory, lendsBytes = false }: ReadingOptions = {}) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#memory = memory
    this.#lendsBytes = lendsBytes
    this.#end = bytes.length
  }

  /** Goes on with these of its bytes, and with no others: they are the next message. */
  turnTo(start: number, end: number): void {
    this.#at = start
    this.#end = end
  }

  /** Bytes that are not read yet. */
  get remaining(): number {
    return this.#end - this.#at
  }

  byte(): number {
    return this.#view.getInt8(this.#take(1))
  }

  /** Any byte but 0 is true. */
  boolean(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    return this.#view.getInt32(this.#take(4))
  }

  /** A 64-bit number that identifies something. */
  long(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  /** A 64-bit number that counts or measures; exact up to 2^53. */
  number(): number {
    const at = this.#take(8)
    return this.#view.getInt32(at) * TWO_TO_32 + this.#view.getUint32(at + 4)
  }

  /** Text or null. */
  text(): string | null {
    const length = this.#spanLength()
    if (length === NULL_LENGTH) return null
    const at = this.#take(length)
    if (this.#memory !== undefined) return this.#memory.text(this.#bytes, at, length)
    return decodeText(this.#bytes.subarray(at, at + length))
  }

  /** The bytes, as a copy or on loan, or null. */
  buffer(): Uint8Array | null {
    const length = this.#spanLength()
    if (length === NULL_LENGTH) return null
    const at = this.#take(length)
    // Not a subarray: that of a Buffer takes twice as long.
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length)
    return this.#lendsBytes ? bytes : copyBytes(bytes)
  }

  /**
   * A list of records of at least `leastBytes` each; null stays null. As in Java, any other negative count is that of an empty
   * list, and a count that cannot fit is refused before anything is read.
   */
  list<T>(readItem: (reader: JuteReader) => T, leastBytes: number): T[] | null {
    const count = this.int()
    if (count === NULL_LENGTH) return null
    if (count * leastBytes > this.remaining)
      throw new MarshallingError(`a list of ${count} does not fit into ${this.remaining} bytes`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(readItem(this))
    return items
  }

  /** Of text or bytes, which may be null. */
  #spanLength(): number {
    const length = this.int()
    if (length < NULL_LENGTH) throw new MarshallingError(`a length of ${length}`)
    return length
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.#end - at)
      throw new MarshallingError(`${length} bytes wanted where ${this.remaining} are left`)
    this.#at = at + length
    return at
  }
}

/** Writes messages one after the other into a buffer that grows, until `take`. */
export class JuteWriter {
  #bytes: Uint8Array = NOTHING
  #view: DataView = VIEW_OF_NOTHING
  #length = 0
  #firstBytes = SMALLEST_BUFFER_BYTES

  /** Bytes that are written and not taken. */
  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    const at = this.#grow(1)
    this.#view.setInt8(at, value)
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  int(value: number): void {
    const at = this.#grow(4)
    this.#view.setInt32(at, value)
  }

  long(value: bigint): void {
    const at = this.#grow(8)
    this.#view.setBigInt64(at, value)
  }

  /** A whole number; exact up to 2^53. */
  number(value: number): void {
    const at = this.#grow(8)
    this.#view.setInt32(at, Math.floor(value / TWO_TO_32))
    this.#view.setInt32(at + 4, (value % TWO_TO_32) | 0)
  }

  text(value: string | null): void {
    if (value === null) return this.int(NULL_LENGTH)
    if (value.length > LOOP_CHARACTERS || !this.#ascii(value)) this.buffer(encodeUtf8(value))
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) return this.int(NULL_LENGTH)
    this.int(value.length)
    const at = this.#grow(value.length)
    this.#bytes.set(value, at)
  }

  list<T>(items: readonly T[], writeItem: (writer: JuteWriter, item: T) => void): void {
    this.int(items.length)
    for (const item of items) writeItem(this, item)
  }

  /** Writes what `write` writes with its length in front of it; if it throws, nothing is written. */
  frame(write: (writer: JuteWriter) => void): void {
    const start = this.#length
    try {
      this.int(0)
      write(this)
      this.#view.setInt32(start, this.#length - start - 4)
    } catch (error) {
      this.#length = start
      throw error
    }
  }

  /** Gives away what is written and begins anew; the bytes are the caller's own. */
  take(): Uint8Array {
    const isTight = this.#bytes.length <= SMALL_BYTES || this.#length > this.#bytes.length * LEAST_PART_USED
    // What waits long for a slow reader must not hold more than was counted.
    const taken = isTight ? this.#bytes.subarray(0, this.#length) : this.#bytes.slice(0, this.#length)
    // The next batch is likely to be as long as this one, unless this was a rare large message.
    const likely = Math.max(SMALLEST_BUFFER_BYTES, Math.ceil(this.#length * HEADROOM))
    this.#firstBytes = Math.min(likely, LARGEST_FIRST_BYTES)
    this.#bytes = NOTHING
    this.#view = VIEW_OF_NOTHING
    this.#length = 0
    return taken
  }

  /** False, and nothing is written, if the text is not plain ASCII. */
  #ascii(text: string): boolean {
    const { length } = text
    const start = this.#length
    const at = this.#grow(4 + length)
    this.#view.setInt32(at, length)
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) {
        this.#length = start
        return false
      }
      this.#bytes[at + 4 + i] = unit
    }
    return true
  }

  /** Makes room and returns where it begins. */
  #grow(length: number): number {
    const at = this.#length
    this.#length = at + length
    if (this.#length > this.#bytes.length) this.#enlarge(at)
    return at
  }

  #enlarge(used: number): void {
    const capacity = Math.max(this.#firstBytes, this.#bytes.length * 2, Math.ceil(this.#length * HEADROOM))
    const larger = new Uint8Array(capacity)
    if (used > 0) larger.set(this.#bytes.subarray(0, used))
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
