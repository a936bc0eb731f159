/** checkWatches asks the server what this connection has: exactly this path, exactly this type, nobody else's. */
import { describe, expect, it } from 'vitest'
import { WatcherType } from '../../../src/index.js'
import { codeOf, startWorld } from '../fixture.js'
import { arm, WATCH_KINDS, type WatchKind, watchLines } from './trigger-matrix.js'

/** Which types find a watch of each kind. */
const FOUND_AS: Readonly<Record<WatchKind, readonly WatcherType[]>> = {
  data: ['Data', 'Any'],
  exists: ['Data', 'Any'],
  child: ['Children', 'Any'],
  persistent: ['Persistent', 'Any'],
  recursive: ['PersistentRecursive', 'Any'],
}

const types = Object.keys(WatcherType).filter((name): name is WatcherType => Object.hasOwn(WatcherType, name))

describe.each(WATCH_KINDS)('a %s watch', (kind) => {
  it.each(types)('is found as %s, or not', async (type) => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    await arm(zk, kind, '/a', () => undefined)
    const before = watchLines(zoo)

    const code = await codeOf(zk.checkWatches('/a', type))

    expect(code).toBe(FOUND_AS[kind].includes(type) ? 'OK' : 'NOWATCHER')
    expect(watchLines(zoo)).toEqual(before)
  })

  it('of another connection is not found [trap 39]', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    await arm(other, kind, '/a', () => undefined)

    expect(await codeOf(zk.checkWatches('/a'))).toBe('NOWATCHER')
    expect(await codeOf(other.checkWatches('/a'))).toBe('OK')
  })

  it('is not found on the parent or the child of its path', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a/b/c')
    await arm(zk, kind, '/a/b', () => undefined)

    expect(await codeOf(zk.checkWatches('/a'))).toBe('NOWATCHER')
    expect(await codeOf(zk.checkWatches('/a/b/c'))).toBe('NOWATCHER')
  })

  it('is found until it fires, and afterwards only if it lasts', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a')
    await arm(zk, kind, '/a', () => undefined)

    await zk.delete('/a')

    const lasts = kind === 'persistent' || kind === 'recursive'
    expect(await codeOf(zk.checkWatches('/a'))).toBe(lasts ? 'OK' : 'NOWATCHER')
  })
})

it('asks for Any unless it is told otherwise', async () => {
  const { zk } = await startWorld()
  await zk.addWatch('/a', () => undefined, { recursive: true })

  expect(await codeOf(zk.checkWatches('/a'))).toBe('OK')
  expect(await codeOf(zk.checkWatches('/b'))).toBe('NOWATCHER')
})
