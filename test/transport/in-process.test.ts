/**
 * The in-process transport by itself: it carries messages in order and both ways, and does to
 * a link what tests ask for. Nothing passes once a link is closed.
 */
import { describe, expect, it, vi } from 'vitest'
import { Stat } from '../../src/index.js'
import {
  type ConnectRequest,
  type ConnectResponse,
  DONE,
  type Reply,
  type Request,
  type Response,
} from '../../src/protocol/message.js'
import { InProcessDialer } from '../../src/transport/in-process.js'
import type { ClientEnd, ClientEvents, ServerEnd } from '../../src/transport/transport.js'

const HANDSHAKE: ConnectRequest = {
  lastZxidSeen: 0,
  timeoutMs: 1000,
  sessionId: 0n,
  password: new Uint8Array(16),
}
const SYNC: Request = { type: 'sync', path: '/' }
const STAT = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)

describe('a link that is up', () => {
  it('hands the handshake over at once, and tells the server where it comes from', () => {
    const { end, server } = startLink()

    end.connect(HANDSHAKE)

    expect(server.log).toEqual(['attached 10.0.0.1 local', 'connect'])
  })

  it('carries requests and replies as they are, in plain calls', () => {
    const { end, server, client } = startConnected()
    const reply: Reply = { xid: 1, zxid: 5, code: 'OK', response: { type: 'path', path: '/' } as const }

    end.send(1, SYNC)
    server.end?.reply(reply)
    server.end?.notify({ type: 'NodeCreated', path: '/a', zxid: 6 })

    expect(server.received).toEqual([SYNC])
    expect(client.replies[0]).toBe(reply)
    expect(client.log).toEqual(['connected', 'reply 1', 'notify /a'])
  })

  it('carries nothing before the handshake', () => {
    const { end, server } = startLink()

    end.send(1, SYNC)

    expect(server.log).toEqual([])
  })

  it('hands the handshake over once', () => {
    const { dialer, server } = startConnected()

    dialer.raise()

    expect(server.log).toEqual(['attached 10.0.0.1 local', 'connect'])
  })
})

describe('a question', () => {
  it('reaches the server while the link is up, and only then', () => {
    const { dialer, end, server } = startLink()
    const early = end.ask?.(SYNC)
    end.connect(HANDSHAKE)
    const asked = end.ask?.(SYNC)
    dialer.cut()

    expect([early, asked, end.ask?.(SYNC)]).toEqual([undefined, DONE, undefined])
    expect([server.received, end.lastZxid]).toEqual([[SYNC], 7])
  })

  it('is not for servers that answer later', () => {
    const { end, server } = startLink()
    server.canBeAsked = false
    end.connect(HANDSHAKE)

    expect(end.ask?.(SYNC)).toBe(undefined)
  })
})

describe('bytes that are handed out', () => {
  // The data of znodes is copied where it is kept; test/semantics/operations/aliasing.test.ts has that.
  it('are made when they are asked for: the password of the handshake', () => {
    const { server, client } = startLinkConnecting()
    const makePassword = vi.fn(() => new Uint8Array(16).fill(7))

    server.end?.connected({
      timeoutMs: 1000,
      sessionId: 1n,
      get password() {
        return makePassword()
      },
    })

    expect(makePassword).not.toHaveBeenCalled()
    expect(client.response?.password).toEqual(new Uint8Array(16).fill(7))
  })

  it('are null where the data is null', () => {
    const { server, client } = startConnected()
    const response: Response = { type: 'data', data: null, stat: STAT }

    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response })

    expect(client.replies[0]?.response).toEqual(response)
  })
})

describe('a link that ends', () => {
  it('because the client hangs up tells the server, and the client nothing', () => {
    const { end, server, client } = startConnected()

    end.close()
    end.close()

    expect(server.log.at(-1)).toBe('closed')
    expect(client.log).toEqual(['connected'])
  })

  it('because the server hangs up tells the client, and the server nothing', () => {
    const { server, client } = startConnected()

    server.end?.close()
    server.end?.close()

    expect(client.log).toEqual(['connected', 'disconnected'])
    expect(server.log.at(-1)).toBe('connect')
  })

  it('because it is cut tells both', () => {
    const { dialer, server, client } = startConnected()

    dialer.cut()
    dialer.cut()

    expect(client.log).toEqual(['connected', 'disconnected'])
    expect(server.log.at(-1)).toBe('closed')
  })

  it.each(['close', 'hangUp', 'cut'] as const)('by %s carries nothing more, either way', (how) => {
    const { dialer, end, server, client } = startConnected()
    if (how === 'close') end.close()
    else if (how === 'hangUp') server.end?.close()
    else dialer.cut()
    const told = client.log.length

    end.send(1, SYNC)
    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response: undefined })
    server.end?.notify({ type: 'NodeCreated', path: '/a', zxid: 1 })
    server.end?.connected({ timeoutMs: 1, sessionId: 1n, password: new Uint8Array(16) })
    server.end?.close()
    end.close()

    expect(server.received).toEqual([])
    expect(client.log.length).toBe(told)
  })
})

