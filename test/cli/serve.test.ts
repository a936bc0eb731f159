/** `zoolet serve` from its first line to its last, in this process, with real sockets. */
import { existsSync, readFileSync } from 'node:fs'
import { connect as connectSocket, createServer, type Server } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StopSignal } from '../../src/cli/terminal.js'
import { digestId, type ZooKeeper } from '../../src/index.js'
import { connect, type NetworkConnectOptions } from '../../src/node/index.js'
import { codeOf, text, worldACL } from '../semantics/fixture.js'
import { CERTIFICATE, KEY } from './certificates.js'
import { FakeTerminal } from './fake-terminal.js'
import { runServe, startServing } from './running-server.js'
import { temporaryFolder } from './temporary-folder.js'

const folder = temporaryFolder()
const ANY_PORT = ['--port', '0'] as const
const SUMMARY =
  /^zoolet served (\d+) connections?, \d+ requests?, \d+ repl(y|ies) and \d+ notifications? in \d+\.\d seconds$/

describe('a server', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says where it listens, and at %s what it served',
    async (signal) => {
      const { place, stop, terminal } = await startServing(ANY_PORT)
      const zk = await connectTo(place)
      await zk.create('/app', 'hello', { mode: 'EPHEMERAL' })
      await zk.close()

      const { code, out, err } = await stop(signal)

      expect([code, err, terminal.listenerCount, terminal.exits]).toEqual([0, [], 0, []])
      expect(out).toEqual([
        expect.stringMatching(/^zoolet listening on 127\.0\.0\.1:[1-9]\d*$/),
        expect.stringMatching(
          /^zoolet served 1 connection, 3 requests, 3 replies and 0 notifications in \d+\.\d seconds$/,
        ),
      ])
    },
  )

  it('that nobody used says so', async () => {
    const { stop } = await startServing(ANY_PORT)

    const { code, out } = await stop()

    expect([code, out.at(-1)]).toEqual([
      0,
      expect.stringMatching(/^zoolet served 0 connections, 0 requests, 0 replies and 0 notifications in /),
    ])
  })

  it('is gone after its end: clients are cut off, and the port is free', async () => {
    const { place, stop } = await startServing(ANY_PORT)
    const zk = await connectTo(place)
    const cutOff = new Promise<string>((resolve) => zk.on('disconnected', ({ state }) => resolve(state)))

    const { code } = await stop()
    const next = await startServing(['--port', portOf(place)])

    expect([code, next.place, await cutOff]).toEqual([0, place, 'Disconnected'])
  })

  it('that is asked to stop before it listens does so once it does', async () => {
    class EagerTerminal extends FakeTerminal {
      override onSignal(listener: (signal: StopSignal) => void): () => void {
        const release = super.onSignal(listener)
        this.signal('SIGTERM')
        return release
      }
    }

    const { code, out, err } = await runServe(ANY_PORT, new EagerTerminal())

    expect([code, out.length, err]).toEqual([0, 2, []])
  })

  it('begins with an empty tree, or with that of a file', async () => {
    const path = folder.file('tree.json', '{ "/app/a": "hello" }')
    const [empty, loaded] = [await startServing(ANY_PORT), await startServing([...ANY_PORT, '--load', path])]

    const [first, second] = [await connectTo(empty.place), await connectTo(loaded.place)]

    expect((await first.getChildren('/')).children).toEqual(['zookeeper'])
    expect(text((await second.getData('/app/a')).data)).toBe('hello')
    expect([empty.terminal.out.length, loaded.terminal.out.length]).toEqual([1, 1])
  })

  it('tells what goes on if it is verbose, after the line that it listens', async () => {
    const { place, stop } = await startServing([...ANY_PORT, '--verbose'])
    const zk = await connectTo(place)
    await zk.create('/app', 'hello')
    await zk.close()

    const { out } = await stop()

    expect(out[0]).toBe(`zoolet listening on ${place}`)
    expect(out.at(-1)).toMatch(SUMMARY)
    expect(out.slice(1, -1).map((line) => line.replace(/0x\w{10,}/, 'ID'))).toEqual([
      'zxid 0x1     createSession s1',
      's1           opened: session ID, timeout 30000 ms',
      's1 ->        #1 create /app "hello"',
      'zxid 0x2     create /app "hello"',
      's1 <-        #1 OK',
      's1 ->        #2 closeSession',
      'zxid 0x3     closeSession s1',
      's1           closed',
      's1 <-        #2 OK',
    ])
  })

  it('goes on after a fault of its own, and tells of it', async () => {
    class BrokenTerminal extends FakeTerminal {
      override print(line: string): void {
        if (line.includes('/broken')) throw new Error('a bug')
        super.print(line)
      }
    }
    const { place, terminal } = await startServing([...ANY_PORT, '--verbose'], new BrokenTerminal())
    const zk = await connectTo(place)

    const created = await zk.create('/broken')

    expect(created).toBe('/broken')
    expect(terminal.err[0]).toMatch(/^zoolet is broken, please report it: Error: a bug\n/)
  })
})

