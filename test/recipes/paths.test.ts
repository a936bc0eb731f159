/** Each recipe says at which path it is. */
import { expect, it } from 'vitest'
import {
  Barrier,
  Counter,
  DoubleBarrier,
  LeaderElection,
  Lock,
  PersistentNode,
  ReadWriteLock,
  Semaphore,
  SharedValue,
  TaskQueue,
  textCodec,
} from '../../src/recipes/index.js'
import { startRecipes } from './fixture.js'

it('is at the path that it was given', async () => {
  const { ann } = await startRecipes()
  const codec = textCodec

  const recipes = [
    new Barrier(ann, '/x'),
    new Counter(ann, '/x'),
    new DoubleBarrier(ann, '/x', 2),
    new LeaderElection(ann, '/x'),
    new Lock(ann, '/x'),
    new PersistentNode(ann, '/x', null),
    new ReadWriteLock(ann, '/x').read,
    new Semaphore(ann, '/x', 1),
    new SharedValue(ann, '/x', { codec, initial: '' }),
    new TaskQueue(ann, '/x'),
  ]

  expect(recipes.map(({ path }) => path)).toEqual(recipes.map(() => '/x'))
})
