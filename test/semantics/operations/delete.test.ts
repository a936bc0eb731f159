/** delete: the order of its checks (reference 4.2), what it leaves, and whom it tells. */
import { describe, expect, it } from 'vitest'
import { type ACL, type Code, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import {
  allBut,
  codeOf,
  connectRaw,
  create,
  recordEvents,
  remove,
  setACL,
  startServer,
  startWorld,
  worldACL,
} from '../fixture.js'
import { type Check, contests } from './check-order.js'

interface Situation {
  readonly path: string
  readonly parent: 'there' | 'missing'
  readonly parentACL: readonly ACL[]
  readonly node: 'childless' | 'with a child' | 'missing'
  readonly version: number
}

const passing: Situation = {
  path: '/p/n',
  parent: 'there',
  parentACL: OPEN_ACL_UNSAFE,
  node: 'childless',
  version: 0,
}

const checks: readonly Check<Situation>[] = [
  { name: 'the path has no NUL', code: 'BADARGUMENTS', spoil: { path: '/p/n\0' } },
  {
    name: 'the parent exists',
    code: 'NONODE',
    spoil: { parent: 'missing', parentACL: OPEN_ACL_UNSAFE, node: 'missing' },
  },
  { name: 'the parent grants DELETE', code: 'NOAUTH', spoil: { parentACL: allBut('DELETE') } },
  { name: 'the znode exists', code: 'NONODE', spoil: { node: 'missing' } },
  { name: 'the version is right', code: 'BADVERSION', spoil: { version: 1 } },
  { name: 'the znode has no children', code: 'NOTEMPTY', spoil: { node: 'with a child' } },
]

function codeIn(spoil: Partial<Situation>): Code | 'no reply' {
  const { path, parent, parentACL, node, version } = { ...passing, ...spoil }
  const cnxn = connectRaw(startServer().zoo)
  if (parent === 'there') cnxn.ask(create('/p'))
  if (node !== 'missing') cnxn.ask(create('/p/n'))
  if (node === 'with a child') cnxn.ask(create('/p/n/x'))
  if (parent === 'there') expect(cnxn.code(setACL('/p', parentACL))).toBe('OK')

  return cnxn.code(remove(path, version))
}

describe('the checks of delete [trap 15]', () => {
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

  it('answer NOAUTH for a missing child of a protected parent, BADVERSION for a full one [trap 15]', () => {
    expect([
      codeIn({ parentACL: allBut('DELETE'), node: 'missing' }),
      codeIn({ node: 'with a child', version: 7 }),
    ]).toEqual(['NOAUTH', 'BADVERSION'])
  })

  it.each(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', '', 'a'])(
    'answer BADARGUMENTS to %j',
    (path) => {
      const cnxn = connectRaw(startServer().zoo)

      expect(cnxn.code(remove(path))).toBe('BADARGUMENTS')
    },
  )

  it.each(['//', '/nope/', '/nope', '/zookeeper/quota/a', '/zookeeper/other'])(
    'answer NONODE to %j',
    (path) => {
      const cnxn = connectRaw(startServer().zoo)

      expect(cnxn.code(remove(path))).toBe('NONODE')
    },
  )
})

describe('delete', () => {
  it('asks the parent for permission and never the znode [trap 16]', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: worldACL(0) })

    await zk.delete('/a')

    expect(await zk.exists('/a')).toBeNull()
  })

  it('needs DELETE on the parent even if the znode grants everything [trap 16]', async () => {
    const { zk } = await startWorld()
    await zk.create('/p', null, { acl: allBut('DELETE') })
    await zk.create('/p/n')

    expect(await codeOf(zk.delete('/p/n'))).toBe('NOAUTH')
  })

  it('resolves to nothing', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')

    expect(await zk.delete('/a')).toBeUndefined()
  })

  it('removes an ephemeral of another session', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await other.create('/e', null, { mode: 'EPHEMERAL' })

    await zk.delete('/e')

    expect(await other.getEphemerals()).toEqual([])
  })

  it('tells those who watch the znode, then those who watch its parent [trap 6]', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/p/n')
    const { events, watcher } = recordEvents()
    await zk.getChildren('/p', { watcher })
    await zk.getChildren('/p/n', { watcher })
    await zk.getData('/p/n', { watcher })

    await zk.delete('/p/n')

    expect(events).toEqual(['NodeDeleted /p/n', 'NodeChildrenChanged /p'])
  })

  it('tells each connection by its own watches, the data table first [trap 6]', () => {
    const { zoo } = startServer()
    const [writer, data, child, parent] = [connectRaw(zoo), connectRaw(zoo), connectRaw(zoo), connectRaw(zoo)]
    writer.ask(create('/p'))
    writer.ask(create('/p/n'))
    child.ask({ type: 'getChildren2', path: '/p/n', watch: true })
    parent.ask({ type: 'getChildren2', path: '/p', watch: true })
    data.ask({ type: 'getData', path: '/p/n', watch: true })
    const order: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'notification') order.push(`${event.type} ${event.path} to ${event.sessionId}`)
    })

    writer.ask(remove('/p/n'))

    expect(order).toEqual([
      `NodeDeleted /p/n to ${data.sessionId}`,
      `NodeDeleted /p/n to ${child.sessionId}`,
      `NodeChildrenChanged /p to ${parent.sessionId}`,
    ])
  })

  it('changes nothing if it fails', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/p/n')
    const before = zoo.reports.znodes()

    await codeOf(zk.delete('/p'))
    await codeOf(zk.delete('/p/n', 3))

    expect(zoo.reports.znodes()).toEqual(before)
  })
})
