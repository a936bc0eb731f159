/** Codecs: how a value is written into a znode, and read back. */
import { decodeUtf8, encodeUtf8 } from '../base/platform.js'

/** Turns values into data and back. */
export interface ValueCodec<T> {
  encode(value: T): Uint8Array
  /** @throws whatever says that the bytes are no such value */
  decode(data: Uint8Array): T
}

/** Text as UTF-8. */
export const textCodec: ValueCodec<string> = { encode: encodeUtf8, decode: decodeUtf8 }

/** A codec for values that JSON can say; `parse` turns what was read into the type, and throws if it is no such value. */
export function jsonCodec<T>(parse: (json: unknown) => T): ValueCodec<T> {
  return {
    encode: (value) => encodeUtf8(JSON.stringify(value)),
    decode: (data) => parse(JSON.parse(decodeUtf8(data))),
  }
}
