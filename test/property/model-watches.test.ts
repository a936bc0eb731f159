/** The model's watches against the reference's tables 6.5 and 6.6. */
import { describe, expect, test } from 'vitest'
import type { Call } from './model-calls.js'
import {
  ask,
  create,
  type Kind,
  multi,
  OPEN,
  remove,
  seen,
  set,
  setAcl,
  watch,
  world,
} from './model-world.js'

describe('the trigger matrix of section 6.5', () => {
  const kinds = ['data', 'exists', 'child', 'persistent', 'recursive'] as const
  const rows: readonly [string, Call, readonly string[], readonly (string | undefined)[]][] = [
    ['create N', create('/n'), [], [undefined, 'Created /n', undefined, 'Created /n', 'Created /n']],
    [
      'setData N',
      set('/n'),
      ['/n'],
      ['DataChanged /n', 'DataChanged /n', '-', 'DataChanged /n', 'DataChanged /n'],
    ],
    [
      'delete N',
      remove('/n'),
      ['/n'],
      ['Deleted /n', 'Deleted /n', 'Deleted /n', 'Deleted /n', 'Deleted /n'],
    ],
    [
      'create N/x',
      create('/n/x'),
      ['/n'],
      ['-', '-', 'ChildrenChanged /n', 'ChildrenChanged /n', 'Created /n/x'],
    ],
    ['setData N/x', set('/n/x'), ['/n', '/n/x'], ['-', '-', '-', '-', 'DataChanged /n/x']],
    [
      'delete N/x',
      remove('/n/x'),
      ['/n', '/n/x'],
      ['-', '-', 'ChildrenChanged /n', 'ChildrenChanged /n', 'Deleted /n/x'],
    ],
    ['create N/x/y', create('/n/x/y'), ['/n', '/n/x'], ['-', '-', '-', '-', 'Created /n/x/y']],
    ['setACL N', setAcl('/n', OPEN), ['/n'], ['-', '-', '-', '-', '-']],
    ['a failing op', set('/n', 7), ['/n'], ['-', '-', '-', '-', '-']],
  ]
  const cells = rows.flatMap(([name, call, before, expected]) =>
    kinds.map((kind, i) => ({ name, call, before, kind, expected: expected[i] })),
  )

  test.each(cells.filter((cell) => cell.expected !== undefined))(
    '$name with a $kind watch on N gives $expected',
    (cell) => {
      const model = world()
      for (const path of cell.before) ask(model, 0, create(path))
      watch(model, 1, cell.kind, '/n')

      ask(model, 0, cell.call)

      expect(seen(model, 1)).toEqual(cell.expected === '-' ? [] : [cell.expected])
    },
  )
})

describe('the combinations of section 6.6', () => {
  const N = '/p/n'
  const rows: readonly [
    string,
    readonly [Kind, string][],
    readonly Call[],
    readonly Call[],
    readonly string[],
  ][] = [
    [
      'data + child, delete',
      [
        ['data', N],
        ['child', N],
      ],
      [create(N)],
      [remove(N)],
      ['Deleted /p/n'],
    ],
    [
      'data + child + parent child, delete',
      [
        ['data', N],
        ['child', N],
        ['child', '/p'],
      ],
      [create(N)],
      [remove(N)],
      ['Deleted /p/n', 'ChildrenChanged /p'],
    ],
    [
      'persistent N + P, delete',
      [
        ['persistent', N],
        ['persistent', '/p'],
      ],
      [create(N)],
      [remove(N)],
      ['Deleted /p/n', 'ChildrenChanged /p'],
    ],
    [
      'exists N + child P, create',
      [
        ['exists', N],
        ['child', '/p'],
      ],
      [],
      [create(N)],
      ['Created /p/n', 'ChildrenChanged /p'],
    ],
    [
      'recursive / + child P, create',
      [
        ['recursive', '/'],
        ['child', '/p'],
      ],
      [],
      [create(N)],
      ['Created /p/n', 'ChildrenChanged /p'],
    ],
    ['recursive /, delete', [['recursive', '/']], [create(N)], [remove(N)], ['Deleted /p/n']],
    [
      'all on N, setData',
      [
        ['data', N],
        ['exists', N],
        ['persistent', N],
        ['recursive', N],
      ],
      [create(N)],
      [set(N)],
      ['DataChanged /p/n'],
    ],
    [
      'recursive P + child N, create N/x',
      [
        ['recursive', '/p'],
        ['child', N],
      ],
      [create(N)],
      [create(`${N}/x`)],
      ['Created /p/n/x', 'ChildrenChanged /p/n'],
    ],
    [
      'persistent P + recursive P + persistent N, create',
      [
        ['persistent', '/p'],
        ['recursive', '/p'],
        ['persistent', N],
      ],
      [],
      [create(N)],
      ['Created /p/n', 'ChildrenChanged /p'],
    ],
    [
      'persistent then data, two sets',
      [
        ['persistent', N],
        ['data', N],
      ],
      [create(N)],
      [set(N), set(N)],
      ['DataChanged /p/n', 'DataChanged /p/n'],
    ],
    [
      'data then persistent, two sets',
      [
        ['data', N],
        ['persistent', N],
      ],
      [create(N)],
      [set(N), set(N)],
      ['DataChanged /p/n', 'DataChanged /p/n'],
    ],
    [
      'five kinds, then recursive P, delete',
      [
        ['exists', N],
        ['child', N],
        ['persistent', N],
        ['recursive', N],
        ['child', '/p'],
        ['recursive', '/p'],
      ],
      [create(N)],
      [remove(N)],
      ['Deleted /p/n', 'ChildrenChanged /p'],
    ],
    [
      'recursive then data, two sets',
      [
        ['recursive', N],
        ['data', N],
      ],
      [create(N)],
      [set(N), set(N)],
      ['DataChanged /p/n', 'DataChanged /p/n'],
    ],
    [
      'recursive then exists, two sets below',
      [
        ['recursive', N],
        ['exists', N],
      ],
      [create(N), create(`${N}/x`)],
      [set(`${N}/x`), set(`${N}/x`)],
      ['DataChanged /p/n/x', 'DataChanged /p/n/x'],
    ],
    [
      'recursive then persistent',
      [
        ['recursive', N],
        ['persistent', N],
      ],
      [create(N), create(`${N}/x`)],
      [set(`${N}/x`), create(`${N}/y`)],
      ['DataChanged /p/n/x', 'Created /p/n/y', 'ChildrenChanged /p/n'],
    ],
    [
      'a multi of four',
      [
        ['recursive', '/p'],
        ['child', '/p'],
      ],
      [],
      [multi(create(N), create(`${N}/x`), set(N), remove(`${N}/x`))],
      ['Created /p/n', 'ChildrenChanged /p', 'Created /p/n/x', 'DataChanged /p/n', 'Deleted /p/n/x'],
    ],
    [
      'create and delete in a multi',
      [
        ['exists', N],
        ['child', '/p'],
      ],
      [],
      [multi(create(N), remove(N))],
      ['Created /p/n', 'ChildrenChanged /p'],
    ],
    [
      'a failed multi',
      [
        ['exists', N],
        ['child', '/p'],
      ],
      [],
      [multi(create(N), set('/none'))],
      [],
    ],
  ]

  test.each(rows)('%s', (_, watches, before, act, expected) => {
    const model = world()
    ask(model, 0, create('/p'))
    for (const call of before) ask(model, 0, call)
    for (const [kind, path] of watches) watch(model, 1, kind, path)

    for (const call of act) ask(model, 0, call)

    expect(seen(model, 1)).toEqual(expected)
  })
})
