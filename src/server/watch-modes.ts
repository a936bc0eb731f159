/** The modes that one watcher can have on one path of one table, side by side, as a set of bits. */

/** A set of modes; `NO_MODES` is empty. */
export type WatchModes = number

/** The empty set. */
export const NO_MODES = 0
/** Fires once. */
export const STANDARD = 1
/** Fires for the path until it is removed. */
export const PERSISTENT = 2
/** Fires for the path and everything below it until it is removed. */
export const RECURSIVE = 4
/** Every mode. */
export const ALL_MODES = 7

/** The name of a mode in reports. */
export type WatchModeName = 'standard' | 'persistent' | 'recursive'

/** The modes of a set, by name. */
export function modeNames(modes: WatchModes): WatchModeName[] {
  const names: WatchModeName[] = []
  if ((modes & STANDARD) !== 0) names.push('standard')
  if ((modes & PERSISTENT) !== 0) names.push('persistent')
  if ((modes & RECURSIVE) !== 0) names.push('recursive')
  return names
}

/** The name of one of the two tables. */
export type WatchTableName = 'data' | 'child'

/** Why a watch is gone. */
export type WatchRemovalReason = 'triggered' | 'requested' | 'replaced' | 'disconnected'
