/** ClientScene: a client on virtual time, its servers, and all that was promised to whoever uses it. */

import { isKeeperException, type WatchedEvent, type ZooKeeper } from '../../../src/index.js'
import { encodeReply } from '../../../src/protocol/codec.js'
import { JuteWriter } from '../../../src/protocol/jute.js'
import { Stat } from '../../../src/protocol/stat.js'
import { completeRemoteOptions, connectRemote } from '../../../src/remote-client.js'
import { VirtualClock } from '../../../src/testing/index.js'
import { BrokenLaw, nextTurn, requireLaw, requireNone } from '../target.js'
import { CLIENT_CALLS } from './client-calls.js'
import { HostileLink } from './hostile-link.js'

/** A bit of the flags: the client sees the tree from `/w` down. */
export const CHROOT = 4

const SESSION_TIMEOUT_MS = 10_000
/** Of the virtual time; between two steps the client has a turn. */
const STEP_MS = 2000
/** Many more than a client needs: it dials about ten times until it is closed. */
const MOST_LINKS = 200

/** One client. */
export class ClientScene {
  readonly #clock = new VirtualClock()
  readonly #links: HostileLink[] = []
  readonly #errors: unknown[] = []
  readonly #hasChroot: boolean
  #zk: ZooKeeper | undefined
  #unsettled = 0
  #isOver = false

  constructor(flags: number) {
    this.#hasChroot = (flags & CHROOT) !== 0
    const settings = completeRemoteOptions({
      clock: this.#clock,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      watcher: this.#watcher,
      randomBytes: (length) => new Uint8Array(length).fill(1),
      ...(this.#hasChroot ? { chroot: '/w' } : {}),
    })
    const open = (events: ConstructorParameters<typeof HostileLink>[0]): HostileLink => {
      const link = new HostileLink(events, { isHonest: this.#links.length > 0 })
      this.#links.push(link)
      return link
    }
    const isOver = (): void => {
      this.#isOver = true
    }
    const connecting = connectRemote([{ name: 'the hostile server', open }], settings, isOver)
    this.#follow(connecting.then((zk) => this.#connected(zk)))
  }

  /** The link stands, and the client has sent its handshake. */
  async dialled(): Promise<void> {
    await nextTurn()
  }

  /** An honest answer to the handshake, and to the question whether the chroot exists. */
  async welcome(): Promise<void> {
    this.#links[0]?.welcome()
    await nextTurn()
    if (this.#hasChroot) this.say(chrootReply())
  }

  say(bytes: Uint8Array): void {
    this.#links[0]?.say(bytes)
  }

  hangUp(): void {
    this.#links[0]?.hangUp()
  }

  /** Makes every call, from this one on, if there is a client. */
  call(first: number): void {
    const zk = this.#zk
    if (zk === undefined) return
    for (let i = 0; i < CLIENT_CALLS.length; i++) {
      const call = CLIENT_CALLS[(first + i) % CLIENT_CALLS.length]
      if (call !== undefined) this.#follow(call.make(zk, this.#watcher))
    }
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.#clock.advance(STEP_MS)
      await nextTurn()
    }
  }

  close(): void {
    if (this.#zk !== undefined) this.#follow(this.#zk.close())
  }

  /** @throws BrokenLaw */
  check(): void {
    requireNone(this.#errors, 'calls fail with a KeeperException, and watchers hear what they may')
    requireLaw(this.#unsettled === 0, 'every call settles', () => `${this.#unsettled} have not`)
    requireLaw(
      this.#links.every(({ isDestroyed }) => isDestroyed),
      'a client that is over has no link',
    )
    requireLaw(this.#clock.pendingTimers === 0, 'a client that is over has no timer')
    requireLaw(this.#isOver, 'a client says that it is over')
    requireLaw(this.#links.length < MOST_LINKS, 'a client dials with pauses')
  }

  #connected(zk: ZooKeeper): void {
    this.#zk = zk
    zk.on('watcherError', (error) => void this.#errors.push(error))
  }

  #follow(promise: Promise<unknown>): void {
    this.#unsettled += 1
    promise.then(
      () => {
        this.#unsettled -= 1
      },
      (error: unknown) => {
        this.#unsettled -= 1
        if (!isKeeperException(error)) this.#errors.push(error)
      },
    )
  }

  readonly #watcher = ({ type, path }: WatchedEvent): void => {
    if (type !== 'None' && !path?.startsWith('/'))
      throw new BrokenLaw('an event has an absolute path', `${path}`)
  }
}

/** The first request of a client with a chroot has the xid 1. */
function chrootReply(): Uint8Array {
  const stat = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)
  const out = new JuteWriter()
  out.frame(() => encodeReply(out, { xid: 1, zxid: 1, code: 'OK', response: { type: 'stat', stat } }))
  return out.take()
}
