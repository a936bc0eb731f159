/** What a subject of the differential waits for, and how it keeps servers alike where they differ on purpose. */
import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeReply } from '../../src/protocol/codec.js'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import { InProcessCnxn } from '../../verify/differential/in-process-cnxn.js'
import type { Sights, Step } from '../../verify/differential/step.js'
import { Subject } from '../../verify/differential/subject.js'
import { startInProcess } from '../../verify/differential/subjects.js'
import { WireCnxn } from '../../verify/differential/wire-cnxn.js'
import { DEAF, frame, listenOn } from './broken-server.js'

const PASSWORD = new Uint8Array(16)
const HANDSHAKE = { timeoutMs: 1, lastZxidSeen: 0, sessionId: 0n, password: PASSWORD }
const RESPONSE = { timeoutMs: 1, sessionId: 1n, password: PASSWORD }
const REFUSAL = { xid: 1, zxid: -1, code: 'UNIMPLEMENTED', response: undefined } as const
const open = (slot: number, timeoutMs = 120_000): Step => ({ do: 'open', slot, timeoutMs })
const exists = (slot: number): Step => ({
  do: 'send',
  slot,
  requests: [{ type: 'exists', path: '/a', watch: true }],
})
const CREATE: Step = {
  do: 'send',
  slot: 0,
  requests: [
    {
      type: 'create',
      path: '/a',
      data: null,
      acl: [{ scheme: 'world', id: 'anyone', perms: 31 }],
      mode: 'PERSISTENT',
      ttlMs: -1,
    },
  ],
}
const WRONG: Step = { do: 'resume', slot: 1, password: 'wrong', seen: 'last' }

async function acceptedBy(server: Server): Promise<Socket> {
  const [socket]: Socket[] = await once(server, 'connection')
  if (socket === undefined) throw new Error('Nobody came')
  return socket
}

async function runAll(subject: Subject, steps: readonly Step[]): Promise<readonly Sights[]> {
  const seen: Sights[] = []
  for (const step of steps) seen.push(await subject.run(step))
  return seen
}

describe('a connection over TCP that is cut', () => {
  it('is over when the server has ended its side, too', async () => {
    const lines: string[] = []
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume())
    const cnxn = new WireCnxn(await listenOn(server), DEAF)
    cnxn.connect(HANDSHAKE)
    const socket = await acceptedBy(server)

    const cutting = cnxn.cut().then(() => lines.push('cut'))
    await once(socket, 'end')
    lines.push('noticed')
    socket.end()
    await cutting

    expect([lines, cnxn.isOpen]).toEqual([['noticed', 'cut'], false])
  })
})

describe('a connection over TCP that is told off', () => {
  it('is not settled before the server has closed it', async () => {
    const lines: string[] = []
    const replied = new EventEmitter()
    const server = createServer()
    const cnxn = new WireCnxn(await listenOn(server), {
      ...DEAF,
      reply: (type, { code }) => {
        lines.push(`${type} ${code}`)
        replied.emit('reply')
      },
      closed: () => void lines.push('closed'),
    })
    cnxn.connect(HANDSHAKE)
    const socket = await acceptedBy(server)
    socket.write(frame((out) => writeConnectResponse(out, RESPONSE, { hasReadOnlyByte: true })))
    await cnxn.settled()

    cnxn.send([{ type: 'unknown', opCode: 9_999 }])
    const settling = cnxn.settled().then(() => lines.push('settled'))
    const reply = once(replied, 'reply')
    socket.write(frame((out) => encodeReply(out, REFUSAL)))
    await reply
    socket.end()
    await settling

    expect(lines).toEqual(['unknown UNIMPLEMENTED', 'closed', 'settled'])
  })
})

describe('a subject', () => {
  it('cuts the owner off after a wrong password, as the real server does', async () => {
    const { subject } = startInProcess()
    onTestFinished(() => subject.close())

    const seen = await runAll(subject, [open(0), open(1), exists(1), WRONG, CREATE])

    expect(seen[3]).toEqual(new Map([[1, ['refused', 'closed']]]))
    expect(seen[4]?.has(1)).toBe(false)
  })

  it('leaves a session alone that could not expire soon, or that nobody would miss', async () => {
    const expired: bigint[] = []
    const { zoo } = startInProcess()
    const subject = new Subject('one', {
      dial: (events) => new InProcessCnxn(zoo, events),
      end: () => zoo.close(),
      expire: (sessionId) => void expired.push(sessionId),
    })
    onTestFinished(() => subject.close())
    const expire = (slot: number): Step => ({ do: 'expire', slot })

    await runAll(subject, [open(0, 0), { do: 'cut', slot: 0 }, expire(0)])
    await runAll(subject, [open(1), expire(1), { do: 'cut', slot: 1 }, open(2), expire(1)])
    expect(expired).toEqual([])
    await runAll(subject, [expire(0), expire(0)])

    expect(expired).toHaveLength(1)
  })
})
