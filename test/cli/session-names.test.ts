/** SessionNames: one name a session, never the same for two. */
import { expect, it } from 'vitest'
import { SessionNames } from '../../src/cli/session-names.js'

it('sessions are numbered in the order in which they are first heard of', () => {
  const names = new SessionNames()

  const given = [70n, 50n, 70n, 60n].map((id) => names.nameOf(id))

  expect(given).toEqual(['s1', 's2', 's1', 's3'])
})

it('a session that was not heard of has no name, and gets none by the question', () => {
  const names = new SessionNames()

  const found = names.findName(5n)

  expect([found, names.nameOf(6n), names.findName(6n)]).toEqual([undefined, 's1', 's1'])
})

it('an ended session keeps its name until a thousand others have ended', () => {
  const names = new SessionNames()
  names.nameOf(0n)
  names.end(0n)

  for (let id = 1n; id < 1000n; id++) {
    names.nameOf(id)
    names.end(id)
  }
  const before = names.findName(0n)
  names.end(1000n)

  expect([before, names.findName(0n), names.findName(1n)]).toEqual(['s1', undefined, 's2'])
})

it('a session that has not ended keeps its name for ever, and a name is not given twice', () => {
  const names = new SessionNames()
  names.nameOf(0n)

  for (let id = 1n; id <= 5000n; id++) {
    names.nameOf(id)
    names.end(id)
  }

  expect([names.nameOf(0n), names.nameOf(1n)]).toEqual(['s1', 's5002'])
})
