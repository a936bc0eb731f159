/** setData: the order of its checks (reference 4.6), its Stat, and whom it tells. */
import { describe, expect, it } from 'vitest'
import { type ACL, type Code, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import {
  allBut,
  bytes,
  codeOf,
  connectRaw,
  create,
  freshStat,
  recordEvents,
  START_MS,
  setACL,
  setData,
  startServer,
  startWorld,
} from '../fixture.js'
import { type Check, contests } from './check-order.js'

interface Situation {
  readonly path: string
  readonly isThere: boolean
  readonly acl: readonly ACL[]
  readonly bytesLimit: number
  readonly version: number
}

const passing: Situation = { path: '/n', isThere: true, acl: OPEN_ACL_UNSAFE, bytesLimit: 3, version: 0 }

const checks: readonly Check<Situation>[] = [
  { name: 'the path names a znode', code: 'BADARGUMENTS', spoil: { path: '/n/' } },
  {
    name: 'the znode exists',
    code: 'NONODE',
    spoil: { isThere: false, acl: OPEN_ACL_UNSAFE, bytesLimit: 3 },
  },
  { name: 'the znode grants WRITE', code: 'NOAUTH', spoil: { acl: allBut('WRITE') } },
  { name: 'the quota is not used up', code: 'QUOTAEXCEEDED', spoil: { bytesLimit: 2 } },
  { name: 'the version is right', code: 'BADVERSION', spoil: { version: 1 } },
]

function codeIn(spoil: Partial<Situation>): Code | 'no reply' {
  const { path, isThere, acl, bytesLimit, version } = { ...passing, ...spoil }
  const cnxn = connectRaw(startServer({ enforceQuota: true }).zoo)
  if (isThere) cnxn.ask(create('/n'))
  cnxn.ask(create('/zookeeper/quota/n'))
  cnxn.ask(create('/zookeeper/quota/n/zookeeper_limits', { data: bytes(`byteHardLimit=${bytesLimit}`) }))
  cnxn.ask(create('/zookeeper/quota/n/zookeeper_stats'))
  if (isThere) expect(cnxn.code(setACL('/n', acl))).toBe('OK')

  return cnxn.code(setData(path, 'abc', version))
}

describe('the checks of setData [trap 15]', () => {
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

  it.each(['', 'n', '/n/', '//', '/./n', '/n\0', '/\ud800'])('answer BADARGUMENTS to the path %j', (path) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code(setData(path))).toBe('BADARGUMENTS')
  })
})

describe('setData', () => {
  it('resolves to the new Stat', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/a', 'x')
    await clock.advance(5)

    const stat = await zk.setData('/a', 'xyz', 0)

    expect({ ...stat }).toEqual(freshStat(2n, { mzxid: 3n, mtime: START_MS + 5, version: 1, dataLength: 3 }))
  })

  it('needs no READ', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'x', { acl: allBut('READ') })

    const stat = await zk.setData('/a', 'xy')

    expect(stat.dataLength).toBe(2)
  })

  it('counts and tells even if the bytes stay the same', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'x')
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })

    const stat = await zk.setData('/a', 'x')

    expect(stat.version).toBe(1)
    expect(events).toEqual(['NodeDataChanged /a'])
  })

  it('tells the writer of its own change before it replies [trap 5]', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.ask(create('/a'))
    cnxn.ask({ type: 'getData', path: '/a', watch: true })

    cnxn.ask(setData('/a'))

    expect(cnxn.log).toEqual([
      'connected',
      'reply 1 OK 2',
      'reply 2 OK 2',
      'NodeDataChanged /a 3',
      'reply 3 OK 3',
    ])
  })

  it('tells nobody but those who watch the data of this znode', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a/b')
    await zk.create('/ab')
    const { events, watcher } = recordEvents()
    await zk.getChildren('/', { watcher })
    await zk.getChildren('/a', { watcher })
    await zk.getData('/', { watcher })
    await zk.getData('/a/b', { watcher })
    await zk.getData('/ab', { watcher })

    await zk.setData('/a', 'x')

    expect(events).toEqual([])
  })

  it('changes nothing and tells nobody if it fails', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a', 'x')
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })
    const before = zoo.reports.znodes()

    await codeOf(zk.setData('/a', 'y', 9))

    expect(zoo.reports.znodes()).toEqual(before)
    expect(events).toEqual([])
  })
})
