/** The model against the reference's traps and its other tables, so that a wrong model is noticed before it judges. */
import { describe, expect, test } from 'vitest'
import { ModelZooKeeper } from './model.js'
import type { Acl, MultiCall } from './model-calls.js'
import {
  ALICE,
  ask,
  create,
  multi,
  OPEN,
  remove,
  seen,
  set,
  setAcl,
  stat,
  watch,
  world,
} from './model-world.js'

describe('the traps of section 0', () => {
  test('1 and 2: cversion is 2C - children, and the suffix is C', () => {
    const model = world()
    for (const call of [create('/q'), create('/q/a'), create('/q/b'), remove('/q/a')]) ask(model, 0, call)

    const before = stat(model, '/q').cversion
    const path = ask(model, 0, create('/q/n-', { mode: 'PERSISTENT_SEQUENTIAL' }))

    expect([before, path]).toEqual([3, '/q/n-0000000002'])
  })

  test('3: a fresh tree has odd cversions and an odd aversion', () => {
    const model = new ModelZooKeeper({ nowMs: 5 })

    const fields = ['/', '/zookeeper', '/zookeeper/quota'].map((path) => stat(model, path).cversion)

    expect(fields).toEqual([-1, -2, 0])
    expect(stat(model, '/zookeeper/config').aversion).toBe(-1)
    expect(stat(model, '/').czxid).toBe(0n)
  })

  test('4: failed writes, failed and empty multis, sessions take a zxid; reads, sync and auth take none', () => {
    const model = world()
    const taken = (act: () => void): number => {
      const before = model.server.zxid
      act()
      return model.server.zxid - before
    }

    const spent = [
      taken(() => ask(model, 0, remove('/none'))),
      taken(() => ask(model, 0, multi(create('/a'), set('/none')))),
      taken(() => ask(model, 0, multi())),
      taken(() => ask(model, 0, { op: 'sync', path: '/' })),
      taken(() => ask(model, 0, { op: 'exists', path: '/none', watcher: 'w1' })),
      taken(() => ask(model, 0, { op: 'addAuthInfo', scheme: 'digest', auth: 'a:b' })),
      taken(() => model.open(2, 102n, 1)),
      taken(() => model.close(2)),
    ]

    expect(spent).toEqual([1, 1, 1, 0, 0, 0, 1, 1])
  })

  test('5: an own event comes before the reply of the write that caused it', () => {
    const model = world()
    ask(model, 0, create('/a'))
    watch(model, 0, 'data', '/a')

    ask(model, 0, set('/a'))

    expect(
      model
        .at(0)
        .log.slice(-2)
        .map((entry) => entry.kind),
    ).toEqual(['event', 'reply'])
  })

  test('7: only a failed exists leaves a watch, and it sees the znode appear', () => {
    const model = world()
    for (const kind of ['data', 'child', 'exists'] as const) watch(model, 1, kind, '/a')

    const kinds = model.server.watches.map((each) => each.kind)
    ask(model, 0, create('/a'))

    expect(kinds).toEqual(['exists'])
    expect(seen(model, 1)).toEqual(['Created /a'])
  })

  test('8 and 9: setACL moves only aversion, a deleted child only pzxid and cversion of its parent', () => {
    const model = world()
    for (const call of [create('/a'), create('/a/b')]) ask(model, 0, call)
    const before = stat(model, '/a')

    ask(model, 0, setAcl('/a', OPEN))
    const acled = stat(model, '/a')
    ask(model, 0, remove('/a/b'))

    expect(acled).toEqual({ ...before, aversion: 1 })
    expect(stat(model, '/a')).toEqual({
      ...acled,
      cversion: 2,
      numChildren: 0,
      pzxid: BigInt(model.server.zxid),
    })
  })

  test('13: NONODE before BADARGUMENTS, NOAUTH before NODEEXISTS, INVALIDACL before both', () => {
    const model = world()
    for (const call of [create('/p'), create('/p/a'), setAcl('/p', ALICE)]) ask(model, 0, call)
    const bad: readonly Acl[] = [{ perms: 1, scheme: 'nope', id: '' }]

    const codes = [
      create('/p/a'),
      create('/p/a', { acl: bad }),
      create('/x/y', { acl: bad }),
      create('/x/y'),
    ].map((call) => ask(model, 0, call))

    expect(codes).toEqual(['NOAUTH', 'INVALIDACL', 'INVALIDACL', 'NONODE'])
  })

  test('15 and 16: delete asks the parent and then the version; a znode with no permissions can be deleted', () => {
    const model = world()
    for (const call of [
      create('/p'),
      create('/p/a'),
      create('/q', { acl: [{ perms: 0, scheme: 'world', id: 'anyone' }] }),
    ]) {
      ask(model, 0, call)
    }

    const open = [ask(model, 0, remove('/p', 5)), ask(model, 0, remove('/p')), ask(model, 0, remove('/q'))]
    ask(model, 0, setAcl('/p', ALICE))
    const closed = [ask(model, 0, remove('/p/none')), ask(model, 0, set('/p', 9))]

    expect([...open, ...closed]).toEqual(['BADVERSION', 'NOTEMPTY', undefined, 'NOAUTH', 'NOAUTH'])
  })

  test('18: null and empty data both survive', () => {
    const model = world()
    ask(model, 0, create('/a'))
    ask(model, 0, create('/b', { data: '' }))

    const read = ['/a', '/b'].map((path) => ask(model, 0, { op: 'getData', path, watcher: undefined }))

    expect(read).toMatchObject([{ data: null }, { data: '' }])
  })

  test('21 and 22: a failed multi gives codes and the suffixes back; check sees earlier operations', () => {
    const model = world()
    const next = create('/n-', { mode: 'PERSISTENT_SEQUENTIAL' })
    const check = (version: number): MultiCall => ({ op: 'check', path: '/a', version })

    const failed = ask(model, 0, multi(create('/a'), check(0), next, set('/none'), next))
    const entry = model.at(0).log.at(-1)
    const good = ask(model, 0, multi(create('/a'), set('/a'), check(1), remove('/a', 1), create('/a'), next))

    expect(failed).toBe('NONODE')
    expect(entry).toMatchObject({
      reply: { results: ['OK', 'OK', 'OK', 'NONODE', 'RUNTIMEINCONSISTENCY'].map((code) => ({ code })) },
    })
    expect(good).toMatchObject([{}, { stat: { version: 1 } }, {}, {}, {}, { path: '/n-0000000002' }])
  })

  test('23: a multiRead never fails as a whole', () => {
    const model = world()

    const read = ask(model, 0, {
      op: 'multiRead',
      ops: [
        { op: 'getData', path: '/none' },
        { op: 'getChildren', path: '/' },
      ],
    })

    expect(read).toEqual([
      { type: 'error', code: 'NONODE' },
      { type: 'getChildren', children: ['zookeeper'] },
    ])
  })

  test('24 and 25: ephemerals of a session go under one zxid, each with its events, also for the session itself', () => {
    const model = world()
    for (const call of [
      create('/p'),
      create('/p/a', { mode: 'EPHEMERAL' }),
      create('/p/b', { mode: 'EPHEMERAL' }),
    ]) {
      ask(model, 0, call)
    }
    watch(model, 1, 'persistent', '/p')
    watch(model, 0, 'data', '/p/a')

    model.close(0)

    expect(seen(model, 1)).toEqual(['ChildrenChanged /p', 'ChildrenChanged /p'])
    expect(seen(model, 0)).toEqual(['Deleted /p/a'])
    expect(stat(model, '/p')).toMatchObject({ pzxid: BigInt(model.server.zxid), cversion: 4 })
  })

  test('27: a reconnect loses the added auth unless it is replayed, and the client replays it', () => {
    const model = world()
    ask(model, 0, { op: 'addAuthInfo', scheme: 'digest', auth: 'alice:pw' })

    model.disconnect(0)
    const without = model.server.sessions.get(100n)?.ids
    model.reconnect(0)

    expect(without).toEqual([])
    expect(ask(model, 0, { op: 'whoAmI' })).toEqual([
      { scheme: 'digest', user: 'alice' },
      { scheme: 'ip', user: '127.0.0.1' },
    ])
  })

  test('35, 36, 37: getACL masks without ADMIN, auth is expanded, duplicates are dropped', () => {
    const model = world()
    ask(model, 0, { op: 'addAuthInfo', scheme: 'digest', auth: 'alice:pw' })
    const acl: readonly Acl[] = [
      { perms: 31, scheme: 'auth', id: 'whatever' },
      { perms: 1, scheme: 'world', id: 'anyone' },
      { perms: 1, scheme: 'world', id: 'anyone' },
    ]
    ask(model, 0, create('/a', { acl }))

    const shown = [0, 1].map((slot) => ask(model, slot, { op: 'getACL', path: '/a' }))

    expect(shown).toMatchObject([
      {
        acl: [
          { perms: 31, scheme: 'digest', id: 'alice:V55/p2T0OpjQ+low3NVAH4aLvm0=' },
          { perms: 1, scheme: 'world' },
        ],
      },
      {
        acl: [
          { perms: 31, scheme: 'digest', id: 'alice:x' },
          { perms: 1, scheme: 'world' },
        ],
      },
    ])
  })

  test('43: all znodes below the root are counted, the reserved ones too', () => {
    expect(ask(world(), 0, { op: 'getAllChildrenNumber', path: '/' })).toBe(3)
  })
})
