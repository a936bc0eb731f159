/**
 * Counter: a whole number in one znode. Laid out as Curator's SharedCount (four bytes), which is also kazoo's Counter with
 * `support_curator`, or as kazoo's Counter (decimal digits).
 */
import { describe } from '../base/describe.js'
import { decodeUtf8, encodeUtf8 } from '../base/platform.js'
import { checkOptions } from '../client/arguments.js'
import type { ACL } from '../protocol/acl.js'
import { checkLayout, type Layout } from './contender-name.js'
import type { RecipeClient } from './lasting-client.js'
import type { WaitOptions } from './patience.js'
import { SharedValue } from './shared-value.js'
import type { ValueCodec } from './value-codec.js'

/** What a counter is made with. */
export interface CounterOptions {
  /** `'curator'` unless set: 32 bits, -2^31 to 2^31 - 1. With `'kazoo'` whole numbers up to 2^53 - 1. All have to agree. */
  readonly layout?: Layout | undefined
  /** What it counts from; 0 unless set. */
  readonly initial?: number | undefined
  /** The ACL of the znode, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

/** A number at a path, which outlives every session. */
export class Counter {
  readonly #value: SharedValue<number>
  readonly #check: (value: number) => number
  readonly path: string

  /** Nothing is created before it is used. @throws TypeError, RangeError */
  constructor(client: RecipeClient, path: string, options: CounterOptions = {}) {
    checkOptions(options, ['layout', 'initial', 'acl'])
    const { layout = 'curator', initial = 0, acl } = options
    checkLayout(layout)
    this.#check = layout === 'curator' ? requireInt32 : requireSafeInteger
    const codec = layout === 'curator' ? int32Codec(path, initial) : digitsCodec(path, initial)
    this.#value = new SharedValue(client, path, { codec, initial: this.#check(initial), acl })
    this.path = path
  }

  /** What it says now. @throws KeeperException, TimeoutError, the signal's reason; RangeError if the znode holds no number */
  async get(options: WaitOptions = {}): Promise<number> {
    return (await this.#value.get(options)).value
  }

  /** Sets it, whatever it says now. @throws RangeError (no such number), KeeperException, TimeoutError, the signal's reason */
  async set(value: number, options: WaitOptions = {}): Promise<void> {
    await this.#value.set(this.#check(value), options)
  }

  /**
   * Adds to it, exactly once; resolves to the sum. The amount may be negative.
   * @throws RangeError (amount or sum are no such numbers), KeeperException CONNECTIONLOSS if the connection broke and nobody can
   * know whether it was added; TimeoutError, the signal's reason
   */
  async add(amount = 1, options: WaitOptions = {}): Promise<number> {
    requireSafeInteger(amount)
    return this.#value.update((value) => this.#check(value + amount), options)
  }
}

function int32Codec(path: string, initial: number): ValueCodec<number> {
  return {
    encode: (value) => {
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setInt32(0, value)
      return bytes
    },
    decode: (data) => {
      if (data.length === 0) return initial
      if (data.length !== 4)
        throw new RangeError(
          `No counter of Curator at ${path}: ${data.length} bytes, not 4; is it one of kazoo's?`,
        )
      return new DataView(data.buffer, data.byteOffset).getInt32(0)
    },
  }
}

function digitsCodec(path: string, initial: number): ValueCodec<number> {
  return {
    encode: (value) => encodeUtf8(String(value)),
    decode: (data) => {
      if (data.length === 0) return initial
      const text = decodeUtf8(data)
      if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
        throw new RangeError(`No counter of kazoo at ${path}: ${describe(text)}; is it one of Curator's?`)
      return Number(text)
    },
  }
}

function requireInt32(value: number): number {
  if ((value | 0) === value) return value
  throw new RangeError(`Invalid count ${describe(value)}: a counter of Curator holds -2^31 to 2^31 - 1`)
}

function requireSafeInteger(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`Invalid count ${describe(value)}: pass a whole number`)
}
