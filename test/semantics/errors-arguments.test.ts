/** Misuse: each argument and option that a caller can get wrong gives an error that quotes it and says what to do. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, Op, type ZooKeeper } from '../../src/index.js'
import { messageOf, startWorld } from './fixture.js'

const MODES =
  'PERSISTENT, EPHEMERAL, PERSISTENT_SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, PERSISTENT_WITH_TTL, PERSISTENT_SEQUENTIAL_WITH_TTL'
const TYPES = 'Children, Data, Any, Persistent, PersistentRecursive'
const ENTRY = "pass { perms, scheme, id }, such as { perms: Perms.READ, scheme: 'world', id: 'anyone' }"
const DATA = 'pass a string, a Uint8Array (a Buffer is one) or null'
const VERSION = 'pass stat.version, or -1 for any'
const CREDENTIAL =
  'TypeError: Invalid credential { scheme, auth }: pass a scheme such as "digest", and text such as "user:password" or bytes'
const DEFAULT_WATCHER =
  'TypeError: There is no default watcher: pass a watcher here, or { watcher } to connect(), or call register()'

/** A value that the types do not allow. */
function wrong(value: unknown): never {
  return value as never
}

const watcher = (): undefined => undefined

type Rows = readonly (readonly [string, (zk: ZooKeeper) => unknown])[]

const paths: Rows = [
  ['TypeError: Invalid path "": it is empty; the root is "/"', (zk) => zk.getData('')],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.create('a')],
  ['TypeError: Invalid path "/a/": it must not end with "/"', (zk) => zk.delete('/a/')],
  ['TypeError: Invalid path "/a//b": empty name at 3', (zk) => zk.setData('/a//b', 'x')],
  ['TypeError: Invalid path "//": empty name at 1', (zk) => zk.exists('//')],
  ['TypeError: Invalid path "/./a": relative name "." at 1', (zk) => zk.getChildren('/./a')],
  ['TypeError: Invalid path "/a/..": relative name ".." at 3', (zk) => zk.getACL('/a/..')],
  ['TypeError: Invalid path "/\\u0000": character U+0000 is not allowed at 1', (zk) => zk.sync('/\0')],
  [
    'TypeError: Invalid path "/a\\t": character U+0009 is not allowed at 2',
    (zk) => zk.addWatch('/a\t', watcher),
  ],
  [
    'TypeError: Invalid path "/\u{1f600}": character U+D83D is not allowed at 1',
    (zk) => zk.getAllChildrenNumber('/\u{1f600}'),
  ],
  [
    'TypeError: Invalid path prefix "a": it must start with "/"',
    (zk) => zk.create('a', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
  ],
  [
    'TypeError: Invalid path prefix "//": empty name at 1',
    (zk) => zk.create('//', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
  ],
  ['TypeError: Invalid path undefined: it must be a string', (zk) => zk.getData(wrong(undefined))],
  ['TypeError: Invalid path 5: it must be a string', (zk) => zk.create(wrong(5))],
  [
    'TypeError: Invalid path null: it must be a string',
    (zk) => zk.create(wrong(null), null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
  ],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.removeWatches('a')],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.checkWatches('a')],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.setACL('a', [])],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.watch('a')],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.createAll('a')],
  ['TypeError: Invalid path "a": it must start with "/"', (zk) => zk.deleteAll('a')],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.create('a')],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.delete('a')],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.setData('a', null)],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.check('a')],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.getData('a')],
  ['TypeError: Invalid path "a": it must start with "/"', () => Op.getChildren('a')],
  ['TypeError: Invalid prefix 5: pass a string', (zk) => zk.getEphemerals(wrong(5))],
]

