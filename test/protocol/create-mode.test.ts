/** The seven modes of create, with the numbers of the wire. */
import { describe, expect, it } from 'vitest'
import { CreateMode, createModeTraits, isCreateMode } from '../../src/protocol/create-mode.js'

describe('a create mode', () => {
  it.each([
    ['PERSISTENT', 0, ''],
    ['EPHEMERAL', 1, 'isEphemeral'],
    ['PERSISTENT_SEQUENTIAL', 2, 'isSequential'],
    ['EPHEMERAL_SEQUENTIAL', 3, 'isEphemeral isSequential'],
    ['CONTAINER', 4, 'isContainer'],
    ['PERSISTENT_WITH_TTL', 5, 'hasTtl'],
    ['PERSISTENT_SEQUENTIAL_WITH_TTL', 6, 'isSequential hasTtl'],
  ] as const)('%s has the flag %d and is %s', (mode, flag, traits) => {
    const { flag: own, ...rest } = createModeTraits[mode]
    const names = Object.entries(rest)
      .filter(([, is]) => is)
      .map(([name]) => name)

    expect([own, names.join(' '), CreateMode[mode]]).toEqual([flag, traits, mode])
  })

  it.each([
    ['PERSISTENT', true],
    ['persistent', false],
    ['toString', false],
    ['', false],
    [0, false],
    [undefined, false],
    [null, false],
    [['PERSISTENT'], false],
  ])('%j is one: %s', (value, is) => {
    expect(isCreateMode(value)).toBe(is)
  })
})
