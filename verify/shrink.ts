/** Shrinking: leaves out what a failure does not need, larger pieces first (delta debugging). */

/**
 * The shortest list found in time that still fails. `fails` is asked about many shorter ones, never about `items` itself.
 * `deadlineMs` is on the clock of `performance.now()`.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (fewer: readonly T[]) => Promise<boolean>,
  deadlineMs: number,
): Promise<readonly T[]> {
  let kept = items
  let pieces = 2
  while (kept.length > 1 && performance.now() < deadlineMs) {
    const size = Math.ceil(kept.length / pieces)
    const without = (at: number): readonly T[] => [...kept.slice(0, at), ...kept.slice(at + size)]
    let smaller: readonly T[] | undefined
    for (
      let at = kept.length - 1 - ((kept.length - 1) % size);
      at >= 0 && smaller === undefined;
      at -= size
    ) {
      if (performance.now() >= deadlineMs) break
      if (await fails(without(at))) smaller = without(at)
    }
    if (smaller !== undefined) {
      kept = smaller
      pieces = Math.max(pieces - 1, 2)
    } else if (size === 1) break
    else pieces = Math.min(pieces * 2, kept.length)
  }
  return kept
}
