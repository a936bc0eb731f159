/**
 * Uncaught: errors and rejections that nobody has caught, for as long as somebody wants them. Whoever else listens for them hears
 * nothing meanwhile: during a run they belong to the run, whatever the process around it makes of its own.
 */
import process from 'node:process'

/** Calls back with each one, in words. What this returns gives the process back its own listeners. */
export function catchUncaught(caught: (what: string) => void): () => void {
  const listener = (error: unknown): void => caught(String(error))
  const exceptionListeners = process.listeners('uncaughtException')
  const rejectionListeners = process.listeners('unhandledRejection')
  process.removeAllListeners('uncaughtException').on('uncaughtException', listener)
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener)
  return () => {
    process.off('uncaughtException', listener).off('unhandledRejection', listener)
    for (const other of exceptionListeners) process.on('uncaughtException', other)
    for (const other of rejectionListeners) process.on('unhandledRejection', other)
  }
}
