/** The results of the operations of a multi and of a multiRead, one for each operation, in order. */
import { type Code, errnoOf } from './code.js'
import type { Stat } from './stat.js'

/** What came of one operation that was not carried out. */
export interface ErrorResult {
  readonly type: 'error'
  /** `'OK'` before the failing operation, its code, then `'RUNTIMEINCONSISTENCY'`. */
  readonly code: Code
  readonly errno: number
}

/** What came of one operation of a multi. */
export type OpResult =
  | { readonly type: 'create'; readonly path: string; readonly stat?: Stat }
  | { readonly type: 'delete' }
  | { readonly type: 'setData'; readonly stat: Stat }
  | { readonly type: 'check' }
  | ErrorResult

/** What came of one read of a multiRead. */
export type ReadOpResult =
  | { readonly type: 'getData'; readonly data: Uint8Array | null; readonly stat: Stat }
  | { readonly type: 'getChildren'; readonly children: string[] }
  | ErrorResult

/** The result of an operation that ended with this code. */
export function errorResult(code: Code): ErrorResult {
  return { type: 'error', code, errno: errnoOf(code) }
}
