/**
 * Where a target does other than the contract says: which test fails there, and why. Each must fail, so that an entry which is no
 * longer true is noticed. The reasons are those of docs/compatibility.md.
 */
import type { TargetName } from './target.js'

/** One test of one target. */
export interface Deviation {
  readonly target: TargetName
  /** `area > title`. */
  readonly test: string
  readonly reason: string
}

/** All of them. */
export const DEVIATIONS: readonly Deviation[] = []

/** Why a test has to fail on a target; undefined if it has to pass. */
export function findDeviation(target: TargetName, area: string, title: string): string | undefined {
  return DEVIATIONS.find((one) => one.target === target && one.test === `${area} > ${title}`)?.reason
}