const values: Rows = [
  [`TypeError: Invalid data 5: ${DATA}`, (zk) => zk.create('/a', wrong(5))],
  [`TypeError: Invalid data { a }: ${DATA}`, (zk) => zk.setData('/a', wrong({ a: 1 }))],
  [`TypeError: Invalid data [1, 2]: ${DATA}`, () => Op.create('/a', wrong([1, 2]))],
  [`TypeError: Invalid data true: ${DATA}`, () => Op.setData('/a', wrong(true))],
  [
    'RangeError: 1048576 bytes of data are over the limit of 1048575 (maxDataBytes)',
    (zk) => zk.create('/a', new Uint8Array(1_048_576)),
  ],
  [
    'RangeError: 1048576 bytes of data are over the limit of 1048575 (maxDataBytes)',
    (zk) => zk.multi([Op.setData('/', new Uint8Array(1_048_576))]),
  ],
  [`RangeError: Invalid version "1": ${VERSION}`, (zk) => zk.setData('/a', 'x', wrong('1'))],
  [`RangeError: Invalid version 1.5: ${VERSION}`, (zk) => zk.delete('/a', 1.5)],
  [`RangeError: Invalid version 2147483648: ${VERSION}`, (zk) => zk.setACL('/a', [], 2 ** 31)],
  [`RangeError: Invalid version NaN: ${VERSION}`, () => Op.check('/a', Number.NaN)],
  [`RangeError: Invalid version null: ${VERSION}`, () => Op.delete('/a', wrong(null))],
  [`RangeError: Invalid version 1: ${VERSION}`, () => Op.setData('/a', 'x', wrong(1n))],
  [
    `TypeError: Invalid mode "EPHEMERA": there are ${MODES}`,
    (zk) => zk.create('/a', null, { mode: wrong('EPHEMERA') }),
  ],
  [`TypeError: Invalid mode 1: there are ${MODES}`, () => Op.create('/a', null, { mode: wrong(1) })],
  [
    `TypeError: Invalid mode "toString": there are ${MODES}`,
    (zk) => zk.create('/a', null, { mode: wrong('toString') }),
  ],
  [
    'RangeError: Invalid ttlMs undefined for PERSISTENT_WITH_TTL: pass 1 to 1099511627775 milliseconds',
    (zk) => zk.create('/a', null, { mode: 'PERSISTENT_WITH_TTL' }),
  ],
  [
    'RangeError: Invalid ttlMs 0 for PERSISTENT_SEQUENTIAL_WITH_TTL: pass 1 to 1099511627775 milliseconds',
    (zk) => zk.create('/a', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 0 }),
  ],
  [
    'RangeError: Invalid ttlMs 1099511627776 for PERSISTENT_WITH_TTL: pass 1 to 1099511627775 milliseconds',
    () => Op.create('/a', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 2 ** 40 }),
  ],
  [
    'TypeError: ttlMs goes with a mode with TTL, such as PERSISTENT_WITH_TTL, not with EPHEMERAL',
    (zk) => zk.create('/a', null, { mode: 'EPHEMERAL', ttlMs: 5 }),
  ],
  [
    'TypeError: Invalid ACL "open": pass a list such as OPEN_ACL_UNSAFE',
    (zk) => zk.create('/a', null, { acl: wrong('open') }),
  ],
  ['TypeError: Invalid ACL null: pass a list such as OPEN_ACL_UNSAFE', (zk) => zk.setACL('/a', wrong(null))],
  [
    `TypeError: Invalid ACL entry { perms }: ${ENTRY}`,
    () => Op.create('/a', null, { acl: wrong([{ perms: 1 }]) }),
  ],
  [`TypeError: Invalid ACL entry null: ${ENTRY}`, (zk) => zk.setACL('/a', wrong([null]))],
  [
    'KeeperException: INVALIDACL for /a: the ACL is empty, has a bad scheme or id, or needs addAuthInfo() first',
    (zk) => zk.create('/a', null, { acl: [] }),
  ],
]

