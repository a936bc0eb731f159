/**
 * SharedValue: one value in one znode, changed by compare-and-set, so that no change of anybody is lost. Laid out as Curator's
 * SharedValue: the data of the znode is the value, and nothing else.
 */
import { bytesEqual } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import {
  isKeeperException,
  isRetryable,
  isSessionFatal,
  KeeperException,
} from '../protocol/keeper-exception.js'
import { validatePath } from '../protocol/path.js'
import { checkClient, type RecipeClient, within } from './lasting-client.js'
import type { WaitOptions } from './patience.js'
import { Pauses, persist } from './retry.js'
import type { ValueCodec } from './value-codec.js'

const NO_DATA = new Uint8Array(0)
/** A race against somebody who deletes it is lost by chance; so many times in a row is no chance. */
const MAX_RACES = 100

/** What a shared value is made with. */
export interface SharedValueOptions<T> {
  /** How the value is written: `textCodec`, `jsonCodec(parse)` or one of your own. */
  readonly codec: ValueCodec<T>
  /** What it is before anybody has set it. The znode is created with it when the value is first asked for. */
  readonly initial: T
  /** The ACL of the znode, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

/** A value, and the version of its znode. */
export interface VersionedValue<T> {
  readonly value: T
  /** Pass it to `set`, to be refused if the value was changed since. */
  readonly version: number
}

/** What `set` takes. */
export interface SetValueOptions extends WaitOptions {
  /** Sets only if the version is this one; any unless set. */
  readonly version?: number | undefined
}

/** A change that is to be made once, whatever happens to connections and sessions. */
interface Write {
  readonly data: Uint8Array
  readonly version: number
  /** Whether a request of it was sent whose reply was not seen. */
  isSent: boolean
}

/** A value at a path, which outlives every session. */
export class SharedValue<T> {
  readonly #client: RecipeClient
  readonly #options: SharedValueOptions<T>
  readonly path: string

  /** Nothing is created before it is used. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: SharedValueOptions<T>) {
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['codec', 'initial', 'acl'])
    const { codec } = options
    if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function')
      throw new TypeError(`Invalid codec ${describe(codec)}: pass an object with encode and decode`)
    this.#client = client
    this.path = path
    this.#options = options
  }

  /** Reads it. @throws KeeperException, TimeoutError, the signal's reason, what the codec throws */
  get(options: WaitOptions = {}): Promise<VersionedValue<T>> {
    return this.#within('read', options, (zk, signal) => this.#read(zk, signal))
  }

