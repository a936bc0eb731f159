/** Znodes that are kept, when others want the same path, and when sessions end. */
import { describe, expect, it } from 'vitest'
import { KeeperException, OPEN_ACL_UNSAFE, Perms } from '../../src/index.js'
import { PersistentNode } from '../../src/recipes/index.js'
import { text } from '../semantics/fixture.js'
import { connectLasting, startFaultWorld, watchEnd } from './fault-world.js'
import { cutAtNext, lagUntilSync, leftovers, NOTHING, startRecipes } from './fixture.js'

describe('a persistent node', () => {
  it('is not present while another one has taken its path', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node')
    await node.ready

    await admin.transaction().delete('/node').create('/node').commit()
    await rest()

    expect(node.isPresent).toBe(false)
  })

  it('has the data that was set while it was created', async () => {
    const { zoo, admin, rest, when } = await startFaultWorld()
    const zk = await zoo.connect()
    when(
      (request) => request.type === 'exists' && request.path === '/node',
      () => void node.setData('new'),
    )

    const node = new PersistentNode(zk, '/node', 'old')
    await node.ready
    const after = new PersistentNode(zk, '/other', 'old')
    await after.setData('new')
    await after.ready
    await rest()

    expect(text((await admin.getData('/node')).data)).toBe('new')
    expect(text((await admin.getData('/other')).data)).toBe('new')
  })

  it('has the data that was set between the create and its reply', async () => {
    const { zoo, admin, rest, when } = await startFaultWorld()
    const zk = await zoo.connect()
    when(
      (request) => request.type.startsWith('create') && 'path' in request && request.path === '/node',
      () => void node.setData('new'),
    )

    const node = new PersistentNode(zk, '/node', 'old')
    await node.ready
    await rest()

    expect(text((await admin.getData('/node')).data)).toBe('new')
  })

  it('takes new data for the next session when its own has just expired', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const client = await connectLasting(zoo)
    const node = new PersistentNode(client, '/node', 'old')
    await node.ready
    zoo.disconnect(client.latest)
    await zoo.settle()

    const end = watchEnd(node.setData('new'))
    zoo.expire(client.latest)
    zoo.reconnect(client.latest)
    await rest()

    expect(end.ended()).toBe('done')
    expect(text((await admin.getData('/node')).data)).toBe('new')
  })

  it('does not write into the znode of another one that was faster', async () => {
    const { zoo, admin, rest, when } = await startFaultWorld()
    when(
      ({ type }) => type === 'getData' || type === 'exists',
      () => void admin.create('/node', 'first'),
    )
    const second = new PersistentNode(await zoo.connect(), '/node', 'second')
    await rest()

    await second.setData('second, changed')
    await rest()

    expect(text((await admin.getData('/node')).data)).toBe('first')
  })

  it('says what was set while it was being created', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node', 'old')

    await node.setData('new')
    await rest()

    expect(text((await admin.getData('/node')).data)).toBe('new')
  })

  it('says in the end what was set last, although who set it has given up', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const zk = await zoo.connect()
    const node = new PersistentNode(zk, '/node', 'first')
    await node.ready
    zoo.disconnect(zk)
    await zoo.settle()

    const [second, third] = [
      watchEnd(node.setData('second')),
      watchEnd(node.setData('third', { timeoutMs: 5 })),
    ]
    await rest()
    const before = [second.ended(), third.ended()]
    zoo.reconnect(zk)
    await rest()

    expect(before).toMatchObject(['pending', { name: 'TimeoutError' }])
    expect([second.ended(), text((await admin.getData('/node')).data)]).toEqual(['done', 'third'])
  })

  it('takes nothing from a call that was given up before it began', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node', 'first')
    await node.ready

    const end = watchEnd(node.setData('second', { signal: AbortSignal.abort('given up') }))
    await admin.delete('/node')
    await rest()

    expect([end.ended(), text((await admin.getData('/node')).data)]).toEqual(['given up', 'first'])
  })

  it('writes once for many who set its data at the same time, until it says the last', async () => {
    const { zoo, admin } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node', '0')
    await node.ready

    await Promise.all(['1', '2', '3'].map((data) => node.setData(data)))

    const { data, stat } = await admin.getData('/node')
    expect([text(data), stat.version]).toEqual(['3', 2])
  })

  it('goes on with what it said when a change was refused', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const acl = [{ perms: Perms.READ, scheme: 'world', id: 'anyone' }]
    const node = new PersistentNode(await zoo.connect(), '/node', 'first', { acl })
    await node.ready

    await expect(node.setData('second')).rejects.toMatchObject({ code: 'NOAUTH' })
    await admin.delete('/node')
    await rest()

    expect([node.isPresent, text((await admin.getData('/node')).data)]).toEqual([true, 'first'])
  })

  it('says what was set last though what was set before it is refused', async () => {
    const { zoo } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node', 'first')
    await node.ready

    const outcomes = await Promise.allSettled([
      node.setData(new Uint8Array(2_000_000)),
      node.setData('second'),
    ])

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(zoo.dump()['/node']).toBe('second')
  })

  it('tells of a refusal once: the same data can be set later', async () => {
    const { zoo, admin } = await startFaultWorld()
    const node = new PersistentNode(await zoo.connect(), '/node', 'first')
    await node.ready
    await admin.setACL('/node', [{ perms: Perms.ALL & ~Perms.WRITE, scheme: 'world', id: 'anyone' }])
    const refused = await Promise.allSettled([node.setData(null)])
    await admin.setACL('/node', OPEN_ACL_UNSAFE)

    await node.setData(null)

    expect([refused.map(({ status }) => status), (await admin.getData('/node')).data]).toEqual([
      ['rejected'],
      null,
    ])
  })

  it('keeps nobody waiting who sets its data when it is closed', async () => {
    const { zoo } = await startFaultWorld()
    const zk = await zoo.connect()
    const node = new PersistentNode(zk, '/node')
    await node.ready
    zoo.disconnect(zk)

    const end = watchEnd(node.setData('new'))
    const closed = node.close()
    await zoo.settle()
    const ended = end.ended()
    zoo.reconnect(zk)
    await closed

    expect(ended).toBe('done')
  })

  it('waits for the end of one before it in the same session', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const zk = await zoo.connect()
    const first = new PersistentNode(zk, '/node', 'first')
    await first.ready

    const closed = first.close()
    const second = new PersistentNode(zk, '/node', 'second')
    await rest()
    await closed

    expect(second.isPresent).toBe(true)
    expect(text((await admin.getData('/node')).data)).toBe('second')
  })
})

