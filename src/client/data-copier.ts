/** The data that callers hand in becomes bytes of our own here, once (law 8). One copier for each client. */
import { copyBytes, isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { encodeUtf8 } from '../base/platform.js'
import type { Slab } from '../base/slab.js'
import type { Bytes } from '../protocol/message.js'

/** Data of a znode as a caller gives it: text is encoded as UTF-8, bytes are copied. */
export type Data = string | Uint8Array | null

/** Copies the data of callers. */
export class DataCopier {
  readonly #maxBytes: number
  readonly #slab: Slab | undefined

  /** `maxBytes` is the most that one znode may hold. Without a slab, every copy has a buffer of its own. */
  constructor(maxBytes: number, slab?: Slab) {
    this.#maxBytes = maxBytes
    this.#slab = slab
  }

  /** The caller's data as bytes that nobody else has. @throws TypeError, or RangeError if there are too many. */
  copy(data: Data | undefined): Bytes {
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
    return isText ? bytes : (this.#slab?.copy(bytes) ?? copyBytes(bytes))
  }
}
