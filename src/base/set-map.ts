/** Sets by key in a Map, never an empty one: what is added to the first time gets its set, what is emptied loses it. */

/** Adds an item to the set of a key. */
export function addTo<K, T>(sets: Map<K, Set<T>>, key: K, item: T): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([item]))
  else set.add(item)
}

/** Takes an item out of the set of a key. True if it was there. */
export function deleteFrom<K, T>(sets: Map<K, Set<T>>, key: K, item: T): boolean {
  const set = sets.get(key)
  if (set === undefined || !set.delete(item)) return false
  if (set.size === 0) sets.delete(key)
  return true
}
