/** Floors: whether random runs have asked for enough. What was hit too rarely for so many requests is named, and fails them. */

/** What runs have reached. */
export interface Reached {
  readonly requests: number
  readonly cells: ReadonlyMap<string, number>
  /** How often each deliberate difference was met; 0 if it never was. */
  readonly differences: ReadonlyMap<string, number>
}

/** What they had to reach. */
export interface Wanted {
  /** Each with the number of requests of which one has to hit it. */
  readonly cells: ReadonlyMap<string, number>
  /** From so many requests on, every deliberate difference. */
  readonly differencesFrom: number
  /** What nobody believed could be hit. */
  readonly unreachable: ReadonlySet<string>
}

/**
 * From so many requests on, every deliberate difference has to be met. Measured, the rarest is met five times in them (D48, once in
 * each run). One at a time, few connections live long enough to claim two identities (D11).
 */
export const REQUESTS_A_DIFFERENCE = { pipelined: 40_000, 'lock-step': 200_000 } as const

/** What to say of it. */
export interface Judgement {
  readonly isEnough: boolean
  readonly lines: readonly string[]
}

/** Compares the two. A floor that is below one is not judged, which is said. */
export function judge(reached: Reached, wanted: Wanted): Judgement {
  const { requests, cells, differences } = reached
  const floors = [...wanted.cells].map(([cell, rate]) => ({ cell, floor: Math.floor(requests / rate) }))
  const judged = floors.filter(({ floor }) => floor > 0)
  const starved = judged.filter(({ cell, floor }) => (cells.get(cell) ?? 0) < floor)
  const strange = [...wanted.unreachable].filter((cell) => cells.has(cell))
  const areDifferencesJudged = requests >= wanted.differencesFrom
  const unmet = areDifferencesJudged ? [...differences].filter(([, times]) => times === 0) : []
  const met = [...differences].map(([id, times]) => `${id} ${times} times`)
  return {
    isEnough: starved.length + strange.length + unmet.length === 0,
    lines: [
      `deliberate differences met: ${met.join(', ')}`,
      ...(areDifferencesJudged
        ? []
        : [`too short to ask that each is met: that takes ${wanted.differencesFrom} requests`]),
      ...unmet.map(([id]) => `  ${id} was never met: it is no difference any more, or is not reached`),
      `cells: ${judged.length} of ${floors.length} judged, ${starved.length} starved`,
      ...(judged.length < floors.length
        ? [
            `too short to judge the other ${floors.length - judged.length}: they are rarer than this run is long`,
          ]
        : []),
      ...starved.map(({ cell, floor }) => `  ${cell}: ${cells.get(cell) ?? 0}, at least ${floor} wanted`),
      ...strange.map((cell) => `  ${cell}: ${cells.get(cell)}, though it is listed as unreachable`),
    ],
  }
}