describe('a link that is held down', () => {
  it('lets a dial wait for its answer until it is raised', () => {
    const { dialer, end, server } = startLink()
    dialer.cut()

    end.connect(HANDSHAKE)
    const before = [...server.log]
    dialer.raise()

    expect(before).toEqual([])
    expect(server.log).toEqual(['attached 10.0.0.1 local', 'connect'])
  })

  it('lets a dial go on waiting when it is cut again', () => {
    const { dialer, end, server, client } = startLink()
    dialer.cut()
    end.connect(HANDSHAKE)

    dialer.cut()
    dialer.raise()

    expect(client.log).toEqual([])
    expect(server.log).toEqual(['attached 10.0.0.1 local', 'connect'])
  })

  it('does not answer a dial that was given up meanwhile', () => {
    const { dialer, end, server } = startLink()
    dialer.cut()
    end.connect(HANDSHAKE)

    end.close()
    dialer.raise()

    expect(server.log).toEqual([])
  })

  it('before anything was dialled answers nobody', () => {
    const { dialer, server } = startLink({ isDialled: false })

    dialer.cut()
    dialer.raise()
    dialer.loseReply(1)

    expect(server.log).toEqual([])
  })
})

describe('a reply that is to be lost', () => {
  it('cuts the link in its place, after the server has answered; events still pass before it', () => {
    const { dialer, end, server, client } = startConnected()
    dialer.loseReply(1)

    end.send(1, SYNC)
    server.end?.notify({ type: 'NodeCreated', path: '/a', zxid: 1 })
    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response: undefined })

    expect(client.log).toEqual(['connected', 'notify /a', 'disconnected'])
    expect(server.log.at(-1)).toBe('closed')
  })

  it('is the one with its xid, not those before it', () => {
    const { dialer, end, server, client } = startConnected()
    end.send(1, SYNC)
    dialer.loseReply(2)
    end.send(2, SYNC)

    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response: undefined })
    server.end?.reply({ xid: 2, zxid: 1, code: 'OK', response: undefined })

    expect(client.log).toEqual(['connected', 'reply 1', 'disconnected'])
  })

  it('is one: the next link loses none', () => {
    const { dialer, end, server, client } = startConnected()
    dialer.loseReply(1)
    end.send(1, SYNC)
    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response: undefined })

    const next = dialer.dial(client)
    next.connect(HANDSHAKE)
    next.send(1, SYNC)
    server.end?.reply({ xid: 1, zxid: 1, code: 'OK', response: undefined })

    expect(client.log).toEqual(['connected', 'disconnected', 'reply 1'])
  })
})

/** A server's side that keeps what arrives. */
class RecordingServer {
  readonly log: string[] = []
  readonly received: Request[] = []
  end: ServerEnd | undefined
  canBeAsked = true

  attach(end: ServerEnd): {
    connect: () => void
    receive: (xid: number, request: Request) => void
    ask?: (request: Request) => Response
    lastZxid: number
    heard: () => void
    closed: () => void
  } {
    this.end = end
    this.log.push(`attached ${end.remoteAddress} ${end.isLocal ? 'local' : 'remote'}`)
    return {
      connect: () => void this.log.push('connect'),
      receive: (_xid, request) => void this.received.push(request),
      ...(this.canBeAsked ? { ask: (request: Request) => this.#answer(request) } : {}),
      lastZxid: 7,
      heard: () => undefined,
      closed: () => void this.log.push('closed'),
    }
  }

  #answer(request: Request): Response {
    this.received.push(request)
    return DONE
  }
}

/** A client's side that keeps what arrives. */
class RecordingClient implements ClientEvents {
  readonly log: string[] = []
  readonly replies: Reply[] = []
  response: ConnectResponse | undefined

  connected(response: ConnectResponse): void {
    this.response = response
    this.log.push('connected')
  }

  reply(reply: Reply): void {
    this.replies.push(reply)
    this.log.push(`reply ${reply.xid}`)
  }

  notify({ path }: { readonly path: string }): void {
    this.log.push(`notify ${path}`)
  }

  disconnected(): void {
    this.log.push('disconnected')
  }
}

interface Link {
  readonly dialer: InProcessDialer
  readonly server: RecordingServer
  readonly client: RecordingClient
  readonly end: ClientEnd
}

function startLink({ isDialled = true }: { readonly isDialled?: boolean } = {}): Link {
  const server = new RecordingServer()
  const dialer = new InProcessDialer((end) => server.attach(end), '10.0.0.1')
  const client = new RecordingClient()
  const nothing: ClientEnd = { connect: () => undefined, send: () => undefined, close: () => undefined }
  return { dialer, server, client, end: isDialled ? dialer.dial(client) : nothing }
}

function startLinkConnecting(): Link {
  const link = startLink()
  link.end.connect(HANDSHAKE)
  return link
}

function startConnected(): Link {
  const link = startLinkConnecting()
  link.server.end?.connected({ timeoutMs: 1000, sessionId: 1n, password: new Uint8Array(16) })
  return link
}