const watchers: Rows = [
  ['TypeError: Invalid watcher 5: pass a function', (zk) => zk.getData('/', { watcher: wrong(5) })],
  [
    'TypeError: Invalid watcher { process }: pass a function',
    (zk) => zk.exists('/', { watcher: wrong({ process: watcher }) }),
  ],
  ['TypeError: Invalid watcher "w": pass a function', (zk) => zk.addWatch('/', wrong('w'))],
  ['TypeError: Invalid watcher 5: pass a function', (zk) => zk.removeWatches('/', { watcher: wrong(5) })],
  ['TypeError: Invalid watcher undefined: pass a function', (zk) => zk.register(wrong(undefined))],
  [
    'TypeError: Pass either a watcher or watch: false, not both',
    (zk) => zk.getChildren('/', { watcher, watch: false }),
  ],
  [
    `TypeError: Invalid watcher type "Foo": there are ${TYPES}`,
    (zk) => zk.removeWatches('/', { type: wrong('Foo') }),
  ],
  [`TypeError: Invalid watcher type 3: there are ${TYPES}`, (zk) => zk.checkWatches('/', wrong(3))],
  [
    'RangeError: Invalid bufferSize 0: pass how many events may wait, 1 or more',
    (zk) => zk.watch('/', { bufferSize: 0 }),
  ],
  [CREDENTIAL, (zk) => zk.addAuthInfo(wrong(5), 'x')],
  [CREDENTIAL, (zk) => zk.addAuthInfo('digest', wrong(5))],
]

const lists: Rows = [
  ['TypeError: Invalid operations 5: pass a list made with Op', (zk) => zk.multi(wrong(5))],
  [
    'TypeError: Invalid operations { type }: pass a list made with Op',
    (zk) => zk.multiRead(wrong({ type: 'getData' })),
  ],
  [
    'TypeError: Invalid operation { type, path } at 1: make it with Op; reads go to multiRead, the others to multi',
    (zk) => zk.multi([Op.check('/'), wrong(Op.getData('/'))]),
  ],
  [
    'TypeError: Invalid operation { type, path, version } at 0: make it with Op; reads go to multiRead, the others to multi',
    (zk) => zk.multiRead([wrong(Op.check('/'))]),
  ],
  [
    'TypeError: Invalid operation null at 0: make it with Op; reads go to multiRead, the others to multi',
    (zk) => zk.multi([wrong(null)]),
  ],
  [
    `RangeError: Invalid version 0.5: ${VERSION}`,
    (zk) => zk.multi([{ type: 'check', path: '/', version: 0.5 }]),
  ],
  [
    'TypeError: Invalid path "a": it must start with "/"',
    (zk) => zk.multi([{ type: 'delete', path: 'a', version: 0 }]),
  ],
  [
    'TypeError: Invalid path "a": it must start with "/"',
    (zk) => zk.multiRead([{ type: 'getData', path: 'a' }]),
  ],
]

const options: Rows = [
  [
    'TypeError: Unknown option "version": there are signal',
    (zk) => zk.delete('/', -1, wrong({ version: 1 })),
  ],
  [
    'TypeError: Unknown option "foo": there are watcher, watch, signal',
    (zk) => zk.getData('/', wrong({ foo: 1 })),
  ],
  [
    'TypeError: Invalid options true: pass an object with any of watcher, watch, signal',
    (zk) => zk.exists('/', wrong(true)),
  ],
  [
    'TypeError: Unknown option "ephemeral": there are mode, acl, ttlMs, withStat, signal',
    (zk) => zk.create('/a', null, wrong({ ephemeral: true })),
  ],
  [
    'TypeError: Unknown option "signal": there are mode, acl, ttlMs, withStat',
    () => Op.create('/a', null, wrong({ signal: 1 })),
  ],
  [
    'TypeError: Unknown option "mode": there are recursive, signal',
    (zk) => zk.addWatch('/', watcher, wrong({ mode: 1 })),
  ],
  [
    'TypeError: Unknown option "foo": there are watcher, type, local, signal',
    (zk) => zk.removeWatches('/', wrong({ foo: 1 })),
  ],
  [
    'TypeError: Unknown option "foo": there are recursive, signal, bufferSize',
    (zk) => zk.watch('/', wrong({ foo: 1 })),
  ],
  ...(['getACL', 'sync', 'getAllChildrenNumber'] as const).map(
    (name) =>
      [
        'TypeError: Unknown option "foo": there are signal',
        (zk: ZooKeeper) => zk[name]('/', wrong({ foo: 1 })),
      ] as const,
  ),
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.setData('/', null, -1, wrong({ foo: 1 }))],
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.setACL('/', [], -1, wrong({ foo: 1 }))],
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.getEphemerals('/', wrong({ foo: 1 }))],
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.multi([], wrong({ foo: 1 }))],
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.multiRead([], wrong({ foo: 1 }))],
  ['TypeError: Unknown option "foo": there are signal', (zk) => zk.whoAmI(wrong({ foo: 1 }))],
  [
    'TypeError: Unknown option "foo": there are signal',
    (zk) => zk.checkWatches('/', 'Any', wrong({ foo: 1 })),
  ],
]

