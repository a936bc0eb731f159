/** What locks, their sides, semaphores and several of them have in common. */
import { describe, expect, it } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { type Acquirable, Lock, MultiLock, ReadWriteLock, Semaphore } from '../../src/recipes/index.js'
import { namesBelow, startRecipes } from './fixture.js'

const KINDS: Readonly<Record<string, (zk: ZooKeeper) => Pick<Acquirable, 'run'> | MultiLock>> = {
  'a lock': (zk) => new Lock(zk, '/x'),
  'a side of a read/write lock': (zk) => new ReadWriteLock(zk, '/x').write,
  'a semaphore': (zk) => new Semaphore(zk, '/x', 1),
  'several locks': (zk) => new MultiLock(zk, [new Lock(zk, '/x')]),
}

describe.each(Object.entries(KINDS))('%s', (_, make) => {
  it('is not taken for something that cannot be called', async () => {
    const { zoo, ann } = await startRecipes()
    const recipe = make(ann)

    const run = Reflect.apply(recipe.run, recipe, ['work'])

    await expect(run).rejects.toThrow('Invalid work "work": pass a function')
    expect(namesBelow(zoo, '')).toEqual([])
  })
})
