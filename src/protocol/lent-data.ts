/**
 * LentData: a request has the bytes of its caller, or of the message that it came in, on loan as long as the call runs, which is all that
 * a server needs: it keeps copies. A request that has to wait for anything gets bytes of its own before the call returns (law 8). One for
 * each client and each server.
 */
import { copyBytes, isHonest } from '../base/bytes.js'
import { Slab } from '../base/slab.js'
import type { MultiOp, Request } from './message.js'

/** The bytes of a caller, on loan; a copy if they are not what they say. */
export function lend(bytes: Uint8Array): Uint8Array {
  return isHonest(bytes) ? bytes : copyBytes(bytes)
}

/** Turns loans into possessions. */
export class LentData {
  readonly #slab = new Slab()

  /** The same request, with data that nobody else has. */
  own(request: Request): Request {
    switch (request.type) {
      case 'multi':
        return { ...request, ops: request.ops.map((op) => this.#ownOp(op)) }
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL':
      case 'setData':
        return this.#ownOp(request)
      case 'auth':
        return { ...request, auth: request.auth && copyBytes(request.auth) }
      case 'sasl':
        return { ...request, token: copyBytes(request.token) }
      default:
        return request
    }
  }

  #ownOp<T extends MultiOp>(op: T): T {
    return 'data' in op && op.data !== null ? { ...op, data: this.#slab.copy(op.data) } : op
  }
}
