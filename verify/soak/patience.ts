/** Waiting on the real event loop, with an end. */
import { SoakFault } from './soak-fault.js'

const PATIENCE_MS = 30_000

/** The result of the promise. @throws SoakFault naming what did not come in time */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new SoakFault(`${what} did not come within ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits this long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