describe('a persistent node whose server lags behind after a lost reply', () => {
  it('finds the znode that it has created', async () => {
    const { zoo, ann } = await startRecipes()
    cutAtNext(zoo, ann, 'create')
    lagUntilSync(ann, '/n')
    const node = new PersistentNode(ann, '/n')
    await zoo.settle()

    zoo.reconnect(ann)
    await zoo.settle()
    const wasPresent = node.isPresent
    await node.close()

    expect([wasPresent, zoo.dump()['/n']]).toEqual([true, undefined])
  })

  it('leaves no znode when it is closed at that moment', async () => {
    const world = await startRecipes()
    const { zoo, ann } = world
    cutAtNext(zoo, ann, 'create')
    lagUntilSync(ann, '/n')
    const node = new PersistentNode(ann, '/n')
    await zoo.settle()

    const closed = node.close()
    zoo.reconnect(ann)
    await closed

    expect(await leftovers(world)).toEqual(NOTHING)
  })
})

describe('a persistent node that takes over', () => {
  const takesOver = true

  it('replaces the one that is there, whose keeper waits in its turn', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [created, lost]: [string[], unknown[]] = [[], []]
    const older = new PersistentNode(ann, '/n', 'older')
    await older.ready
    older.on('created', () => void created.push('older'))
    older.on('lost', (error) => void lost.push(error))

    const newer = new PersistentNode(bob, '/n', 'newer', { takesOver })
    await newer.ready
    await zoo.settle()
    const during = [zoo.dump()['/n'], older.isPresent, newer.isPresent]
    await newer.close()
    await zoo.settle()

    expect([during, lost]).toEqual([['newer', false, true], []])
    expect([zoo.dump()['/n'], older.isPresent, created]).toEqual(['older', true, ['older']])
  })

  it('does so once: after that it waits like any other', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const first = new PersistentNode(ann, '/n', 'first', { takesOver })
    await first.ready

    const second = new PersistentNode(bob, '/n', 'second', { takesOver })
    await second.ready
    await zoo.settle()

    expect([zoo.dump()['/n'], first.isPresent, second.isPresent]).toEqual(['second', false, true])
  })

  it('comes to an end when many do so at once, and each of them has been there', async () => {
    const { zoo, ann, bob } = await startRecipes()

    const nodes = [ann, bob, ann, bob].map((zk, i) => new PersistentNode(zk, '/n', `${i}`, { takesOver }))
    await Promise.all(nodes.map(({ ready }) => ready))
    await zoo.settle()

    const present = nodes.flatMap(({ isPresent }, i) => (isPresent ? [`${i}`] : []))
    expect(present).toEqual([zoo.dump()['/n']])
  })

  it.each([0, 1, 2])(
    'has another version than the one before, of version %d, for who writes into that',
    async (version) => {
      const { ann, bob } = await startRecipes()
      await ann.create('/n')
      for (let i = 0; i < version; i++) await ann.setData('/n', 'old')

      await new PersistentNode(bob, '/n', 'new', { takesOver }).ready

      const { data, stat } = await ann.getData('/n')
      expect([text(data), stat.version === version]).toEqual(['new', false])
    },
  )

  it('replaces that of another one who has the same client', async () => {
    const { zoo, ann } = await startRecipes()
    const older = new PersistentNode(ann, '/n', 'older')
    await older.ready

    const newer = new PersistentNode(ann, '/n', 'newer', { takesOver })
    await newer.ready
    await zoo.settle()
    await older.setData('changed')
    await older.close()
    await zoo.settle()

    expect([zoo.dump()['/n'], newer.isPresent]).toEqual(['newer', true])
  })

  it('does not take the znode that it replaces for its own when the transaction was lost', async () => {
    const { zoo, ann } = await startRecipes()
    const older = new PersistentNode(ann, '/n', 'older')
    await older.ready
    const multi = ann.multi.bind(ann)
    ann.multi = () => {
      ann.multi = multi
      return Promise.reject(new KeeperException('CONNECTIONLOSS'))
    }

    await new PersistentNode(ann, '/n', 'newer', { takesOver }).ready

    expect(zoo.dump()['/n']).toBe('newer')
  })

  it('finds out whether it has when the reply was lost', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const older = new PersistentNode(ann, '/n', 'older')
    await older.ready
    cutAtNext(zoo, bob, 'multi')

    const newer = new PersistentNode(bob, '/n', 'newer', { takesOver })
    await zoo.settle()
    zoo.reconnect(bob)
    await newer.ready
    await zoo.settle()

    expect([zoo.dump()['/n'], newer.isPresent, older.isPresent]).toEqual(['newer', true, false])
  })

  it('creates the znode if that goes by itself at that moment', async () => {
    const { zoo, admin, rest, when } = await startFaultWorld()
    await admin.create('/n', 'other')
    when(
      ({ type }) => type === 'multi',
      () => void admin.delete('/n'),
    )

    const node = new PersistentNode(await zoo.connect(), '/n', 'own', { takesOver })
    await rest()

    expect([node.isPresent, zoo.dump()['/n']]).toEqual([true, 'own'])
  })
})
