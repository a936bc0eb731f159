/** Connect strings: what they name, what is refused and with which words, and that what is named can be written back. */
import { describe, expect, it } from 'vitest'
import { formatServer, parseConnectString } from '../../src/client/connect-string.js'
import { messageOf } from '../semantics/fixture.js'

const HINT = 'it looks like "host1:2181,host2:2181/chroot"'

describe('a connect string', () => {
  it.each([
    ['h1:2181', [{ host: 'h1', port: 2181 }], undefined],
    ['h1', [{ host: 'h1', port: 2181 }], undefined],
    ['10.0.0.1:1', [{ host: '10.0.0.1', port: 1 }], undefined],
    ['h1:65535', [{ host: 'h1', port: 65_535 }], undefined],
    ['h1:02181', [{ host: 'h1', port: 2181 }], undefined],
    ['zk-0.zk.svc.cluster.local:2181', [{ host: 'zk-0.zk.svc.cluster.local', port: 2181 }], undefined],
    ['[::1]:2182', [{ host: '::1', port: 2182 }], undefined],
    ['[::1]', [{ host: '::1', port: 2181 }], undefined],
    ['[FE80::1%eth0]:1', [{ host: 'FE80::1%eth0', port: 1 }], undefined],
    ['[::ffff:10.0.0.1]:1', [{ host: '::ffff:10.0.0.1', port: 1 }], undefined],
    ['h1:1/app', [{ host: 'h1', port: 1 }], '/app'],
    ['h1:1/app/a b', [{ host: 'h1', port: 1 }], '/app/a b'],
    ['h1:1/', [{ host: 'h1', port: 1 }], '/'],
    ['h1/app', [{ host: 'h1', port: 2181 }], '/app'],
    ['[::1]/app', [{ host: '::1', port: 2181 }], '/app'],
    ['unix:/run/zk.sock', [{ path: '/run/zk.sock' }], undefined],
    ['unix:zk.sock', [{ path: 'zk.sock' }], undefined],
  ])('%s names %j and the chroot %s', (text, servers, chroot) => {
    expect(parseConnectString(text)).toEqual({ servers, chroot })
  })

  it('names several servers in its order, whatever blanks are around them', () => {
    const { servers, chroot } = parseConnectString(' h1:1, [::1]:2 ,h3 /app')

    expect(servers).toEqual([
      { host: 'h1', port: 1 },
      { host: '::1', port: 2 },
      { host: 'h3', port: 2181 },
    ])
    expect(chroot).toBe('/app')
  })

  it('names a server as often as it has it', () => {
    expect(parseConnectString('h1:1,h1:1').servers).toHaveLength(2)
  })
})

