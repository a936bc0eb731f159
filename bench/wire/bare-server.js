/** The least that a server in Node can do for clients that come back: it answers each frame with one. Watched like our own in watched-server.js. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { watchTurns } from './watch-turns.js'

const LENGTH_BYTES = 4
/** As many bytes as the answer to a handshake has; what is in it does not matter. */
const ANSWER_BYTES = 37
const ANSWER = Buffer.alloc(LENGTH_BYTES + ANSWER_BYTES)
ANSWER.writeInt32BE(ANSWER_BYTES)

/** Those who have come back: they say two things at once. */
let clients = 0
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  // Each of these clients writes whole frames.
  socket.on('data', (chunk) => {
    let frames = 0
    for (let at = 0; at < chunk.length; at += LENGTH_BYTES + chunk.readInt32BE(at)) {
      socket.write(ANSWER)
      frames += 1
    }
    if (frames > 1) clients += 1
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
if (typeof address !== 'object' || address === null) throw new Error('It listens on no port')
await watchTurns(address.port, () => ({ clients }))
