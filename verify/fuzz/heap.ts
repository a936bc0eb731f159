/** How much memory is held, garbage left out. */
import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { nextTurn } from './target.js'

const COLLECTIONS = 3

/** Bytes of the heap and of buffers beside it. */
export async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  for (let i = 0; i < COLLECTIONS; i++) {
    collect()
    // What is freed by finalizers is freed between turns.
    await nextTurn()
  }
  const { heapUsed, arrayBuffers } = memoryUsage()
  return heapUsed + arrayBuffers
}