describe('places', () => {
  it('a Unix socket alone takes no port', async () => {
    const path = folder.pathOf('alone')
    const { place, stop } = await startServing(['--unix', path])
    const zk = await connectTo(`unix:${path}`)

    await zk.create('/app')
    const { out } = await stop()

    expect([place, out.length, existsSync(path)]).toEqual([path, 2, false])
  })

  it('a Unix socket and a port show the same tree, and are counted together', async () => {
    const path = folder.pathOf('both')
    const { place, stop } = await startServing([...ANY_PORT, '--unix', path])
    const [byPort, bySocket] = [await connectTo(place), await connectTo(`unix:${path}`)]

    await byPort.create('/app', 'hello')
    const { data } = await bySocket.getData('/app')
    const { out } = await stop()

    expect(text(data)).toBe('hello')
    expect(out.slice(0, 2)).toEqual([`zoolet listening on ${place}`, `zoolet listening on ${path}`])
    expect(SUMMARY.exec(out.at(-1) ?? '')?.[1]).toBe('2')
  })

  it('an address of the IPv6 is in brackets', async () => {
    const { place, terminal } = await startServing([...ANY_PORT, '--host', '::1'])

    expect([place, terminal.err]).toEqual([expect.stringMatching(/^\[::1\]:\d+$/), []])
  })

  it('an address that others reach comes with a warning', async () => {
    const { place, terminal } = await startServing([...ANY_PORT, '--host', '0.0.0.0'])

    expect(place).toMatch(/^0\.0\.0\.0:\d+$/)
    expect(terminal.err).toEqual([
      'zoolet: warning: 0.0.0.0 is reachable from other machines, and nobody has to log in: whoever reaches the port can read and write',
    ])
  })

  it('a port that is in use is told of, and nothing else is listened on', async () => {
    const port = portOf(await occupy({ port: 0, host: '127.0.0.1' }))
    const path = folder.pathOf('never')

    const outcome = await runServe(['--port', port, '--unix', path])

    expect([outcome, existsSync(path)]).toEqual([
      {
        code: 1,
        out: [],
        err: [
          `zoolet: port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port`,
        ],
      },
      false,
    ])
  })

  it('a file in the place of a Unix socket is told of, and left alone', async () => {
    const path = folder.file('taken', 'kept')

    const { code, out, err } = await runServe(['--unix', path])

    expect([code, out, err]).toEqual([
      1,
      [],
      [
        `zoolet: ${path} exists: stop what listens there, remove the file if nothing does, or choose another with --unix`,
      ],
    ])
    expect(readFileSync(path, 'utf8')).toBe('kept')
  })

  it('a folder that is not there is told of', async () => {
    const { code, err } = await runServe(['--unix', folder.pathOf('none/socket')])

    expect([code, err]).toEqual([
      1,
      [expect.stringMatching(/^zoolet: cannot make the socket .*its folder does not exist/)],
    ])
  })
})

describe('what stops a server before it listens', () => {
  it.each([
    [
      ['--load', folder.pathOf('none.json')],
      `cannot read --load "${folder.pathOf('none.json')}": there is no such file`,
    ],
    [
      ['--load', folder.file('bad.json', '{ "app": "x" }')],
      /^zoolet: cannot load .*: Invalid path "app": it must start with "\/"$/,
    ],
    [
      ['--tls-cert', folder.file('a', 'x'), '--tls-key', folder.file('b', 'y')],
      /^zoolet: cannot use --tls-cert /,
    ],
    [['--four-letter-words', 'srvr,abcd'], /^zoolet: Unknown four-letter word "abcd"; there are conf, /],
  ])('%j: one line, exit code 2', async (args, message) => {
    const { code, out, err } = await runServe([...ANY_PORT, ...args])

    expect([code, out, err.length]).toEqual([2, [], 1])
    expect(err[0]).toMatch(message)
  })

  it('leaves nobody listening to signals', async () => {
    const terminal = new FakeTerminal()

    await runServe(['--unix', folder.pathOf('none/socket')], terminal)

    expect(terminal.listenerCount).toBe(0)
  })
})

