/**
 * Streams of a party: lasting watches that are read with `for await`. Beside what every lasting watch is owed: each change after
 * `ready` is told or lies in a gap; there is at most one gap a reconnection, and after it nothing from before its end; who leaves hears
 * nothing more, and who does not is told of the end of the client by an error.
 */
import {
  isKeeperException,
  type WatchItem,
  type WatchReport,
  type WatchStream,
  type ZooKeeper,
} from '../../src/index.js'
import type { Notification } from '../../src/protocol/message.js'
import { DueEvents } from './due-events.js'
import type { Trigger } from './triggers.js'
import type { Witness } from './witness.js'

/** As much of a client as streams need. */
export interface StreamClient extends Pick<ZooKeeper, 'chroot' | 'state'> {
  watch(
    path: string,
    options: { readonly recursive: boolean },
  ): Pick<WatchStream, 'ready' | 'next' | 'return'>
}

interface Owed {
  readonly key: string
  readonly zxid: bigint
}

/** One stream. */
class WatchedStream {
  readonly due: DueEvents
  readonly #stream: Pick<WatchStream, 'ready' | 'next' | 'return'>
  readonly #isRecursive: boolean
  readonly #witness: Witness
  #owed: Owed[] = []
  #gapEnd = -1n
  #gapConnection = 1
  stage: 'asked for' | 'set' | 'left' | 'ended' = 'asked for'

  constructor(zk: StreamClient, path: string, isRecursive: boolean, witness: Witness) {
    this.due = new DueEvents('stream', { path, isRecursive, chroot: zk.chroot }, witness)
    this.#stream = zk.watch(path, { recursive: isRecursive })
    this.#isRecursive = isRecursive
    this.#witness = witness
  }

  get ready(): Promise<void> {
    return this.#stream.ready
  }

  isReportedBy({ path, modes }: WatchReport): boolean {
    return path === this.due.serverPath && modes.includes(this.#isRecursive ? 'recursive' : 'persistent')
  }

  /** Something has happened, whether or not it is told. */
  happened(trigger: Trigger, zxid: number): void {
    if (this.stage === 'set' && this.due.matches(trigger))
      this.#owed.push({ key: this.due.keyOf(trigger, zxid), zxid: BigInt(zxid) })
  }

  /** What came after this has never happened. */
  undone(zxid: number): void {
    this.#owed = this.#owed.filter((owed) => owed.zxid <= zxid)
  }

  leave(): Promise<unknown> {
    this.stage = 'left'
    return this.#stream.return()
  }

  /** Reads until there is nothing more. `connections` says how often the client was told that it is connected. */
  async read(connections: () => number): Promise<void> {
    for (;;) {
      const { done, value } = await this.#stream.next()
      if (done === true) return
      this.#take(value, connections())
    }
  }

  /** The first change of which it will never hear. */
  get missed(): string | undefined {
    return this.stage === 'set' ? this.#owed[0]?.key : undefined
  }

  #take(item: WatchItem, connection: number): void {
    const { name } = this.due
    if (this.stage === 'left') this.#witness.fault(`A8: ${name} goes on though its reader has left`)
    if (item.kind === 'gap') {
      const { fromZxid, toZxid } = item
      this.#witness.called(`${name} has a gap from ${fromZxid} to ${toZxid}`)
      if (connection === this.#gapConnection)
        this.#witness.fault(`A8: ${name} has a gap without a reconnection`)
      if (toZxid < fromZxid) this.#witness.fault(`A8: ${name} has a gap from ${fromZxid} to ${toZxid}`)
      this.#gapConnection = connection
      this.#gapEnd = toZxid
      this.#owed = this.#owed.filter(({ zxid }) => zxid <= fromZxid || zxid > toZxid)
      return
    }
    const { type, path, zxid } = item
    this.#witness.called(`${name} ${type} ${path}`)
    this.#witness.count('streamed')
    this.due.told(item)
    if (zxid > 0n && zxid <= this.#gapEnd)
      this.#witness.fault(`A8: ${type} ${path} ${zxid} for ${name}, after its gap up to ${this.#gapEnd}`)
    const key = `${type} ${path} ${zxid}`
    const at = this.#owed.findIndex((owed) => owed.key === key)
    if (at >= 0) this.#owed.splice(at, 1)
  }
}

/** All of a party. */
export class StreamWatches {
  readonly #zk: StreamClient
  readonly #witness: Witness
  #streams: WatchedStream[] = []
  #connections = 0

  constructor(zk: StreamClient, witness: Witness) {
    this.#zk = zk
    this.#witness = witness
  }

  get isEmpty(): boolean {
    return this.#streams.length === 0
  }

  /** The client was told that it is connected. */
  connected(): void {
    this.#connections += 1
  }

  /** An event has come, and is not delivered yet. */
  arrived(event: Notification): void {
    for (const { due, stage } of this.#streams) due.arrived(event, stage === 'set')
  }

  /** The server has changed something that this client may know of. */
  happened(trigger: Trigger, zxid: number): void {
    for (const stream of this.#streams) stream.happened(trigger, zxid)
  }

  /** The server has gone back to this zxid: what came after it has never happened. */
  undone(zxid: number): void {
    for (const stream of this.#streams) stream.undone(zxid)
  }

  /** Everything is at rest. */
  checkDelivered(): void {
    for (const { due } of this.#streams) due.checkDelivered()
  }

  /** What was neither told nor lies in a gap, though all is well again. */
  findMissed(): string[] {
    return this.#streams.flatMap(({ missed, due }) =>
      missed === undefined ? [] : [`${due.name} has neither ${missed} nor a gap`],
    )
  }

  /** Those that are set, and that the server does not have. */
  findUnwatched(reports: readonly WatchReport[]): string[] {
    return this.#streams
      .filter((stream) => stream.stage === 'set' && !reports.some((report) => stream.isReportedBy(report)))
      .map(({ due }) => due.name)
  }

  /** Those that still wait, though there will be nothing more. */
  findUntold(): string[] {
    return this.#streams
      .filter(({ stage }) => stage === 'set')
      .map(({ due }) => `${due.name} was never told of the end`)
  }

  /** Opens one, and reads it to its end. */
  async open(path: string, { isRecursive }: { readonly isRecursive: boolean }): Promise<void> {
    const stream = new WatchedStream(this.#zk, path, isRecursive, this.#witness)
    this.#streams.push(stream)
    const reading = stream.read(() => this.#connections)
    reading.then(
      () => this.#ended(stream, undefined),
      (error: unknown) => this.#ended(stream, error),
    )
    await stream.ready
    if (stream.stage === 'asked for') stream.stage = 'set'
  }

  /** Leaves the oldest one that is set; nothing if there is none. */
  async leaveOldest(): Promise<void> {
    await this.#streams.find(({ stage }) => stage === 'set')?.leave()
  }

  #ended(stream: WatchedStream, error: unknown): void {
    const { stage, due } = stream
    this.#witness.note(`${due.name} ends with ${error}`)
    if (stage === 'set' && !(this.#isOver && isKeeperException(error)))
      this.#witness.fault(`A8: ${due.name} ends with ${error}, though nobody has left it`)
    if (stage === 'left' && error !== undefined)
      this.#witness.fault(`A8: ${due.name} was left, and ends with ${error}`)
    stream.stage = 'ended'
    this.#streams = this.#streams.filter((each) => each !== stream)
  }

  get #isOver(): boolean {
    return this.#zk.state === 'CLOSED' || this.#zk.state === 'AUTH_FAILED'
  }
}
