/**
 * Where zoolet's verdict on a frame is another one than that of Apache ZooKeeper 3.8.0, on purpose. The numbers and the reasons are
 * those of docs/compatibility.md. A difference that no input hits any more is not one, and has to go.
 */

import type { MultiOp, Request } from '../../../src/protocol/message.js'
import { OpCode } from '../../../src/protocol/op-code.js'

/** Two verdicts on one frame. */
export interface VerdictPair {
  /** Undefined if the frame is no request at all. */
  readonly request: Request | undefined
  readonly real: string
  readonly zoolet: string
}

/** One deliberate difference. */
export interface VerdictDifference {
  readonly id: string
  readonly reason: string
  explains(pair: VerdictPair): boolean
}

/** All that frames can hit. */
export const VERDICT_DIFFERENCES: readonly VerdictDifference[] = [
  {
    id: 'D3',
    reason: 'the operation and the mode of a create have to agree',
    explains: ({ request }) => opsOf(request).some((op) => !isAgreeing(op)),
  },
  {
    id: 'D36',
    reason: 'a request that cannot be read does nothing, and is answered',
    explains: ({ request, zoolet }) =>
      request?.type === 'malformed' &&
      request.opCode === OpCode.setWatches &&
      zoolet === '7 MARSHALLINGERROR',
  },
  {
    id: 'D37',
    reason: 'a multi or multiRead with a null path is MARSHALLINGERROR without a body',
    explains: ({ request, real, zoolet }) =>
      request?.type === 'malformed' &&
      MULTIS.includes(request.opCode) &&
      zoolet === '7 MARSHALLINGERROR' &&
      real.startsWith('7 MARSHALLINGERROR +'),
  },
  {
    id: 'D40',
    reason:
      'text is UTF-8: characters beyond U+FFFF are not sent as pairs of surrogates, nor halves of them as one mark',
    explains: ({ real, zoolet }) =>
      /[^\0-\uffff]|\ufffd/u.test(zoolet) && withoutOddText(real) === withoutOddText(zoolet),
  },
  {
    id: 'D50',
    reason: 'a null id of the scheme world is an invalid ACL; a create with a null path cannot be read',
    explains: ({ request, real, zoolet }) => {
      if (request?.type === 'malformed')
        return zoolet === '7 MARSHALLINGERROR' && real.startsWith('7 BADARGUMENTS')
      const hasNobody = opsOf(request).some(
        (op) => 'acl' in op && op.acl.some(({ scheme, id }) => scheme === 'world' && id === ''),
      )
      return hasNobody && real.startsWith('7 MARSHALLINGERROR')
    },
  },
  {
    id: 'D47',
    reason: 'a question about the watches of something that is no path finds none',
    explains: ({ request, real, zoolet }) =>
      request?.type === 'checkWatches' &&
      !request.path.startsWith('/') &&
      real === '7 MARSHALLINGERROR' &&
      zoolet === '7 NOWATCHER',
  },
]

const MULTIS: readonly number[] = [OpCode.multi, OpCode.multiRead]

function withoutOddText(verdict: string): string {
  return verdict.replaceAll(/[^\0-\uffff]|\ufffd/gu, '').replaceAll(/ \+\d+/g, '')
}

/** The writes of a request. */
function opsOf(request: Request | undefined): readonly MultiOp[] {
  if (request?.type === 'multi') return request.ops
  return request !== undefined && 'ttlMs' in request ? [request] : []
}

function isAgreeing(op: MultiOp): boolean {
  if (!('ttlMs' in op) || op.mode === undefined) return true
  if (op.type === 'createContainer') return op.mode === 'CONTAINER'
  const hasTtl = op.mode === 'PERSISTENT_WITH_TTL' || op.mode === 'PERSISTENT_SEQUENTIAL_WITH_TTL'
  return op.type === 'createTTL' ? hasTtl : !hasTtl && op.mode !== 'CONTAINER'
}
