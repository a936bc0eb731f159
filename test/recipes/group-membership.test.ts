/** PersistentNode and GroupMembership: a znode that is there as long as its owner wants, and who is there. */
import { describe, expect, it } from 'vitest'
import { Op, Perms } from '../../src/index.js'
import { GroupMembership, LastingClient, PersistentNode } from '../../src/recipes/index.js'
import { cutAtNext, leftovers, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('a persistent node', () => {
  it('is there, with its parents and its data, until it is closed', async () => {
    const world = await startRecipes()
    const node = new PersistentNode(world.ann, '/a/b', 'data')

    await node.ready
    expect([world.zoo.dump()['/a/b'], node.isPresent]).toEqual(['data', true])
    await node.close()
    await node.close()

    expect([namesBelow(world.zoo, '/a'), node.isPresent]).toEqual([[], false])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('is there again after somebody has deleted it', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const created: string[] = []
    const node = new PersistentNode(ann, '/n', 'data')
    node.on('created', (path) => void created.push(path))
    await node.ready

    await bob.delete('/n')
    await zoo.settle()

    expect([zoo.dump()['/n'], created]).toEqual(['data', ['/n', '/n']])
  })

  it('is there again in a new session, with the data that it was given last', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const node = new PersistentNode(lasting, '/n', 'first')
    await node.ready
    await node.setData('second')

    zoo.expire(lasting.latest)
    await zoo.settle()

    expect([zoo.dump()['/n'], node.isPresent]).toEqual(['second', true])
  })

  it('waits for one of another session to go', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await bob.create('/n', 'old', { mode: 'EPHEMERAL' })
    const node = new PersistentNode(ann, '/n', 'new')
    await zoo.settle()
    expect([zoo.dump()['/n'], node.isPresent]).toEqual(['old', false])

    await bob.close()
    await node.ready

    expect(zoo.dump()['/n']).toBe('new')
  })

  it('tells that it cannot be kept any longer', async () => {
    const { zoo, ann } = await startRecipes()
    const lost: unknown[] = []
    const node = new PersistentNode(ann, '/n')
    node.on('lost', (error) => void lost.push(error))
    await node.ready

    zoo.expire(ann)
    await zoo.settle()

    expect(lost).toMatchObject([{ code: 'SESSIONEXPIRED' }])
  })

  it('is gone when it is closed although its ACL hides it from itself', async () => {
    const world = await startRecipes()
    const perms = Perms.CREATE | Perms.WRITE | Perms.DELETE
    const lost: unknown[] = []
    const node = new PersistentNode(world.ann, '/n', 'data', {
      acl: [{ perms, scheme: 'world', id: 'anyone' }],
    })
    node.on('lost', (error) => void lost.push(error))
    await world.zoo.settle()

    await node.close()

    expect(lost).toMatchObject([{ code: 'NOAUTH' }])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('sets its data in the next session when its own expires meanwhile', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const node = new PersistentNode(lasting, '/n', 'first')
    await node.ready

    zoo.expire(lasting.latest)
    const setting = outcomeOf(node.setData('second').then(() => 'set'))
    await zoo.settle()

    expect([setting.settled, zoo.dump()['/n']]).toEqual(['set', 'second'])
  })

  it('was never there, if it is closed before', async () => {
    const world = await startRecipes()
    world.zoo.disconnect(world.ann)
    const node = new PersistentNode(world.ann, '/n')
    const ready = outcomeOf(node.ready)

    const closed = node.close()
    world.zoo.reconnect(world.ann)
    await closed

    expect(ready.settled).toMatchObject({ message: 'The persistent node /n was closed' })
    expect(await leftovers(world)).toEqual(NOTHING)
  })
})

describe('a persistent node that somebody else has now', () => {
  it('is not deleted when the reply to closing it was lost', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const created: string[] = []
    const node = new PersistentNode(ann, '/n', 'ann')
    await node.ready

    cutAtNext(zoo, ann, 'delete')
    const closing = outcomeOf(node.close().then(() => 'closed'))
    await zoo.settle()
    const next = new PersistentNode(bob, '/n', 'bob')
    next.on('created', (path) => void created.push(path))
    await next.ready
    zoo.reconnect(ann)
    await zoo.settle()

    expect([closing.settled, created, zoo.dump()['/n']]).toEqual(['closed', ['/n'], 'bob'])
  })

  it('is not present, and gets no data', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const node = new PersistentNode(ann, '/n', 'ann')
    await node.ready

    await zoo.settle()

    await bob.multi([Op.delete('/n'), Op.create('/n', 'bob', { mode: 'EPHEMERAL' })])
    const early = node.setData('early')
    await zoo.settle()
    await Promise.all([early, node.setData('late')])

    expect([node.isPresent, zoo.dump()['/n']]).toEqual([false, 'bob'])
  })

  it('is not present either if that came before it was watched', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const node = new PersistentNode(ann, '/n', 'ann')
    node.once('created', () => {
      void bob.multi([Op.delete('/n'), Op.create('/n', 'bob', { mode: 'EPHEMERAL' })])
    })

    await zoo.settle()

    expect([node.isPresent, zoo.dump()['/n']]).toEqual([false, 'bob'])
  })

  it('comes back with the newest data when that one is gone', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const node = new PersistentNode(ann, '/n', 'ann')
    await node.ready
    await bob.multi([Op.delete('/n'), Op.create('/n', 'bob', { mode: 'EPHEMERAL' })])
    await zoo.settle()

    await node.setData('newest')
    await bob.delete('/n')
    await zoo.settle()

    expect([node.isPresent, zoo.dump()['/n']]).toEqual([true, 'newest'])
  })
})

