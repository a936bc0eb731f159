/** How much memory is held, garbage left out. */
import { memoryUsage } from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const COLLECTIONS = 3

/** Bytes of the heap, and of buffers and other things beside it. */
export interface HeldBytes {
  /** Machine code left out: the compiler makes it when it likes, whatever was done. */
  readonly heapUsed: number
  readonly code: number
  readonly external: number
  /** The heap and what is beside it. */
  readonly total: number
}

/** Collects all garbage, then looks. */
export async function heldBytes(): Promise<HeldBytes> {
  const collect = globalThis.gc ?? unexposedCollector()
  // Else functions that were not called lately lose their code, which hides as much as was left behind.
  setFlagsFromString('--no-flush-bytecode')
  for (let i = 0; i < COLLECTIONS; i++) {
    collect()
    // What finalizers free is freed between turns, and a collected weak reference may be the last hold of something else.
    await nextTurn()
  }
  const { heapUsed, external } = memoryUsage()
  const code = codeBytes()
  return { heapUsed: heapUsed - code, code, external, total: heapUsed - code + external }
}

/** For processes that were started without --expose-gc. */
function unexposedCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

function codeBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => /^code_/.test(name))
    .reduce((total, { space_used_size: bytes }) => total + bytes, 0)
}