describe('a connect string is refused', () => {
  it.each([
    [undefined, 'undefined', 'it names no server'],
    [null, 'null', 'it names no server'],
    [2181, '2181', 'it names no server'],
    [['h1:2181'], '["h1:2181"]', 'it names no server'],
    ['', '""', 'it names no server'],
    ['unix:', '"unix:"', 'the path of the socket is missing'],
  ])('if it is %j', async (text, quoted, why) => {
    const message = await messageOf(() => parseConnectString(text))

    expect(message).toBe(`TypeError: Invalid connect string ${quoted}: ${why}; ${HINT}`)
  })

  it.each([
    ['h1:', ''],
    ['h1:abc', 'abc'],
    ['h1:21 81', '21 81'],
    ['h1:0', '0'],
    ['h1:70000', '70000'],
    ['h1:65536', '65536'],
    ['h1:-1', '-1'],
    ['h1:+1', '+1'],
    ['h1:1e3', '1e3'],
    ['h1:0x1', '0x1'],
    ['h1:1:2', '1:2'],
    ['h1:1;h2:1', '1;h2:1'],
    ['h1:000001', '000001'],
    ['[::1]:', ''],
    ['[::1]:x', 'x'],
    ['h1:1,h2:0', '0'],
    ['h1: 1', ' 1'],
  ])('if a port is none: %s', async (text, port) => {
    const message = await messageOf(() => parseConnectString(text))

    expect(message).toContain(`Invalid connect string "${text}": "${port}" is no port from 1 to 65535; `)
  })

  it.each([
    [' ', ''],
    [',', ''],
    ['h1:1,', ''],
    ['h1:1,,h2:1', ''],
    [':2181', ':2181'],
    ['/app', ''],
    ['h 1:2181', 'h 1:2181'],
    ['::1', '::1'],
    ['[::1', '[::1'],
    ['::1]:2181', '::1]:2181'],
    ['[]:2181', '[]:2181'],
    ['[ ]:2181', '[ ]:2181'],
    ['[::1]2181', '[::1]2181'],
    ['[[::1]]:2181', '[[::1]]:2181'],
    ['[[::1]:2181', '[[::1]:2181'],
    ['[h1]:2181', '[h1]:2181'],
    ['h[1]:2181', 'h[1]:2181'],
  ])('if a server is none: %j', async (text, part) => {
    const message = await messageOf(() => parseConnectString(text))

    const advice = 'write host:port, or [address]:port for IPv6'
    expect(message).toBe(
      `TypeError: Invalid connect string "${text}": "${part}" is no server: ${advice}; ${HINT}`,
    )
  })

  it.each([
    ['h1:1//', '//'],
    ['h1:1/app/', '/app/'],
    ['h1:1/a//b', '/a//b'],
    ['h1:1/a/../b', '/a/../b'],
    ['h1:1/.', '/.'],
    ['http://h1:2181', '//h1:2181'],
    ['//', '//'],
    ['h1:1/a\u0000', '/a\\u0000'],
  ])('if the chroot is no path: %j', async (text, chroot) => {
    const message = await messageOf(() => parseConnectString(text))

    expect(message).toContain(`: the chroot "${chroot}" is no path: `)
  })

  it('in a message that quotes no more than its beginning if it is long', async () => {
    const message = await messageOf(() => parseConnectString(`${'h'.repeat(5000)}:x`))

    expect(message.length).toBeLessThan(400)
  })
})

describe('a server', () => {
  it.each([
    ['h1:2181', { host: 'h1', port: 2181 }],
    ['[::1]:2181', { host: '::1', port: 2181 }],
    ['unix:/run/zk.sock', { path: '/run/zk.sock' }],
  ])('is written as %s, which names the same server', (text, server) => {
    expect(formatServer(server)).toBe(text)
    expect(parseConnectString(text).servers).toEqual([server])
  })
})

describe('the zone of an address', () => {
  it.each(['eth0', 'eth0.100', 'br-0'])('may be %s', (zone) => {
    expect(parseConnectString(`[fe80::1%${zone}]:2181`).servers).toEqual([
      { host: `fe80::1%${zone}`, port: 2181 },
    ])
  })
})

describe('a chroot that has a server in it', () => {
  it.each(['h:2181/a,h2:2181/b', 'h:2181/a,h2:2181', 'h/a/b,h2:1/b,h3'])('is refused: %s', (text) => {
    expect(() => parseConnectString(text)).toThrow('has a server in it: it stands once, after the last one')
  })

  it('alone is no server', () => {
    expect(() => parseConnectString('/app')).toThrow(/: "" is no server/)
  })

  it.each(['h:2181/a,b', 'h:2181/a,b/c:1', 'h:2181/a:1,b'])(
    'is not one with commas or colons: %s',
    (text) => {
      expect(parseConnectString(text).chroot).toBe(text.slice(text.indexOf('/')))
    },
  )
})

describe('a host that is called unix', () => {
  it.each(['unix:2181', 'unix:2181,other:2182', 'unix:2181/app'])(
    'is no socket where it has a port: %s',
    (text) => {
      expect(parseConnectString(text).servers[0]).toEqual({ host: 'unix', port: 2181 })
    },
  )
})
