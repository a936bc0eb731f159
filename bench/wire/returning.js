/** Many clients on sockets, each with a session and watches, that all lose their connections and all come back at once. */
import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { handshake, setDataWatches } from './requests.js'

const TIMEOUT_MS = 40_000
/** Length, version and timeout come before the id and the password. */
const SESSION_AT = 12
const SESSION_BYTES = 8 + 4 + 16
const LENGTH_BYTES = 4

/** Our own server, and one that does nothing but answer. */
export const WATCHED_SERVER = 'watched-server.js'
export const BARE_SERVER = 'bare-server.js'

/**
 * The longest time in milliseconds for which the server's event loop was held while they came back.
 * @param {string} server
 * @param {{ clients: number, watchesEach: number }} size
 */
export async function comeBackOverTcp(server, { clients, watchesEach }) {
  const child = fork(new URL(server, import.meta.url))
  const [{ port }] = await once(child, 'message')
  const watches = setDataWatches(
    1,
    Array.from({ length: watchesEach }, (_, i) => `/w${i}`),
  )
  /** @type {Cnxn[]} */
  const first = []
  while (first.length < clients) {
    const cnxn = new Cnxn(port)
    await cnxn.ask(handshake(TIMEOUT_MS), 1)
    first.push(cnxn)
  }
  for (const cnxn of first) cnxn.destroy()
  await ask(child)
  const back = first.map((cnxn) => ({ cnxn: new Cnxn(port), session: cnxn.session }))
  await Promise.all(
    back.map(({ cnxn, session }) => cnxn.ask(Buffer.concat([handshake(TIMEOUT_MS, session), watches]), 2)),
  )
  const { longestMs, clients: returned } = await ask(child)
  for (const { cnxn } of back) cnxn.destroy()
  child.kill('SIGKILL')
  if (returned !== clients) throw new Error(`${returned} came back, not ${clients}: nothing was measured`)
  return longestMs
}

/** @param {import('node:child_process').ChildProcess} child */
async function ask(child) {
  child.send('')
  const [answer] = await once(child, 'message')
  return answer
}

/** Keeps what the handshake said of the session, and counts frames. Like a real client it tries again when it is reset. */
class Cnxn {
  #port
  #socket
  #received = Buffer.alloc(0)
  /** @type {Uint8Array} */
  #request = Buffer.alloc(0)
  #wanted = 0
  #resolve = () => {}
  session = Buffer.alloc(0)

  /** @param {number} port */
  constructor(port) {
    this.#port = port
    this.#socket = this.#open()
  }

  /** @param {Uint8Array} bytes @param {number} frames */
  async ask(bytes, frames) {
    this.#request = bytes
    this.#wanted = frames
    const done = new Promise((resolve) => {
      this.#resolve = () => resolve(undefined)
    })
    this.#socket.write(bytes)
    await done
  }

  destroy() {
    this.#socket.destroy()
  }

  #open() {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {
      socket.destroy()
      if (this.#wanted > 0) this.#openAgain()
    })
    return socket
  }

  /** Nothing was answered: the system had more connections to hand over than it could keep. */
  #openAgain() {
    this.#socket = this.#open()
    this.#socket.write(this.#request)
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      if (this.#received.length < LENGTH_BYTES) return
      const end = LENGTH_BYTES + this.#received.readInt32BE()
      if (this.#received.length < end) return
      if (this.session.length === 0)
        this.session = Buffer.from(this.#received.subarray(SESSION_AT, SESSION_AT + SESSION_BYTES))
      this.#received = this.#received.subarray(end)
      this.#wanted -= 1
      if (this.#wanted === 0) this.#resolve()
    }
  }
}
