/** The model against the reference's tables of paths, ACLs, catch-up, removal, quotas and time. */
import { describe, expect, test } from 'vitest'
import type { Call, Mode } from './model-calls.js'
import { isValidPath } from './model-paths.js'
import { hardLimits } from './model-quota.js'
import { futures } from './model-time.js'
import {
  ALICE,
  ask,
  create,
  multi,
  OPEN,
  RULES,
  remove,
  seen,
  set,
  setAcl,
  watch,
  world,
} from './model-world.js'

describe('the tables of the reference', () => {
  test('7.7: each row of the catch-up table', () => {
    const model = world()
    for (const path of ['/same', '/set', '/gone', '/p', '/p/x']) ask(model, 0, create(path))
    for (const path of ['/same', '/set', '/gone', '/p']) watch(model, 1, 'data', path)
    for (const path of ['/same', '/p', '/gone']) watch(model, 1, 'child', path)
    for (const path of ['/new', '/never']) watch(model, 1, 'exists', path)
    model.disconnect(1)
    for (const call of [set('/set'), remove('/gone'), create('/p/y'), create('/new')]) ask(model, 0, call)

    model.reconnect(1)

    expect(seen(model, 1)).toEqual([
      'DataChanged /set',
      'Deleted /gone',
      'Created /new',
      'ChildrenChanged /p',
    ])
    expect(model.server.watches.map((each) => `${each.kind} ${each.path}`)).toEqual([
      'data /same',
      'data /p',
      'exists /never',
      'child /same',
    ])
  })

  test('6.8: an event that the session may not read is dropped and its one-shot is consumed', () => {
    const model = world()
    ask(model, 0, { op: 'addAuthInfo', scheme: 'digest', auth: 'alice:pw' })
    ask(model, 0, create('/a'))
    watch(model, 1, 'data', '/a')
    ask(model, 0, setAcl('/a', ALICE))

    ask(model, 0, set('/a'))
    ask(model, 0, setAcl('/a', OPEN))
    ask(model, 0, set('/a'))

    expect(seen(model, 1)).toEqual([])
  })

  test.each([
    [['Children'], ['data', 'persistent', 'persistent', 'recursive']],
    [['Data'], ['child', 'persistent', 'persistent', 'recursive']],
    [['Persistent'], ['data', 'child', 'recursive']],
    [['PersistentRecursive'], ['data', 'child', 'persistent', 'persistent']],
    [['Any'], []],
  ] as const)('4.18: removeWatches %s leaves %s', ([type], left) => {
    const model = world()
    ask(model, 0, create('/a'))
    for (const kind of ['data', 'child', 'persistent', 'recursive'] as const) watch(model, 0, kind, '/a')

    ask(model, 0, { op: 'removeWatches', path: '/a', type, watcher: undefined, local: false })

    expect(model.server.watches.map((each) => each.kind)).toEqual(left)
  })

  test('7.4: each removed watcher gets its event, a second removal finds nothing', () => {
    const model = world()
    ask(model, 0, create('/a'))
    for (const kind of ['data', 'child', 'persistent'] as const) watch(model, 0, kind, '/a')
    const removal: Call = { op: 'removeWatches', path: '/a', type: 'Any', watcher: undefined, local: false }

    const first = ask(model, 0, removal)

    expect([first, ask(model, 0, removal)]).toEqual([undefined, 'NOWATCHER'])
    expect(seen(model, 0)).toEqual([
      'ChildWatchRemoved /a',
      'DataWatchRemoved /a',
      'PersistentWatchRemoved /a',
    ])
  })

  test.each([
    ['digest', ['u:h', ':h'], ['u', 'u:', 'a:b:c', '']],
    ['ip', ['1.2.3.4', '1.2.3.4/0', '1.2.3.4/32'], ['1.2.3.4/', '1.2.3.4/33', 'localhost', '1.2.3']],
    ['world', ['anyone'], ['someone']],
    ['nope', [], ['x']],
    ['super', [], ['']],
  ])('9.4: scheme %s accepts %j and refuses %j', (scheme, good, bad) => {
    const model = world()
    const tryAll = (ids: readonly string[]): readonly unknown[] =>
      ids.map((id) =>
        ask(model, 0, create('/n-', { mode: 'PERSISTENT_SEQUENTIAL', acl: [{ perms: 1, scheme, id }] })),
      )

    expect(tryAll(bad)).toEqual(bad.map(() => 'INVALIDACL'))
    expect(tryAll(good)).not.toContain('INVALIDACL')
  })

  test('1.1: paths', () => {
    const bad = [
      '',
      'a',
      '/a/',
      '/a//b',
      '/.',
      '/a/..',
      '/a/./b',
      '/\0',
      '/\u001f',
      '/\u007f',
      '/\ud83d\ude00',
      '/\uffff',
    ]
    const good = ['/', '/a', '/.a', '/...', '/a.', '/a b', '/\u00a0', '/\uf900', '/\uffef', '/__proto__']

    expect(bad.filter(isValidPath)).toEqual([])
    expect(good.filter(isValidPath)).toEqual(good)
  })

  test('11: the statistics start from the real count, hard limits hold, also for operations of the same multi', () => {
    const model = world()
    const limits = hardLimits({ count: 3, bytes: 4 })
    for (const call of [
      create('/a', { data: 'xx' }),
      create('/zookeeper/quota/a'),
      create('/zookeeper/quota/a/zookeeper_limits', { data: limits }),
      create('/zookeeper/quota/a/zookeeper_stats'),
    ]) {
      ask(model, 0, call)
    }
    const stats = (): unknown => model.server.tree.get('/zookeeper/quota/a/zookeeper_stats')?.data

    const atFirst = stats()
    const codes = [
      ask(model, 0, multi(create('/a/b'), create('/a/c'), create('/a/d'))),
      ask(model, 0, create('/a/b', { data: 'xxx' })),
      ask(model, 0, create('/a/b', { data: 'xx' })),
    ]

    expect(atFirst).toBe('count=1,bytes=2')
    expect(codes).toEqual(['QUOTAEXCEEDED', 'QUOTAEXCEEDED', '/a/b'])
    expect(stats()).toBe('count=2,bytes=4')
  })

  test('8.3: a lost session ends after its timeout and within a tick', () => {
    const model = world()
    ask(model, 0, create('/e', { mode: 'EPHEMERAL' }))
    model.disconnect(0)
    const later = (ms: number): readonly boolean[] =>
      [...futures(model, ms, RULES)].map((each) => each.server.tree.has('/e'))

    expect([later(30_000), later(31_000), later(32_000)]).toEqual([[true], [true, false], [false]])
  })

  test.each<[Mode, number | undefined, boolean, boolean]>([
    ['CONTAINER', undefined, false, true],
    ['CONTAINER', undefined, true, false],
    ['PERSISTENT_WITH_TTL', 1, false, false],
    ['PERSISTENT_WITH_TTL', 2 ** 40 - 1, false, true],
  ])('10: a sweep finds %s with ttl %s, had a child %s, and it stays: %s', (mode, ttlMs, hadChild, stays) => {
    const model = world()
    ask(model, 0, create('/c', { mode, ttlMs }))
    if (hadChild) for (const call of [create('/c/x'), remove('/c/x')]) ask(model, 0, call)

    const left = [...futures(model, 60_000, RULES)].map((each) => each.server.tree.has('/c'))

    expect(left).toEqual([stays])
  })
})
