/** One watch table, driven directly, against an array of (watcher, path, mode). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasMember, IntSets } from '../../src/base/int-sets.js'
import { versionTraits } from '../../src/server/compatibility.js'
import type { WatchArmed, WatchRemoved, WatchTriggered } from '../../src/server/inspection.js'
import { WatchManager } from '../../src/server/watch-manager.js'
import { expectSameLines } from './canonical.js'
import { brokenInManager } from './invariants.js'
import type { NodeEventType } from './model-calls.js'
import { type ModelWatch, register, trigger, type WatchKind } from './model-watches.js'
import { runParameters, timeLimitMs } from './run-parameters.js'

const WATCHERS = 4
const MODES = { data: 1, persistent: 2, recursive: 4 } as const

/** A mode of the data table, as section 6.2 names them. */
type Kind = keyof typeof MODES

type Action =
  | {
      readonly do: 'add' | 'remove'
      readonly path: string
      readonly who: number
      readonly kinds: readonly Kind[]
    }
  | {
      readonly do: 'trigger'
      readonly path: string
      readonly type: NodeEventType
      readonly suppress: boolean
    }
  | { readonly do: 'forget'; readonly who: number }

const path = fc.constantFrom('/', '/a', '/b', '/a/a', '/a/b', '/a/a/a', '/__proto__', '/a/then')
const who = fc.nat({ max: WATCHERS - 1 })
const kind = fc.constantFrom<Kind>('data', 'persistent', 'recursive')
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), path, who, kinds: fc.tuple(kind) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      path,
      who,
      kinds: fc.uniqueArray(kind, { maxLength: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('trigger' as const),
      path,
      type: fc.constantFrom<NodeEventType>('NodeCreated', 'NodeDeleted', 'NodeDataChanged'),
      suppress: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), who }) },
)

/** A watcher that writes down what it is told. */
class RecordingWatcher {
  readonly id: number
  readonly sessionId: bigint
  readonly seen: string[] = []

  constructor(sessionId: bigint) {
    this.id = Number(sessionId)
    this.sessionId = sessionId
  }

  process(event: { readonly type: string; readonly path: string; readonly zxid: number }): void {
    this.seen.push(`${event.type} ${event.path} ${event.zxid}`)
  }
}

/** The table as somebody has it who only listens to what is armed, triggered and removed. */
class ToldTable {
  readonly isOpen = true
  readonly #modes = new Map<string, number>()
  #triggered: string[] = []

  tell(event: WatchArmed | WatchTriggered | WatchRemoved): void {
    if (event.kind === 'watchTriggered') return this.#trigger(event)
    const pair = `${event.sessionId} ${event.path}`
    const before = this.#modes.get(pair) ?? 0
    const bits = bitsOf(event.kind === 'watchArmed' ? [event.mode] : event.modes)
    const after = event.kind === 'watchArmed' ? before | bits : before & ~bits
    expect(after, 'each event tells of a change').not.toBe(before)
    if (after === 0) this.#modes.delete(pair)
    else this.#modes.set(pair, after)
  }

  lines(): readonly string[] {
    return [...this.#modes].map(([pair, modes]) => `${pair} ${modes}`).sort()
  }

  /** What was triggered since the last time, one line a mode. */
  takeTriggered(): readonly string[] {
    const lines = this.#triggered.sort()
    this.#triggered = []
    return lines
  }

  #trigger({ sessionId, watchPath, modes }: WatchTriggered): void {
    const pair = `${sessionId} ${watchPath}`
    const armed = this.#modes.get(pair) ?? 0
    expect(bitsOf(modes) & ~armed, 'only what is armed is triggered').toBe(0)
    this.#triggered.push(...modes.map((mode) => `${pair} ${mode}`))
  }
}

function bitsOf(modes: readonly ModelWatch['mode'][]): number {
  return modes.reduce((sum, mode) => sum | MODES[mode === 'standard' ? 'data' : mode], 0)
}

/** The manager and the array side by side. */
class SideBySide {
  readonly #told = new ToldTable()
  readonly #manager = new WatchManager('data', this.#told, versionTraits['3.9'])
  readonly #watchers = Array.from({ length: WATCHERS }, (_, who) => new RecordingWatcher(BigInt(who)))
  readonly #expected: string[][] = Array.from({ length: WATCHERS }, () => [])
  #watches: readonly ModelWatch[] = []
  #served: readonly number[] = []
  #zxid = 0

