/** Choosing one of several instances: whose turn it is, any, or the same as long as it is there. */
import { describe } from '../base/describe.js'

/** How a provider chooses. */
export type ServiceStrategy = 'roundRobin' | 'random' | 'sticky'

/** Chooses one of some ids, which are in a fixed order. */
export type Choose = (ids: readonly string[]) => string | undefined

/** A way to choose with a memory of its own. `random` gives numbers from 0 up to, but not including, 1. @throws TypeError */
export function createChoice(strategy: ServiceStrategy, random: () => number): Choose {
  const any: Choose = (ids) => ids[Math.floor(random() * ids.length)]
  let last: string | undefined
  switch (strategy) {
    case 'random':
      return any
    case 'roundRobin':
      // By the id and not by the place, so that nobody is skipped when instances come and go.
      return (ids) => {
        const previous = last
        last = ids.find((id) => previous === undefined || id > previous) ?? ids[0]
        return last
      }
    case 'sticky':
      return (ids) => {
        if (last === undefined || !ids.includes(last)) last = any(ids)
        return last
      }
    default:
      throw new TypeError(`Invalid strategy ${describe(strategy)}: there are roundRobin, random, sticky`)
  }
}
