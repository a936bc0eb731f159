/** Properties of the whole that need no model: what must be the same, whatever happened before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRun } from './arbitraries.js'
import { expectSameLines } from './canonical.js'
import type { ModelZooKeeper } from './model.js'
import { runParameters, timeLimitMs } from './run-parameters.js'
import { SideBySide } from './side-by-side.js'
import { SLOTS } from './steps.js'
import { watchLines } from './subject.js'

const parameters = runParameters(200)

test('a server made from a snapshot goes on as the first one would have', {
  timeout: timeLimitMs(parameters),
}, async () => {
  const property = fc.asyncProperty(anyRun(50), anyRun(25), async (before, after) => {
    await SideBySide.play(before, async (run) => {
      await run.restart()
      await run.go(after)
    })
  })
  await fc.assert(property, parameters)
})

test('removing a watch that was just added changes nothing', {
  timeout: timeLimitMs(parameters),
}, async () => {
  const added = fc.record({
    slot: fc.nat({ max: SLOTS - 1 }),
    path: fc.constantFrom('/', '/a', '/a/b', '/nowhere', '/__proto__'),
    recursive: fc.boolean(),
    /** Whether the one watcher is removed, or all of its kind. */
    byWatcher: fc.boolean(),
  })
  const property = fc.asyncProperty(
    anyRun(50),
    added,
    async (before, { slot, path, recursive, byWatcher }) => {
      await SideBySide.play(before, async ({ subject, model }) => {
        fc.pre(model.at(slot).life === 'connected' && !isWatched(model, slot, path, recursive))
        const zk = subject.zk(slot)
        const watcher = (): void => {}
        const type = recursive ? 'PersistentRecursive' : 'Persistent'
        const tables = watchLines(subject.zoo)

        await zk.addWatch(path, watcher, { recursive })
        const meanwhile = watchLines(subject.zoo)
        await zk.removeWatches(path, byWatcher ? { type, watcher } : { type })

        expect(meanwhile).not.toEqual(tables)
        expectSameLines(watchLines(subject.zoo), tables)
        expect(subject.zoo.reports.counts().zxid).toBe(BigInt(model.server.zxid))
      })
    },
  )
  await fc.assert(property, parameters)
})

/** True if the session has this kind of watch on the path already: then there is nothing to add. */
function isWatched(model: ModelZooKeeper, slot: number, path: string, recursive: boolean): boolean {
  const { session } = model.at(slot)
  const mode = recursive ? 'recursive' : 'persistent'
  return model.server.watches.some(
    (each) => each.session === session && each.path === path && each.mode === mode,
  )
}
