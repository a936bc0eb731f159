/** RegistrationsUnderWay by itself: which calls count, from when on, and that each of them counts once. */
import { describe, expect, it } from 'vitest'
import { RegistrationsUnderWay } from '../../src/client/registrations-under-way.js'
import type { WatchChange } from '../../src/client/watch-registration.js'

interface Call {
  readonly change: WatchChange | undefined
  isUnderWay: boolean
}

/** A call that may leave a watch, or one that removes watches. */
function callOn(path: string, isRegistration = true): Call {
  return { change: { path, isRegistration, types: [], arrive: (code) => code }, isUnderWay: false }
}

describe('a path', () => {
  it('has registrations until the last of them has ended', () => {
    const registrations = new RegistrationsUnderWay()
    const calls = [callOn('/a'), callOn('/a')]
    for (const call of calls) registrations.begin(call)
    const states = [registrations.postpones('/a', ['Data']), registrations.postpones('/b', ['Data'])]

    for (const call of calls) {
      registrations.end(call)
      states.push(registrations.postpones('/a', ['Data']))
    }

    expect(states).toEqual([true, false, true, false])
  })

  it('has none for a removal, nor for a call without a watch', () => {
    const registrations = new RegistrationsUnderWay()
    const calls = [callOn('/a', false), { change: undefined, isUnderWay: false }]

    for (const call of calls) registrations.begin(call)

    expect(registrations.postpones('/a', ['Data'])).toBe(false)
    expect(calls.map(({ isUnderWay }) => isUnderWay)).toEqual([false, false])
  })

  it('keeps that of another call if one ends twice, first given up and then answered', () => {
    const registrations = new RegistrationsUnderWay()
    const [one, other] = [callOn('/a'), callOn('/a')]
    for (const call of [one, other]) registrations.begin(call)

    registrations.end(one)
    registrations.end(one)

    expect(registrations.postpones('/a', ['Data'])).toBe(true)
  })

  it('keeps that of another call if one ends that never began', () => {
    const registrations = new RegistrationsUnderWay()
    registrations.begin(callOn('/a'))

    for (const call of [callOn('/a'), callOn('/a', false)]) registrations.end(call)

    expect(registrations.postpones('/a', ['Data'])).toBe(true)
  })
})

describe('who wants to take the watches of a path away', () => {
  it('has its turn once the last registration has ended, and once only', () => {
    const registrations = new RegistrationsUnderWay()
    const calls = [callOn('/a'), callOn('/a')]
    for (const call of calls) registrations.begin(call)
    registrations.postpones('/a', ['Data'])

    const turns = calls.map((call) => {
      registrations.end(call)
      return registrations.takePostponed('/a')
    })

    expect([...turns, registrations.takePostponed('/a')]).toEqual([[], ['Data'], []])
  })

  it('has all types that were asked for meanwhile, each once', () => {
    const registrations = new RegistrationsUnderWay()
    const call = callOn('/a')
    registrations.begin(call)
    registrations.postpones('/a', ['Data'])
    registrations.postpones('/a', ['Children', 'Data'])

    registrations.end(call)

    expect(registrations.takePostponed('/a')).toEqual(['Data', 'Children'])
  })

  it('is not remembered where nothing is under way', () => {
    const registrations = new RegistrationsUnderWay()
    registrations.begin(callOn('/b'))

    registrations.postpones('/a', ['Data'])

    expect(registrations.takePostponed('/a')).toEqual([])
  })
})
