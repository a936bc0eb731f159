/** Znodes that are kept, when others want the same path, and when sessions end. */
import { describe, expect, it } from 'vitest'
import { PersistentNode } from '../../src/recipes/index.js'
import { text } from '../semantics/fixture.js'
import { connectLasting, startFaultWorld, watchEnd } from './fault-world.js'

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
