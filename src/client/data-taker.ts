/** The data that callers hand in becomes bytes here: text is encoded, and bytes are copied, or taken on loan by who copies them later. */
import { isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { encodeUtf8 } from '../base/platform.js'
import type { Bytes } from '../protocol/message.js'

/** Data of a znode as a caller gives it: text is encoded as UTF-8, bytes may be changed once the call has returned. */
export type Data = string | Uint8Array | null

/** Takes the data of callers. */
export class DataTaker {
  readonly #maxBytes: number
  readonly #take: (bytes: Uint8Array) => Uint8Array

  /** `maxBytes` is the most that one znode may hold; `take` says what becomes of the caller's own bytes. */
  constructor(maxBytes: number, take: (bytes: Uint8Array) => Uint8Array) {
    this.#maxBytes = maxBytes
    this.#take = take
  }

  /** The caller's data as bytes. @throws TypeError, or RangeError if there are too many. */
  take(data: Data | undefined): Bytes {
    if (data === null || data === undefined) return null
    const isText = typeof data === 'string'
    const bytes = isText ? encodeUtf8(data) : data
    if (!isBytes(bytes)) {
      throw new TypeError(
        `Invalid data ${describe(data)}: pass a string, a Uint8Array (a Buffer is one) or null`,
      )
    }
    if (bytes.length > this.#maxBytes) {
      throw new RangeError(
        `${bytes.length} bytes of data are over the limit of ${this.#maxBytes} (maxDataBytes)`,
      )
    }
    return isText ? bytes : this.#take(bytes)
  }
}
