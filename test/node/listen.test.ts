/** listen(): where it listens, what its options may be and with which words others are refused, and what is left of a failure. */
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { codeOf, failureOf, messageOf } from '../semantics/fixture.js'
import { dial, freePort, openResources, serve, startNetwork, untilOpen } from './network.js'

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1')

describe('listen', () => {
  it('takes a free port for 0, and says which', async () => {
    const { endpoint, dial: dialServer } = await startNetwork()

    expect(endpoint.port).toBeGreaterThan(0)
    expect([endpoint.host, endpoint.path]).toEqual(['127.0.0.1', undefined])
    expect(endpoint.connectString).toBe(`127.0.0.1:${endpoint.port}`)
    expect((await dialServer()).state).toBe('CONNECTED')
  })

  it('takes the port that it is told', async () => {
    const port = await freePort()
    const { endpoint } = await startNetwork({ listen: { port } })

    expect([endpoint.port, endpoint.connectString]).toEqual([port, `127.0.0.1:${port}`])
  })

  it('listens for this machine alone unless it is told otherwise', async () => {
    const { endpoint } = await startNetwork()

    // All of 127/8 is this machine, but only one address was opened.
    const message = await messageOf(() => dial(`127.0.0.2:${endpoint.port}`, { connectTimeoutMs: 100 }))

    expect(message).toContain('ECONNREFUSED')
  })

  it('listens on all addresses if it is told to', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, host: '0.0.0.0' } })

    const zk = await dial(`127.0.0.2:${endpoint.port}`)

    expect([zk.state, endpoint.host]).toEqual(['CONNECTED', '0.0.0.0'])
  })

  it.runIf(hasIpv6)('listens on an IPv6 address, and names it in brackets', async () => {
    const { endpoint, dial: dialServer } = await startNetwork({ listen: { port: 0, host: '::1' } })

    const zk = await dialServer()

    expect([endpoint.host, endpoint.connectString]).toEqual(['::1', `[::1]:${endpoint.port}`])
    expect(await zk.whoAmI()).toMatchObject([{ scheme: 'ip', user: '::1' }])
  })

  it.runIf(hasIpv6)('shows an IPv4 client of an IPv6 socket by its IPv4 address', async () => {
    const { endpoint } = await startNetwork({ listen: { port: 0, host: '::' } })

    const zk = await dial(`127.0.0.1:${endpoint.port}`)

    expect(await zk.whoAmI()).toMatchObject([{ scheme: 'ip', user: '127.0.0.1' }])
  })

  it('opens several doors to one server', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const other = await serve(zoo)
    const [one, two] = [await dialServer(), await dial(other.connectString)]

    await one.create('/a')

    expect(await codeOf(two.exists('/a'))).toBe('OK')
    expect(zoo.reports.sessions().length).toBe(2)
  })

  it('on a port in use fails with EADDRINUSE, and the one who has it is not concerned', async () => {
    const { zoo, endpoint, dial: dialServer } = await startNetwork()
    const before = openResources()

    const failure = await failureOf(() => listen(zoo, { port: endpoint.port }))

    expect(failure).toMatchObject({ code: 'EADDRINUSE', port: endpoint.port, address: '127.0.0.1' })
    await untilOpen(before)
    expect((await dialServer()).state).toBe('CONNECTED')
  })

  it('on an address that is not this machine fails with the words of the system', async () => {
    const failure = await failureOf(() => listen(new EmbeddedZooKeeper(), { host: '203.0.113.1', port: 0 }))

    expect(failure).toMatchObject({ code: 'EADDRNOTAVAIL' })
  })
})

describe('an option of listen is refused', () => {
  it.each([
    [
      { Port: 1 },
      'TypeError: Unknown option "Port"; there are port, host, path, tls, fourLetterWords, limits',
    ],
    [{ port: -1 }, 'RangeError: Invalid port -1: pass a whole number from 0 to 65535'],
    [{ port: 65_536 }, 'RangeError: Invalid port 65536: pass a whole number from 0 to 65535'],
    [{ port: 1.5 }, 'RangeError: Invalid port 1.5: pass a whole number from 0 to 65535'],
    [{ port: '2181' }, 'RangeError: Invalid port "2181": pass a whole number from 0 to 65535'],
    [{ host: '' }, 'TypeError: Invalid host "": pass a name or an address'],
    [{ host: 7 }, 'TypeError: Invalid host 7: pass a name or an address'],
    [{ path: '' }, 'TypeError: Invalid path "": pass the path of a Unix socket'],
    [{ path: '/x', port: 1 }, 'TypeError: Pass either path, for a Unix socket, or host and port, not both'],
    [{ path: '/x', host: 'h' }, 'TypeError: Pass either path, for a Unix socket, or host and port, not both'],
    [
      { tls: false },
      'TypeError: Invalid tls false: pass the options of tls.createServer, or leave it out to speak plainly',
    ],
    [
      { tls: null },
      'TypeError: Invalid tls null: pass the options of tls.createServer, or leave it out to speak plainly',
    ],
    [{ limits: null }, 'TypeError: Invalid limits null: pass an object'],
  ])('%o', async (options, message) => {
    const zoo = new EmbeddedZooKeeper()
    const before = openResources()

    expect(await messageOf(() => Reflect.apply(listen, undefined, [zoo, options]))).toBe(message)
    await untilOpen(before)
  })

  it.each([
    [
      { limits: { maxConnections: 1 } },
      'TypeError: Unknown limit "maxConnections"; there are maxFrameBytes, ',
    ],
    [{ limits: { maxCnxns: 0 } }, 'RangeError: Invalid limit maxCnxns: 0; it must be a whole number from 1'],
    [{ limits: { maxCnxns: '1' } }, 'RangeError: Invalid limit maxCnxns: "1"'],
    [{ fourLetterWords: ['quit'] }, 'RangeError: '],
    [{ fourLetterWords: 'ruok' }, 'TypeError: '],
    [{ path: `/${'x'.repeat(120)}` }, 'RangeError: The path of a Unix socket has at most 10'],
    [null, 'TypeError: Invalid options null: pass an object'],
    [2181, 'TypeError: Invalid options 2181: pass an object'],
  ])('%j', async (options, beginning) => {
    const zoo = new EmbeddedZooKeeper()

    const message = await messageOf(() => Reflect.apply(listen, undefined, [zoo, options]))

    expect(message.slice(0, beginning.length)).toBe(beginning)
  })

  it.each([[undefined], [null], [{ port: 0 }], ['127.0.0.1:2181']])(
    'if there is no server but %j, and nothing listens then',
    async (zoo) => {
      const before = openResources()

      const message = await messageOf(() => Reflect.apply(listen, undefined, [zoo, { port: 0 }]))

      expect(message).toMatch(/^TypeError: Invalid server .*: pass an EmbeddedZooKeeper, then the options$/)
      await untilOpen(before)
    },
  )
})
