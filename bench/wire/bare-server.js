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

const clients = new Set()
const server = createServer((socket) => {
  clients.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clients.delete(socket))
  // Each of these clients writes whole frames.
  socket.on('data', (chunk) => {
    for (let at = 0; at < chunk.length; at += LENGTH_BYTES + chunk.readInt32BE(at)) socket.write(ANSWER)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
if (typeof address !== 'object' || address === null) throw new Error('It listens on no port')
await watchTurns(address.port, () => ({ clients: clients.size }))