  /** Does one action to both and compares everything. */
  play(action: Action): void {
    if (action.do === 'add') this.#add(action.path, action.who, action.kinds)
    else if (action.do === 'remove') this.#remove(action.path, action.who, action.kinds)
    else if (action.do === 'trigger') this.#trigger(action)
    else this.#forget(action.who)
    for (const [who, { seen }] of this.#watchers.entries()) expectSameLines(seen, this.#expected[who] ?? [])
    expectSameLines(this.#table(), this.#modelTable())
    expectSameLines(this.#told.lines(), this.#modelTable())
    expectSameLines(brokenInManager(this.#manager), [])
  }

  #at(who: number): RecordingWatcher {
    const watcher = this.#watchers[who]
    if (watcher === undefined) throw new Error(`No watcher ${who}`)
    return watcher
  }

  #add(path: string, who: number, kinds: readonly Kind[]): void {
    for (const kind of kinds) {
      this.#manager.addWatch(path, this.#at(who), MODES[kind])
      this.#watches = register(this.#watches, BigInt(who), path, kind).filter(({ table }) => table === 'data')
    }
  }

  #remove(path: string, who: number, kinds: readonly Kind[]): void {
    const modes = kinds.reduce((sum, each) => sum | MODES[each], 0)
    const isGone = (watch: ModelWatch): boolean =>
      watch.session === BigInt(who) && watch.path === path && kinds.some((each) => each === watch.kind)

    const removed = this.#manager.removeWatch(path, this.#at(who), modes)

    expect(removed).toBe(this.#watches.some(isGone))
    this.#watches = this.#watches.filter((watch) => !isGone(watch))
  }

  #trigger({ path, type, suppress }: Action & { do: 'trigger' }): void {
    const zxid = ++this.#zxid
    const passedOver = suppress ? this.#served : []
    const expected = trigger(this.#watches, 'data', path)
    this.#watches = expected.remaining
    this.#told.takeTriggered()
    const sessions = expected.sessions.map(Number)
    for (const who of sessions)
      if (!passedOver.includes(who)) this.#expected[who]?.push(`${type} ${path} ${zxid}`)

    const suppressed = new IntSets()
    for (const who of passedOver) suppressed.add(0, who)
    const served = this.#manager.triggerWatch({ type, path, zxid, acl: [] }, suppressed.get(0))

    const hits = expected.hits.map(({ session, path, mode }) => `${session} ${path} ${mode}`)
    expectSameLines(this.#told.takeTriggered(), hits.sort())
    this.#served = sessions
    const found = this.#watchers.flatMap((watcher, who) => (hasMember(served, watcher.id) ? [`${who}`] : []))
    expectSameLines(found, sessions.map(String).sort())
  }

  #forget(who: number): void {
    this.#manager.removeWatcher(this.#at(who))
    this.#watches = this.#watches.filter(({ session }) => session !== BigInt(who))
  }

  #table(): readonly string[] {
    return this.#watchers
      .flatMap((watcher, who) =>
        this.#manager
          .pathsOf(watcher)
          .map((path) => `${who} ${path} ${this.#manager.modesOf(path, watcher)}`),
      )
      .sort()
  }

  #modelTable(): readonly string[] {
    const modes = new Map<string, number>()
    for (const { session, path, kind } of this.#watches) {
      const pair = `${session} ${path}`
      modes.set(pair, (modes.get(pair) ?? 0) | modeOf(kind))
    }
    return [...modes].map(([pair, bits]) => `${pair} ${bits}`).sort()
  }
}

function modeOf(kind: WatchKind): number {
  return kind === 'persistent' || kind === 'recursive' ? MODES[kind] : MODES.data
}

const parameters = runParameters(2500)

test('a table calls and keeps what an array of registrations says', {
  timeout: timeLimitMs(parameters),
}, () => {
  const property = fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
    const both = new SideBySide()
    for (const each of actions) both.play(each)
  })
  fc.assert(property, parameters)
})

test('a standard watch fires at most once an arming', { timeout: timeLimitMs(parameters) }, () => {
  const property = fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
    const balance = new Map<string, number>()
    const count = (pair: string, change: number): void => {
      const left = (balance.get(pair) ?? 0) + change
      balance.set(pair, left)
      expect(left, 'no watch fires that is not armed').toBeGreaterThanOrEqual(0)
    }
    const manager = new WatchManager(
      'data',
      {
        isOpen: true,
        tell: (event) => {
          if (event.kind === 'watchArmed') {
            if (event.mode === 'standard') count(`${event.sessionId} ${event.path}`, 1)
          } else if (event.modes.includes('standard')) {
            const isFired = event.kind === 'watchTriggered'
            if (isFired) expect(event.watchPath, 'a one-shot is for its own path').toBe(event.path)
            if (isFired || event.why !== 'triggered') count(`${event.sessionId} ${event.path}`, -1)
          }
        },
      },
      versionTraits['3.9'],
    )
    const watchers = Array.from({ length: WATCHERS }, (_, who) => new RecordingWatcher(BigInt(who)))
    for (const each of actions) act(manager, watchers, each)
  })
  fc.assert(property, parameters)
})

function act(manager: WatchManager, watchers: readonly RecordingWatcher[], action: Action): void {
  if (action.do === 'trigger') {
    manager.triggerWatch({ type: action.type, path: action.path, zxid: 1, acl: [] })
    return
  }
  const watcher = watchers[action.who]
  if (watcher === undefined) return
  if (action.do === 'forget') return manager.removeWatcher(watcher)
  for (const kind of action.kinds) {
    if (action.do === 'add') manager.addWatch(action.path, watcher, MODES[kind])
    else manager.removeWatch(action.path, watcher, MODES[kind])
  }
}