describe('a wrong argument', () => {
  const rows = Object.entries({ paths, values, watchers, lists, options }).flatMap(([kind, each]) =>
    each.map(([message, use]) => ({ kind, message, use })),
  )

  it.each(rows)('among $kind: $message', async ({ message, use }) => {
    const { zk } = await startWorld()

    expect(await messageOf(() => use(zk))).toBe(message)
  })

  it.each(rows.filter(({ kind }) => kind !== 'options'))('sends nothing: $message', async ({ use }) => {
    const { zoo, zk } = await startWorld()
    const requests: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request') requests.push(event.request.type)
    })

    await messageOf(() => use(zk))

    expect(requests).toEqual([])
  })

  it('of a method that returns a promise rejects and does not throw', async () => {
    const { zk } = await startWorld()
    const thrown: unknown[] = []
    const calls = [
      () => zk.create('a'),
      () => zk.getData(wrong(5)),
      () => zk.setData('/a', wrong(5)),
      () => zk.multi(wrong(5)),
      () => zk.addAuthInfo(wrong(5), 'x'),
      () => zk.createAll('a'),
      () => zk.deleteAll('a'),
      () => zk.removeWatches('a'),
    ]

    const results = calls.map((call) => {
      try {
        return call().catch((error: unknown) => error)
      } catch (error) {
        return thrown.push(error)
      }
    })

    expect((await Promise.all(results)).every((error) => error instanceof TypeError)).toBe(true)
    expect(thrown).toEqual([])
  })

  it('is a watch without a default watcher', async () => {
    const { zoo } = await startWorld()
    const zk = await zoo.connect()

    const messages = [
      await messageOf(() => zk.getData('/', { watch: true })),
      await messageOf(() => zk.exists('/', { watch: true })),
      await messageOf(() => zk.getChildren('/', { watch: true })),
      await messageOf(() => zk.addWatch('/')),
    ]

    expect(new Set(messages)).toEqual(new Set([DEFAULT_WATCHER]))
  })
})

describe('a wrong option of the constructor', () => {
  const names =
    'clock, scheduler, randomBytes, tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, limits, superDigest, enforceQuota, ttlNodes, containerCheckIntervalMs, maxNeverUsedContainerMs, compatibility, snapshot'

  it.each([
    [{ tickTime: 5 }, `TypeError: Unknown option "tickTime": there are ${names}`],
    [null, `TypeError: Invalid options null: pass an object with any of ${names}`],
    ['x', `TypeError: Invalid options "x": pass an object with any of ${names}`],
    [{ tickTimeMs: 0 }, 'RangeError: Invalid tickTimeMs 0: pass milliseconds, 1 or more'],
    [{ tickTimeMs: '5' }, 'RangeError: Invalid tickTimeMs "5": pass milliseconds, 1 or more'],
    [
      { tickTimeMs: Number.POSITIVE_INFINITY },
      'RangeError: Invalid tickTimeMs Infinity: pass milliseconds, 1 or more',
    ],
    [{ minSessionTimeoutMs: -1 }, 'RangeError: Invalid minSessionTimeoutMs -1: pass milliseconds, 1 or more'],
    [
      { maxSessionTimeoutMs: Number.NaN },
      'RangeError: Invalid maxSessionTimeoutMs NaN: pass milliseconds, 1 or more',
    ],
    [
      { minSessionTimeoutMs: 9, maxSessionTimeoutMs: 5 },
      'RangeError: minSessionTimeoutMs 9 is over maxSessionTimeoutMs 5',
    ],
    [
      { containerCheckIntervalMs: 0 },
      'RangeError: Invalid containerCheckIntervalMs 0: pass milliseconds, 1 or more',
    ],
    [
      { maxNeverUsedContainerMs: -1 },
      'RangeError: Invalid maxNeverUsedContainerMs -1: pass milliseconds, 0 or more',
    ],
  ])('%j is refused', async (given, message) => {
    expect(await messageOf(() => new EmbeddedZooKeeper(wrong(given)))).toBe(message)
  })
})

