/**
 * Clients that leave a watch and stop reading, against `zoolet serve`: its memory stays within its bound, those clients are
 * closed while their sessions live, and whoever reads goes on. A real server ends with no memory left.
 */
import { readFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { connect } from '../../src/node/index.js'
import { encodeRequest } from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse, writeConnectRequest } from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
import type { ConnectResponse } from '../../src/protocol/message.js'
import { type ServeProcess, startServe } from './peer.js'

interface Reader {
  readonly socket: Socket
  readonly session: ConnectResponse
}

interface Writes {
  readonly peakMib: number
  /** Of a hundred writes, the time that the slowest took, in ms. */
  readonly slowMs: number
}

/** So long that few events fill a buffer. */
const PATH = `/${'a'.repeat(3000)}`
/** Enough to put even the last reader over its own bound. */
const WRITES = 16_000
/** What a listener lets wait for all clients (128 MiB), twice over for what the collector has not taken back, and some room. */
const BOUND_MIB = 320
const LONGEST_WRITE_MS = 50
const KIB_A_MIB = 1024

describe.each([20, 200])('%i clients that stop reading', (count) => {
  it('are closed; memory, their sessions and everybody else are safe', async () => {
    const server = await startServe(['--max-client-cnxns', '0', '--four-letter-words', '*'])
    onTestFinished(async () => void (await server.stop()))
    const [writer, bystander] = [await connect(server.connectString), await connect(server.connectString)]
    await writer.create(PATH)
    const readers = await Promise.all(Array.from({ length: count }, () => watchAndStopReading(server)))
    const beforeMib = memoryMib(server)

    const { peakMib, slowMs } = await write(writer, server)

    expect(peakMib - beforeMib, `${peakMib} MiB at the peak, ${beforeMib} before`).toBeLessThan(BOUND_MIB)
    expect(slowMs, 'ms for the slowest of a hundred writes').toBeLessThan(LONGEST_WRITE_MS)
    expect((await bystander.exists(PATH))?.version).toBe(WRITES)
    expect(await connectionsOf(server), 'only those that read, and the one that asks').toBe(3)
    const [first] = readers
    const resumed = await connect(server.connectString, { session: savedSession(first) })
    expect(resumed.sessionId).toBe(first?.session.sessionId)
    process.stdout.write(
      `${count} slow readers: ${beforeMib.toFixed(0)} MiB before, ${peakMib.toFixed(0)} at the peak\n`,
    )
    for (const { socket } of readers) socket.destroy()
    await Promise.all([writer, bystander, resumed].map((zk) => zk.close()))
    expect((await server.stop()).code).toBe(0)
  })
})

async function write(writer: ZooKeeper, server: ServeProcess): Promise<Writes> {
  const times: number[] = []
  let peakMib = 0
  for (let i = 0; i < WRITES; i++) {
    const startMs = performance.now()
    await writer.setData(PATH, 'x')
    times.push(performance.now() - startMs)
    if (i % 100 === 0) peakMib = Math.max(peakMib, memoryMib(server))
  }
  times.sort((a, b) => a - b)
  return { peakMib, slowMs: times[Math.floor(times.length * 0.99)] ?? 0 }
}

/** A session with a watch on everything below the path, which then reads no more. */
function watchAndStopReading({ port }: ServeProcess): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1')
    const splitter = new FrameSplitter(KIB_A_MIB * KIB_A_MIB)
    let session: ConnectResponse | undefined
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      splitter.push(chunk)
      for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) {
        if (session === undefined) session = readConnectResponse(new JuteReader(frame))
        else {
          socket.pause()
          resolve({ socket, session })
        }
      }
    })
    const out = new JuteWriter()
    const fresh = { lastZxidSeen: 0, timeoutMs: 40_000, sessionId: 0n, password: new Uint8Array(16) }
    out.frame(() => writeConnectRequest(out, fresh))
    out.frame(() => encodeRequest(out, 1, { type: 'addWatch', path: PATH, mode: 'PERSISTENT_RECURSIVE' }))
    socket.write(out.take())
  })
}

function savedSession(reader: Reader | undefined): { readonly id: bigint; readonly password: Uint8Array } {
  if (reader === undefined) throw new Error('there is no reader')
  return { id: reader.session.sessionId, password: reader.session.password }
}

function memoryMib({ pid }: ServeProcess): number {
  const [, kib = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / KIB_A_MIB
}

async function connectionsOf({ port }: ServeProcess): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    let answer = ''
    const socket = connectSocket(port, '127.0.0.1', () => socket.write('mntr'))
    socket.setEncoding('utf8').on('data', (part: string) => {
      answer += part
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
  return Number(/zk_num_alive_connections\t(\d+)/.exec(text)?.[1])
}