describe.each(['curator', 'kazoo'] as const)('a group as that of %s', (layout) => {
  it('has members as long as they do not leave, or die', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [
      new GroupMembership(ann, '/g', { layout }),
      new GroupMembership(bob, '/g', { layout }),
    ]
    const ids = async (): Promise<string[]> => (await anns.members()).map(({ id }) => id).sort()

    expect(await ids()).toEqual([])
    await anns.join('ann')
    await bobs.join('bob')
    expect(await ids()).toEqual(['ann', 'bob'])
    zoo.expire(bob)
    expect(await ids()).toEqual(['ann'])
    await anns.leave()

    expect(await ids()).toEqual([])
  })

  it('tells who joins and who leaves', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const seen: string[] = []
    const stop = new AbortController()
    const watch = async (): Promise<void> => {
      const states = new GroupMembership(bob, '/g', { layout }).watch({ signal: stop.signal })
      for await (const { members, joined, left } of states)
        seen.push([members, joined, left].map((list) => list.map(({ id }) => id).join()).join('|'))
    }
    const watching = watch()
    const group = new GroupMembership(ann, '/g', { layout })

    await zoo.settle()
    await group.join('ann')
    await zoo.settle()
    await group.leave()
    await zoo.settle()
    stop.abort()
    await watching

    expect(seen).toEqual(['||', 'ann|ann|', '||ann'])
  })

  it('is neither joined twice, nor left by who is not in it', async () => {
    const { ann } = await startRecipes()
    const group = new GroupMembership(ann, '/g', { layout })

    await expect(group.leave()).rejects.toThrow('No member of /g: join it first')
    await group.join('ann')
    await expect(group.join('ann')).rejects.toThrow('Already a member of /g: leave it first')
  })
})

describe('a group', () => {
  it('is laid out as those of Curator and kazoo', async () => {
    const { zoo, ann } = await startRecipes()

    await new GroupMembership(ann, '/c').join('ann', 'data')
    await new GroupMembership(ann, '/k', { layout: 'kazoo' }).join('ann')

    expect([namesBelow(zoo, '/c'), zoo.dump()['/c/ann']]).toEqual([['ann'], 'data'])
    const [name = ''] = namesBelow(zoo, '/k')
    expect([/^[0-9a-f]{32}__party__$/.test(name), zoo.dump()[`/k/${name}`]]).toEqual([true, 'ann'])
  })

  it('tells a member that has restarted from one that has stayed', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new GroupMembership(ann, '/g').join('ann')
    const states = new GroupMembership(bob, '/g').watch()
    await states.next()
    const next = states.next()
    await zoo.settle()

    zoo.disconnect(bob)
    await ann.close()
    await new GroupMembership(await zoo.connect(), '/g').join('ann')
    zoo.reconnect(bob)

    expect((await next).value).toMatchObject({ joined: [{ id: 'ann' }], left: [{ id: 'ann' }], isGap: true })
  })

  it('is not joined by one who gives up', async () => {
    const { zoo, clock, ann, bob } = await startRecipes()
    await bob.createAll('/g/ann', null, { mode: 'EPHEMERAL' })
    const group = new GroupMembership(ann, '/g')

    const joining = outcomeOf(group.join('ann', null, { timeoutMs: 5 }))
    await zoo.settle()
    await clock.advance(5)

    expect([joining.settled, group.isMember]).toMatchObject([{ name: 'TimeoutError' }, false])
  })

  it('tells of no loss to one whose joining has failed: that says why', async () => {
    const { zoo, ann } = await startRecipes()
    const group = new GroupMembership(ann, '/g', { acl: [] })
    const lost: unknown[] = []
    group.on('lost', (error) => void lost.push(error))

    await expect(group.join('ann')).rejects.toMatchObject({ code: 'INVALIDACL' })
    await zoo.settle()

    expect([lost, group.isMember]).toEqual([[], false])
  })

  it('says at which path it is', async () => {
    const { ann } = await startRecipes()

    expect(new GroupMembership(ann, '/g').path).toBe('/g')
  })

  it('tells a member that its session has ended, and that it is none any more', async () => {
    const { zoo, ann } = await startRecipes()
    const group = new GroupMembership(ann, '/g')
    const lost: unknown[] = []
    group.on('lost', (error) => void lost.push(error))
    await group.join('ann')

    zoo.expire(ann)
    await zoo.settle()

    expect([lost, group.isMember]).toMatchObject([[{ code: 'SESSIONEXPIRED' }], false])
    await expect(group.leave()).rejects.toThrow('No member of /g: join it first')
  })

  it('tells nobody of a loss who has left, or goes on in a new session', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const groups = [new GroupMembership(ann, '/g'), new GroupMembership(lasting, '/g')] as const
    const lost: unknown[] = []
    for (const group of groups) group.on('lost', (error) => void lost.push(error))
    await Promise.all([groups[0].join('ann'), groups[1].join('bob')])

    await groups[0].leave()
    for (const zk of [ann, lasting.latest]) zoo.expire(zk)
    await zoo.settle()

    expect([lost, groups[1].isMember, namesBelow(zoo, '/g')]).toEqual([[], true, ['bob']])
  })

  it.each([['a/b'], ['']])('refuses the id %j', async (id) => {
    const { ann } = await startRecipes()

    await expect(new GroupMembership(ann, '/g').join(id)).rejects.toThrow(TypeError)
  })
})