  /**
   * Replaces it; resolves to the new version. If the connection breaks meanwhile, it is set again, which is the same unless
   * somebody else has changed it in between; with a `version` that cannot be.
   * @throws KeeperException BADVERSION (it was changed since `version`), CONNECTIONLOSS with a `version`, as `update` does; RangeError, TimeoutError, the signal's reason (it may have been set), what the codec throws
   */
  async set(value: T, options: SetValueOptions = {}): Promise<number> {
    const { version, ...wait } = options
    if (version !== undefined && !(Number.isInteger(version) && version >= 0))
      throw new RangeError(
        `Invalid version ${describe(version)}: pass the one that get() gave, or none for any`,
      )
    const data = this.#options.codec.encode(value)
    const write: Write | undefined = version === undefined ? undefined : { data, version, isSent: false }
    if (write !== undefined) {
      return this.#within('set', wait, (zk, signal) => compareAndSet(zk, this.path, write, signal)).catch(
        (error: unknown) => this.#unlessUnknown(error, write),
      )
    }
    return this.#within('set', wait, async (zk, signal) => {
      return (await this.#whereIs(zk, signal, () => zk.setData(this.path, data, -1, { signal }))).version
    })
  }

  /**
   * Replaces it by what the function makes of it, and resolves to that. The function is called again with the newer value whenever
   * somebody else was faster, so it should do nothing else.
   * @throws KeeperException CONNECTIONLOSS if the connection broke and nobody can know whether the change was made: read the value;
   * TimeoutError, the signal's reason (it may have been made), what the function and the codec throw
   */
  update(change: (value: T) => T, options: WaitOptions = {}): Promise<T> {
    // Outlives the session: what was sent in one is looked for in the next.
    let last: { readonly changed: T; readonly write: Write } | undefined
    return this.#within('update', options, async (zk, signal) => {
      const pauses = new Pauses(zk, { firstPauseMs: 1 })
      for (;;) {
        last ??= await this.#change(zk, change, signal)
        const { changed, write } = last
        try {
          await compareAndSet(zk, this.path, write, signal)
          return changed
        } catch (error) {
          if (!isKeeperException(error, 'BADVERSION') && !isKeeperException(error, 'NONODE')) throw error
        }
        last = undefined
        await pauses.next(signal)
      }
    }).catch((error: unknown) => this.#unlessUnknown(error, last?.write))
  }

  /** An end of the session says nothing about a change that was sent before. */
  #unlessUnknown(error: unknown, write: Write | undefined): never {
    throw write?.isSent === true && isSessionFatal(error) ? unknownOutcome(this.path, error) : error
  }

  async #change(
    zk: ZooKeeper,
    change: (value: T) => T,
    signal: AbortSignalLike | undefined,
  ): Promise<{ readonly changed: T; readonly write: Write }> {
    const { value, version } = await this.#read(zk, signal)
    const changed = change(value)
    return { changed, write: { data: this.#options.codec.encode(changed), version, isSent: false } }
  }

  async #read(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<VersionedValue<T>> {
    const { codec, initial } = this.#options
    const { data, stat } = await this.#whereIs(zk, signal, () => zk.getData(this.path, { signal }))
    return { value: data === null ? initial : codec.decode(data), version: stat.version }
  }

  /** Does something with the znode, which is created first if it is missing. */
  async #whereIs<R>(zk: ZooKeeper, signal: AbortSignalLike | undefined, call: () => Promise<R>): Promise<R> {
    const { codec, initial, acl } = this.#options
    return persist(
      zk,
      async () => {
        for (let races = 0; ; races++) {
          try {
            return await call()
          } catch (error) {
            if (!isKeeperException(error, 'NONODE') || races === MAX_RACES) throw error
          }
          await zk.createAll(this.path, codec.encode(initial), { acl, signal })
        }
      },
      signal,
    )
  }

  #within<R>(
    verb: string,
    options: WaitOptions,
    work: (zk: ZooKeeper, signal: AbortSignalLike | undefined) => Promise<R>,
  ): Promise<R> {
    return within(this.#client, options, `${verb} the value at ${this.path}`, work)
  }
}

/**
 * Sets the data if the version is this one, once: when a reply was lost, version and data can tell that the change was not made, and
 * never that it was, because somebody else may have made the very same. Resolves to the new version.
 */
async function compareAndSet(
  zk: ZooKeeper,
  path: string,
  write: Write,
  signal: AbortSignalLike | undefined,
): Promise<number> {
  const { data, version } = write
  const pauses = new Pauses(zk)
  for (;;) {
    try {
      if (write.isSent && !(await isUnchanged(zk, path, write, signal))) break
      write.isSent = true
      return (await zk.setData(path, data, version, { signal })).version
    } catch (error) {
      if (!isRetryable(error)) throw error
    }
    await pauses.next(signal)
  }
  throw unknownOutcome(path)
}

function unknownOutcome(path: string, cause?: unknown): KeeperException {
  const detail = 'the reply was lost, and nobody can know whether this has changed the value: read it'
  return new KeeperException('CONNECTIONLOSS', path, { detail, cause })
}

/** @throws KeeperException BADVERSION if the change was certainly made by somebody else */
async function isUnchanged(
  zk: ZooKeeper,
  path: string,
  { data, version }: Write,
  signal: AbortSignalLike | undefined,
): Promise<boolean> {
  await zk.sync(path, { signal })
  const { data: found, stat } = await zk.getData(path, { signal })
  if (stat.version === version) return true
  if (stat.version === version + 1 && !bytesEqual(found ?? NO_DATA, data))
    throw new KeeperException('BADVERSION', path)
  return false
}
