/** What the simulation has found in the library, as short as it made it. */
import { describe, expect, it } from 'vitest'
import { PLAIN_SETUP } from '../../verify/simulation/action.js'
import { simulate } from '../../verify/simulation/simulation.js'
import { goOver, wish } from './played.js'

describe('a stream', () => {
  it('has a gap for the rest of a transaction whose first event was the last one seen', async () => {
    const { faults } = await simulate({ ...PLAIN_SETUP, clients: 1 }, [
      wish('stream below'),
      wish('create', '/a/x'),
      ...goOver(),
      ...goOver(),
      wish('multi', '/a/x'),
      { do: 'say', client: 0 },
      { do: 'hear', client: 0, much: 'a frame' },
      { do: 'give up', client: 0 },
    ])

    expect(faults).toEqual([])
  })
})
