/** A request in a few words, of every operation. */
import { describe, expect, it } from 'vitest'
import { type Request, showACL, showRequest } from '../../src/cli/request-text.js'
import { Perms } from '../../src/index.js'
import { auth, bytes, check, create, read, remove, setACL, setData, worldACL } from '../semantics/fixture.js'

const NO_WATCHES = {
  type: 'setWatches',
  relativeZxid: 31,
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
} as const

const table: readonly (readonly [text: string, request: Request])[] = [
  ['create /a null', create('/a')],
  ['create /a "x" EPHEMERAL', create('/a', { data: bytes('x'), mode: 'EPHEMERAL' })],
  ['create2 /a null', create('/a', { type: 'create2' })],
  ['createContainer /a null CONTAINER', create('/a', { mode: 'CONTAINER' })],
  ['createTTL /a null PERSISTENT_WITH_TTL ttl 1000 ms', create('/a', { mode: 'PERSISTENT_WITH_TTL' })],
  ['create /a null of no known mode', create('/a', { mode: undefined })],
  ['create /a null acl world:r', create('/a', { acl: worldACL(Perms.READ) })],
  ['create /a null acl empty', create('/a', { acl: [] })],
  ['delete /a', remove('/a')],
  ['delete /a v3', remove('/a', 3)],
  ['exists /a', read('exists', '/a')],
  ['exists /a watch', read('exists', '/a', true)],
  ['getData /a watch', read('getData', '/a', true)],
  ['getChildren /a', read('getChildren', '/a')],
  ['getChildren2 / watch', read('getChildren2', '/', true)],
  ['setData /a "x"', setData('/a')],
  ['setData /a v0 "hello"', setData('/a', 'hello', 0)],
  ['setData /a null', setData('/a', null)],
  ['getACL /a', { type: 'getACL', path: '/a' }],
  ['setACL /a v2 acl world:cdrwa', setACL('/a', worldACL(Perms.ALL), 2)],
  ['sync /a', { type: 'sync', path: '/a' }],
  ['sync null', { type: 'sync', path: null }],
  ['getAllChildrenNumber /a', { type: 'getAllChildrenNumber', path: '/a' }],
  ['getEphemerals ""', { type: 'getEphemerals', path: '' }],
  ['multi of 0', { type: 'multi', ops: [] }],
  [
    'multi of 4: check /a v1, create /a/b null, setData /a "x", delete /a/c',
    { type: 'multi', ops: [check('/a', 1), create('/a/b'), setData('/a'), remove('/a/c')] },
  ],
  [
    'multi of 6: check /0, check /1, check /2, check /3 and 2 more',
    { type: 'multi', ops: [0, 1, 2, 3, 4, 5].map((i) => check(`/${i}`)) },
  ],
  [
    'multiRead of 2: getData /a, getChildren /b',
    {
      type: 'multiRead',
      ops: [
        { type: 'getData', path: '/a' },
        { type: 'getChildren', path: '/b' },
      ],
    },
  ],
  ['checkWatches /a Data', { type: 'checkWatches', path: '/a', watcherType: 'Data' }],
  ['removeWatches /a Any', { type: 'removeWatches', path: '/a', watcherType: 'Any' }],
  ['addWatch /a PERSISTENT_RECURSIVE', { type: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' }],
  ['setWatches none, since zxid 0x1f', NO_WATCHES],
  [
    'setWatches 2 data, 1 exist, 1 child, 1 persistent, 1 recursive, since zxid 0x1f',
    {
      ...NO_WATCHES,
      dataWatches: ['/a', '/b'],
      existWatches: ['/c'],
      childWatches: ['/d'],
      persistentWatches: ['/e'],
      persistentRecursiveWatches: ['/f'],
    },
  ],
  ['auth digest', auth('digest', 'alice:secret')],
  ['sasl 6 bytes', { type: 'sasl', token: bytes('secret') }],
  ['whoAmI', { type: 'whoAmI' }],
  ['ping', { type: 'ping' }],
  ['reconfig', { type: 'reconfig' }],
  ['closeSession', { type: 'closeSession' }],
  ['a body that cannot be read, of operation 5', { type: 'malformed', opCode: 5 }],
  ['no operation that there is: 77', { type: 'unknown', opCode: 77 }],
]

describe('a request', () => {
  it.each(table)('is shown as %s', (text, request) => {
    expect(showRequest(request)).toBe(text)
  })

  it('is tested here in each of its types', () => {
    const types = table.map(([, { type }]) => type)

    expect(new Set(types)).toEqual(new Set(Object.keys(everyType)))
  })

  it('stays short and in one line whatever was sent', () => {
    const long = '\n\u001b'.repeat(1000)

    const lines = [create(long, { data: bytes('x'.repeat(1000)), acl: longACL() }), auth(long, 'x')].map(
      showRequest,
    )

    expect(lines.filter((line) => line.length > 2000 || /\p{C}/u.test(line))).toEqual([])
  })
})

describe('an ACL', () => {
  it('is shown by scheme and permissions', () => {
    expect(showACL([...worldACL(Perms.READ | Perms.WRITE), ...worldACL(0)])).toBe('acl world:rw, world:none')
  })

  it('does not show ids: those of digest are as good as passwords', () => {
    const shown = showRequest(setACL('/a', [{ scheme: 'digest', id: 'alice:hash', perms: Perms.ADMIN }]))

    expect(shown).toBe('setACL /a acl digest:a')
  })
})

/** Does not compile when a request comes or goes. */
const everyType = {
  create: 1,
  create2: 1,
  createContainer: 1,
  createTTL: 1,
  delete: 1,
  exists: 1,
  getData: 1,
  getChildren: 1,
  getChildren2: 1,
  setData: 1,
  getACL: 1,
  setACL: 1,
  sync: 1,
  getAllChildrenNumber: 1,
  getEphemerals: 1,
  multi: 1,
  multiRead: 1,
  checkWatches: 1,
  removeWatches: 1,
  addWatch: 1,
  setWatches: 1,
  auth: 1,
  sasl: 1,
  whoAmI: 1,
  ping: 1,
  reconfig: 1,
  closeSession: 1,
  malformed: 1,
  unknown: 1,
} satisfies Record<Request['type'], 1>

function longACL(): { scheme: string; id: string; perms: number }[] {
  return Array.from({ length: 1000 }, () => ({ scheme: '\u001b'.repeat(1000), id: 'x', perms: 1 }))
}
