/** How titles say things. */
import type { WatchKind } from '../semantics/watches/trigger-matrix.js'

/** `a data watch`, `an exists watch`. */
export function aWatch(kind: WatchKind): string {
  return kind === 'exists' ? 'an exists watch' : `a ${kind} watch`
}
