/** What is told of children whose parent has gone and come again. */
import { describe, expect, it } from 'vitest'
import { GroupMembership, watchChildren } from '../../src/recipes/index.js'
import { startFaultWorld } from './fault-world.js'

describe('the children of a znode that was created again', () => {
  it('are told with a gap, though they have the same names', async () => {
    const { zoo, admin } = await startFaultWorld()
    await admin.createAll('/parent/a')
    const states = watchChildren(await zoo.connect(), '/parent')
    await states.next()

    await admin
      .transaction()
      .delete('/parent/a')
      .delete('/parent')
      .create('/parent')
      .create('/parent/a')
      .commit()
    const { value } = await states.next()

    expect(value).toMatchObject({ children: ['a'], added: [], removed: [], isGap: true })
  })
})

describe('who watches a group', () => {
  it('comes to the end of the loop when the signal aborts, wherever that is', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const group = new GroupMembership(await zoo.connect(), '/group')
    await admin.createAll('/group/a')

    for (let microtasks = 0; microtasks < 60; microtasks++) {
      const stop = new AbortController()
      const next = group.watch({ signal: stop.signal }).next()
      for (let i = 0; i < microtasks; i++) await undefined
      stop.abort('enough')
      await rest()
      await expect(next).resolves.toBeDefined()
    }
  })
})
