/** One connection of the load: sends what is encoded already, and counts the frames that come back. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { handshake } from './requests.js'

const TIMEOUT_MS = 40_000

/** Connected, with a session. @param {number} port */
export async function openCnxn(port) {
  const cnxn = new Cnxn(port)
  await cnxn.send(handshake(TIMEOUT_MS), 1)
  return cnxn
}

class Cnxn {
  #socket
  #wanted = 0
  #resolve = () => {}
  /** Bytes of the frame under way that are still to come, and the bytes of a length that is not complete. */
  #missing = 0
  #length = Buffer.alloc(4)
  #lengthBytes = 0

  /** @param {number} port */
  constructor(port) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk) => this.#received(chunk))
  }

  /** Sends bytes and resolves once so many frames have come back. @param {Uint8Array} bytes @param {number} frames */
  async send(bytes, frames) {
    const done = new Promise((resolve) => {
      this.#resolve = () => resolve(undefined)
    })
    this.#wanted += frames
    this.#socket.write(bytes)
    await done
  }

  async close() {
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  /** @param {Buffer} chunk */
  #received(chunk) {
    let at = 0
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, chunk.length - at)
        this.#missing -= taken
        at += taken
        if (this.#missing === 0) this.#counted()
        continue
      }
      this.#length[this.#lengthBytes++] = chunk[at++] ?? 0
      if (this.#lengthBytes < 4) continue
      this.#lengthBytes = 0
      this.#missing = this.#length.readInt32BE()
    }
  }

  #counted() {
    this.#wanted -= 1
    if (this.#wanted === 0) this.#resolve()
  }
}
