/** What a user passes as a port is looked at before anything is sent. */
import { describe } from '../base/describe.js'

const METHODS = ['postMessage', 'addEventListener', 'removeEventListener'] as const

/** Lets ports pass. @throws TypeError for what is no MessagePort, such as Node's Worker, which has no addEventListener */
export function checkPort(port: unknown): void {
  const isPort =
    typeof port === 'object' &&
    port !== null &&
    METHODS.every((name) => typeof Reflect.get(port, name) === 'function')
  if (isPort) return
  throw new TypeError(
    `Invalid port ${describe(port)}: pass one end of a MessageChannel, and give the other end to the worker`,
  )
}
