/** Says where two servers have shown different things of one step. */
import type { Sights, Step } from './step.js'

/** What one slot saw, where it is not the same. */
export interface Divergence {
  readonly slot: number
  readonly expected: readonly string[]
  readonly actual: readonly string[]
}

/** Where the sights differ; nothing if they are the same. Two connections have no order, nor has the end of a session. */
export function compare(step: Step, expected: Sights, actual: Sights): readonly Divergence[] {
  const hasOrder =
    step.do !== 'resume' && !(step.do === 'send' && step.requests.some(({ type }) => type === 'closeSession'))
  const inOrder = (lines: readonly string[]): readonly string[] => (hasOrder ? lines : [...lines].sort())
  const divergences: Divergence[] = []
  for (const slot of new Set([...expected.keys(), ...actual.keys()])) {
    const pair = [expected, actual].map((sights) => inOrder(sights.get(slot) ?? []))
    const [left = [], right = []] = pair
    if (left.length !== right.length || left.some((line, i) => line !== right[i])) {
      divergences.push({ slot, expected: left, actual: right })
    }
  }
  return divergences
}