describe('an option', () => {
  it('bounds the session timeouts', async () => {
    const { place } = await startServing([
      ...ANY_PORT,
      '--min-session-timeout',
      '5000',
      '--max-session-timeout',
      '6000',
    ])

    const clients = [
      await connectTo(place, { sessionTimeoutMs: 1500 }),
      await connectTo(place, { sessionTimeoutMs: 99_999 }),
    ]

    expect(clients.map(({ sessionTimeoutMs }) => sessionTimeoutMs)).toEqual([5000, 6000])
  })

  it('makes the tick the unit of their defaults', async () => {
    const { place } = await startServing([...ANY_PORT, '--tick-time', '1000'])

    const clients = [
      await connectTo(place, { sessionTimeoutMs: 1500 }),
      await connectTo(place, { sessionTimeoutMs: 99_999 }),
    ]

    expect(clients.map(({ sessionTimeoutMs }) => sessionTimeoutMs)).toEqual([2000, 20_000])
  })

  it('names the superuser, of whom there is none otherwise', async () => {
    const digest = digestId('super:secret')
    const servers = [
      await startServing([...ANY_PORT, '--super-digest', digest]),
      await startServing(ANY_PORT),
    ]

    const codes = servers.map(async ({ place }) => {
      const zk = await connectTo(place)
      await zk.create('/a', 'x', { acl: worldACL(0) })
      await zk.addAuthInfo('digest', 'super:secret')
      return codeOf(zk.getData('/a'))
    })

    expect(await Promise.all(codes)).toEqual(['OK', 'NOAUTH'])
  })

  it('makes hard quotas refuse', async () => {
    const hardLimit = 'count=1,bytes=-1,byteHardLimit=-1,countHardLimit=1'
    const tree = {
      '/a': null,
      '/zookeeper/quota/a/zookeeper_limits': hardLimit,
      '/zookeeper/quota/a/zookeeper_stats': 'count=1,bytes=0',
    }
    const load = folder.file('quota.json', JSON.stringify(tree))
    const servers = [
      await startServing([...ANY_PORT, '--load', load, '--enforce-quota']),
      await startServing([...ANY_PORT, '--load', load]),
    ]

    const codes = servers.map(async ({ place }) => codeOf((await connectTo(place)).create('/a/b')))

    expect(await Promise.all(codes)).toEqual(['QUOTAEXCEEDED', 'OK'])
  })

  it('limits the connections of one address', async () => {
    const { place } = await startServing([...ANY_PORT, '--max-client-cnxns', '1'])
    await connectTo(place)

    const answer = await ask(place, 'ruok')

    expect(answer).toBe('')
  })

  it('chooses the four-letter words', async () => {
    const servers = [
      await startServing([...ANY_PORT, '--four-letter-words', 'isro']),
      await startServing(ANY_PORT),
    ]

    const answers = servers.flatMap(({ place }) => [ask(place, 'isro'), ask(place, 'ruok')])

    expect(await Promise.all(answers)).toEqual([
      'rw',
      'ruok is not executed because it is not in the whitelist.\n',
      'isro is not executed because it is not in the whitelist.\n',
      'imok',
    ])
  })

  it('makes the port speak TLS, and a Unix socket stays plain', async () => {
    const files = ['--tls-cert', folder.file('cert', CERTIFICATE), '--tls-key', folder.file('key', KEY)]
    const path = folder.pathOf('plain')
    const { place } = await startServing([...ANY_PORT, '--unix', path, ...files])

    const socket = connectTls({ port: Number(portOf(place)), host: '127.0.0.1', rejectUnauthorized: false })
    socket.write('ruok')

    expect([await textOf(socket), await ask(path, 'ruok')]).toEqual(['imok', 'imok'])
    expect(await ask(place, 'ruok and more than TLS takes for the beginning of a record')).not.toContain(
      'imok',
    )
  })
})

async function connectTo(place: string, options: NetworkConnectOptions = {}): Promise<ZooKeeper> {
  const zk = await connect(place, options)
  onTestFinished(() => zk.close())
  return zk
}

/** Sends four letters to a port or a Unix socket, and resolves with all that comes back. */
function ask(place: string, word: string): Promise<string> {
  const where = place.startsWith('/') ? { path: place } : { port: Number(portOf(place)), host: '127.0.0.1' }
  const socket = connectSocket(where)
  socket.write(word)
  return textOf(socket)
}

function portOf(place: string): string {
  return place.slice(place.lastIndexOf(':') + 1)
}

/** Listens there until the test is over. */
async function occupy(where: { port: number; host: string }): Promise<string> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(where, resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'string' || address === null ? '' : `${address.address}:${address.port}`
}
