/**
 * ReadingMemory: texts that were read a short while ago. Clients say the same paths over and over, and telling that some bytes are a
 * text that is known takes a fraction of what decoding them does; besides, a known text has been hashed before. Bounded: a text that
 * falls on the place of another one takes it. Owned by whoever reads many messages, such as all connections of a listener.
 */
import { decodeText } from './jute-text.js'

const PLACES = 2048
/** Longer texts are rare, and not worth keeping. */
const LONGEST_BYTES = 128
const FIRST_NOT_ASCII = 0x80
const HASH_START = 0x811c9dc5
const HASH_STEP = 0x01000193

/** Reads texts out of messages. */
export class ReadingMemory {
  readonly #texts: (string | undefined)[] = new Array<string | undefined>(PLACES).fill(undefined)
  readonly #decode: (bytes: Uint8Array) => string

  /** `decode` reads what is not known. */
  constructor(decode: (bytes: Uint8Array) => string = decodeText) {
    this.#decode = decode
  }

  /** The text that these bytes are. */
  text(bytes: Uint8Array, start: number, length: number): string {
    const place = length > LONGEST_BYTES ? undefined : placeOf(bytes, start, length)
    if (place === undefined) return this.#decode(bytes.subarray(start, start + length))
    const known = this.#texts[place]
    if (known !== undefined && isText(known, bytes, start, length)) return known
    const text = this.#decode(bytes.subarray(start, start + length))
    this.#texts[place] = text
    return text
  }
}

/** Undefined for what is not plain ASCII. The hash is FNV-1a. */
function placeOf(bytes: Uint8Array, start: number, length: number): number | undefined {
  let hash = HASH_START
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] ?? FIRST_NOT_ASCII
    if (byte >= FIRST_NOT_ASCII) return undefined
    hash = Math.imul(hash ^ byte, HASH_STEP)
  }
  return (hash ^ (hash >>> 15)) & (PLACES - 1)
}

function isText(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
