/** getACL and setACL: the order of their checks (reference 4.7, 4.8), what they answer and what they leave alone. */
import { describe, expect, it } from 'vitest'
import { type ACL, type Code, digestId, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import {
  allBut,
  codeOf,
  connectRaw,
  create,
  freshStat,
  recordEvents,
  setACL,
  startServer,
  startWorld,
  worldACL,
} from '../fixture.js'
import { type Check, contests } from './check-order.js'

interface Situation {
  readonly path: string
  readonly given: readonly ACL[]
  readonly isThere: boolean
  readonly current: readonly ACL[]
  readonly version: number
}

const passing: Situation = {
  path: '/n',
  given: worldACL(3),
  isThere: true,
  current: OPEN_ACL_UNSAFE,
  version: 0,
}
const malformed: readonly ACL[] = [{ perms: 31, scheme: 'digest', id: 'no-colon' }]

const checks: readonly Check<Situation>[] = [
  { name: 'the path names a znode', code: 'BADARGUMENTS', spoil: { path: 'n' } },
  { name: 'the ACL is well formed', code: 'INVALIDACL', spoil: { given: malformed } },
  { name: 'the znode exists', code: 'NONODE', spoil: { isThere: false, current: OPEN_ACL_UNSAFE } },
  { name: 'the znode grants ADMIN', code: 'NOAUTH', spoil: { current: allBut('ADMIN') } },
  { name: 'the aversion is right', code: 'BADVERSION', spoil: { version: 1 } },
]

function codeIn(spoil: Partial<Situation>): Code | 'no reply' {
  const { path, given, isThere, current, version } = { ...passing, ...spoil }
  const cnxn = connectRaw(startServer().zoo)
  if (isThere) expect(cnxn.code(create('/n', { acl: current }))).toBe('OK')

  return cnxn.code(setACL(path, given, version))
}

describe('the checks of setACL [trap 14]', () => {
  it('let a request pass with which nothing is wrong', () => {
    expect(codeIn({})).toBe('OK')
  })

  it.each(checks)('answer $code unless $name', ({ code, spoil }) => {
    expect(codeIn(spoil)).toBe(code)
  })

  it.each(contests(checks))(
    'answer $code and not $loserCode if both fail: $winner, $loser',
    ({ code, spoil }) => {
      expect(codeIn(spoil)).toBe(code)
    },
  )

  it.each(['', 'n', '/n/', '//', '/..', '/n\0'])('answer BADARGUMENTS to the path %j', (path) => {
    expect(codeIn({ path })).toBe('BADARGUMENTS')
  })
})

describe('setACL', () => {
  it('changes the aversion and nothing else of the Stat [trap 8]', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/a', 'x')
    await clock.advance(1000)

    const stat = await zk.setACL('/a', worldACL(31))

    expect({ ...stat }).toEqual(freshStat(2n, { aversion: 1, dataLength: 1 }))
  })

  it('tells nobody, whatever watch there is [trap 8]', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'x')
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })
    await zk.exists('/a', { watcher })
    await zk.getChildren('/a', { watcher })
    await zk.addWatch('/a', watcher)
    await zk.addWatch('/', watcher, { recursive: true })

    await zk.setACL('/a', worldACL(1))

    expect(events).toEqual([])
  })

  it('compares its version with the aversion and not with the version', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.setData('/a', 'x')

    const codes = [
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 1)),
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 0)),
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 0)),
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 1)),
    ]

    expect(codes).toEqual(['BADVERSION', 'OK', 'BADVERSION', 'OK'])
  })

  it('is judged by the ACL that it replaces', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')

    await zk.setACL('/a', allBut('ADMIN'))

    expect(await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE))).toBe('NOAUTH')
  })

  it('changes nothing if it fails', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    const before = zoo.reports.znodes()

    await codeOf(zk.setACL('/a', worldACL(1), 5))

    expect(zoo.reports.znodes()).toEqual(before)
  })
})

describe('getACL', () => {
  it('resolves to the list and the Stat', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'x', { acl: worldACL(17) })

    const { acl, stat } = await zk.getACL('/a')

    expect(acl).toEqual(worldACL(17))
    expect({ ...stat }).toEqual(freshStat(2n, { dataLength: 1 }))
  })

  it.each([
    ['READ alone', 1, 'OK'],
    ['ADMIN alone', 16, 'OK'],
    ['everything but READ and ADMIN', 14, 'NOAUTH'],
    ['nothing', 0, 'NOAUTH'],
  ])('of a znode that grants %s gives [trap 36]: %d %s', async (_, perms, code) => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: worldACL(perms) })

    expect(await codeOf(zk.getACL('/a'))).toBe(code)
  })

  it('of a missing znode gives NONODE', async () => {
    const { zk } = await startWorld()

    expect(await codeOf(zk.getACL('/a'))).toBe('NONODE')
  })

  it.each([
    ['', 'OK'],
    ['/', 'OK'],
    ['a', 'NONODE'],
    ['/zookeeper/', 'NONODE'],
    ['/\0', 'NONODE'],
  ])('takes the path %j as it comes: %s', (path, code) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code({ type: 'getACL', path })).toBe(code)
  })

  it.each([
    ['READ', 1, 'alice:x'],
    ['ADMIN', 16, digestId('alice:pw')],
    ['both', 17, digestId('alice:pw')],
  ])('shows a digest to a reader with %s as it may be seen [trap 36]', async (_, perms, id) => {
    const { zk } = await startWorld()
    const alice = { perms: 2, scheme: 'digest', id: digestId('alice:pw') }
    const local = { perms: 2, scheme: 'ip', id: '10.0.0.1' }
    await zk.create('/a', null, { acl: [alice, local, ...worldACL(perms)] })

    const { acl } = await zk.getACL('/a')

    expect(acl).toEqual([{ ...alice, id }, local, ...worldACL(perms)])
  })
})
