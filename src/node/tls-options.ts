/** The option `tls` of both doors: what is no object would speak TLS all the same, `false` included. */
import { describe } from '../base/describe.js'

/** Lets the options of Node's `tls` pass, or none. @throws TypeError */
export function checkTls(tls: unknown, of: 'tls.connect' | 'tls.createServer'): void {
  if (tls === undefined || (typeof tls === 'object' && tls !== null)) return
  throw new TypeError(
    `Invalid tls ${describe(tls)}: pass the options of ${of}, or leave it out to speak plainly`,
  )
}
