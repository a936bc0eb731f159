/** Difference: where two runs of the same actions are not the same: in what clients saw, what the server did, or what is left. */
import { inspect, isDeepStrictEqual } from 'node:util'
import type { Outcome } from './simulation.js'

/** The first line in which they differ, for people; undefined if all is the same. */
export function findDifference(one: Outcome, other: Outcome): string | undefined {
  // To write all of it down takes long.
  if (isDeepStrictEqual(one, other)) return undefined
  const others = recordsOf(other)
  for (const [what, lines] of Object.entries(recordsOf(one))) {
    const second = others[what] ?? []
    for (let at = 0; at < Math.max(lines.length, second.length); at++)
      if (lines[at] !== second[at])
        return `line ${at + 1} of ${what} is "${lines[at] ?? 'missing'}" in one run, and "${second[at] ?? 'missing'}" in the other`
  }
  return 'they are alike to people, and not the same'
}

function recordsOf(outcome: Outcome): Record<string, readonly string[]> {
  const { trace, txns, znodes, done, virtualMs, faults } = outcome
  return {
    'what clients saw': trace,
    'what the server did': txns.map(line),
    'the final tree': znodes.map(line),
    'the counts': [...done].map(([kind, times]) => `${kind} ${times}`).sort(),
    'the faults': faults,
    'the time': [`${virtualMs} ms`],
  }
}

function line(what: unknown): string {
  return inspect(what, { depth: null, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: null })
}
