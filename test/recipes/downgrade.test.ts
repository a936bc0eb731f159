/** Readers and writers, and a writer that becomes a reader. */
import { describe, expect, it } from 'vitest'
import { ReadWriteLock } from '../../src/recipes/index.js'
import { startFaultWorld } from './fault-world.js'

describe('a downgrade', () => {
  it('keeps the fencing token, so that the writer who waits has a larger one', async () => {
    const { zoo, rest } = await startFaultWorld()
    const [first, second] = [
      new ReadWriteLock(await zoo.connect(), '/rw'),
      new ReadWriteLock(await zoo.connect(), '/rw'),
    ]
    const writer = await first.write.acquire()
    const waiting = second.write.acquire()

    const reader = await first.downgrade(writer)
    await reader.release()
    await rest()
    const next = await waiting

    expect(reader.fencingToken).toBe(writer.fencingToken)
    expect(next.fencingToken).toBeGreaterThan(reader.fencingToken)
  })

  it('is held, with a znode of its own', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const lock = new ReadWriteLock(await zoo.connect(), '/rw')
    const writer = await lock.write.acquire()

    const reader = await lock.downgrade(writer)
    await rest()

    expect(reader.isHeld).toBe(true)
    expect(await admin.exists(reader.path)).not.toBe(null)
    expect(await admin.exists(writer.path)).toBe(null)
  })
})
