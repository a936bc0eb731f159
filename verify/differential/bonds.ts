/** Bonds: the steps that have to stay together when a run is made shorter, since apart they mean something else on each server. */
import { SESSION_BOUNDS, type Step } from './step.js'

/** Asks whether what is left of these steps keeps together what belongs together. */
export function bondsOf(steps: readonly Step[]): (fewer: readonly Step[]) => boolean {
  const successors = new Map<Step, Step>()
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1]
    if (next !== undefined && next.slot === step.slot && isBound(step, next)) successors.set(step, next)
  }
  return (fewer) =>
    fewer.every((step, i) => {
      const next = successors.get(step)
      return next === undefined || fewer[i + 1] === next
    })
}

function isBound(step: Step, next: Step): boolean {
  // A session of the least time would expire while other things are done.
  const isShort = 'timeoutMs' in step && step.timeoutMs <= SESSION_BOUNDS.minMs
  return isShort || (step.do === 'cut' && next.do === 'expire')
}