describe('a wrong option of connect', () => {
  const names = 'sessionTimeoutMs, connectTimeoutMs, watcher, chroot, session, auth, remoteAddress'
  const session =
    'TypeError: Invalid session: pass { id, password }, the sessionId and sessionPassword of its client'

  it.each([
    [{ timeout: 5 }, `TypeError: Unknown option "timeout": there are ${names}`],
    [5, `TypeError: Invalid options 5: pass an object with any of ${names}`],
    [{ sessionTimeoutMs: 0 }, 'RangeError: Invalid sessionTimeoutMs 0: pass milliseconds, 1 or more'],
    [{ connectTimeoutMs: '9' }, 'RangeError: Invalid connectTimeoutMs "9": pass milliseconds, 1 or more'],
    [{ watcher: 5 }, 'TypeError: Invalid watcher 5: pass a function'],
    [{ chroot: 5 }, 'TypeError: Invalid path 5: it must be a string'],
    [{ chroot: 'app' }, 'TypeError: Invalid path "app": it must start with "/"'],
    [{ chroot: '/app/' }, 'TypeError: Invalid path "/app/": it must not end with "/"'],
    [{ session: { id: 1, password: new Uint8Array(16) } }, session],
    [{ session: { id: 1n, password: 'x' } }, session],
    [{ auth: [{ scheme: 5, auth: 'x' }] }, CREDENTIAL],
    [{ auth: [{ scheme: 'digest', auth: 5 }] }, CREDENTIAL],
  ])('%o is refused', async (given, message) => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.connect(wrong(given)))).toBe(message)
  })
})

describe('a wrong argument of the server', () => {
  const NOT_OURS = 'TypeError: That client is not one of this server, or it is closed'

  it('is a client of another server, or one that is closed', async () => {
    const { zoo } = await startWorld()
    const { zk: stranger } = await startWorld()
    const closed = await zoo.connect()
    await closed.close()

    const messages = await Promise.all(
      [stranger, closed].flatMap((zk) => [
        messageOf(() => zoo.disconnect(zk)),
        messageOf(() => zoo.reconnect(zk)),
        messageOf(() => zoo.loseNextReply(zk)),
      ]),
    )

    expect(new Set(messages)).toEqual(new Set([NOT_OURS]))
  })

  it('is a session that there is not', async () => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.expire(7n))).toBe('TypeError: There is no session 7 on this server')
  })

  const DUMP = 'TypeError: Invalid dump: the data of "/a" must be a string, { base64: string } or null'

  it.each([
    [{ a: 'x' }, 'TypeError: Invalid path "a": it must start with "/"'],
    [{ '/a': 5 }, DUMP],
    [{ '/a': undefined }, DUMP],
    [{ '/a': {} }, DUMP],
    [{ '/a': { base64: 5 } }, DUMP],
    [{ '/b': 'fine', '/a': new Uint8Array(2) }, DUMP],
  ])('is the dump %j, of which nothing is loaded', async (dump, message) => {
    const { zoo } = await startWorld()

    expect(await messageOf(() => zoo.load(wrong(dump)))).toBe(message)
    expect(zoo.dump()).toEqual({})
  })
})
