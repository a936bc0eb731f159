/**
 * Where zoolet does something else about a frame than Apache ZooKeeper 3.8.0, on purpose. The numbers and the reasons are those of
 * docs/compatibility.md. A run that is long enough fails if it meets one of them not even once: then it is none, and has to go.
 */
import type { ACL } from '../../../src/index.js'
import type { MultiOp, Request } from '../../../src/protocol/message.js'
import { OpCode } from '../../../src/protocol/op-code.js'

/** What both servers did about one frame. */
export interface ReactionPair {
  /** Undefined if the frame is no request at all. */
  readonly request: Request | undefined
  readonly real: string
  readonly zoolet: string
}

/** One deliberate difference. */
export interface ReactionDifference {
  readonly id: string
  readonly reason: string
  /** One of about so many frames meets it, as measured. */
  readonly framesAHit: number
  explains(pair: ReactionPair): boolean
}

/** All that frames can hit. */
export const REACTION_DIFFERENCES: readonly ReactionDifference[] = [
  {
    id: 'D3',
    framesAHit: 230,
    reason: 'the operation and the mode of a create have to agree',
    explains: ({ request }) => opsOf(request).some((op) => !isAgreeing(op)),
  },
  {
    id: 'D36',
    framesAHit: 1_000,
    reason: 'a request that cannot be read does nothing, and is answered',
    explains: ({ request, zoolet }) =>
      request?.type === 'malformed' &&
      request.opCode === OpCode.setWatches &&
      zoolet === '7 MARSHALLINGERROR',
  },
  {
    id: 'D37',
    framesAHit: 1_800,
    reason: 'a multi or multiRead with a null path is MARSHALLINGERROR without a body',
    explains: ({ request, real, zoolet }) =>
      request?.type === 'malformed' &&
      MULTIS.includes(request.opCode) &&
      zoolet === '7 MARSHALLINGERROR' &&
      real.startsWith('7 MARSHALLINGERROR +'),
  },
  {
    id: 'D40',
    framesAHit: 1_400,
    reason:
      'text is UTF-8: characters beyond U+FFFF are not sent as pairs of surrogates, nor halves of them as one mark',
    explains: ({ request, real, zoolet }) =>
      (hasOddText(zoolet) || (request?.type === 'sync' && hasOddText(request.path ?? ''))) &&
      withoutOddText(real) === withoutOddText(zoolet),
  },
  {
    id: 'D50',
    framesAHit: 1_600,
    reason: 'a null id is an invalid ACL, whatever its scheme; a create with a null path cannot be read',
    explains: ({ request, real, zoolet }) => {
      if (request?.type === 'malformed')
        return zoolet === '7 MARSHALLINGERROR' && real.startsWith('7 BADARGUMENTS')
      const hasNobody = aclsOf(request).some(({ scheme, id }) => scheme !== 'auth' && id === '')
      return hasNobody && real.startsWith('7 MARSHALLINGERROR')
    },
  },
  {
    id: 'D47',
    framesAHit: 2_000,
    reason: 'a question about the watches of something that is no path finds none',
    explains: ({ request, real, zoolet }) =>
      request?.type === 'checkWatches' &&
      !request.path.startsWith('/') &&
      real === '7 MARSHALLINGERROR' &&
      zoolet === '7 NOWATCHER',
  },
]

const MULTIS: readonly number[] = [OpCode.multi, OpCode.multiRead]

function hasOddText(text: string): boolean {
  return /[^\0-\uffff]|\ufffd/u.test(text)
}

function withoutOddText(reaction: string): string {
  return reaction.replaceAll(/[^\0-\uffff]|\ufffd/gu, '').replaceAll(/ \+\d+/g, '')
}

/** The writes of a request. */
function opsOf(request: Request | undefined): readonly MultiOp[] {
  if (request?.type === 'multi') return request.ops
  return request !== undefined && 'ttlMs' in request ? [request] : []
}

/** All entries that it would store. */
function aclsOf(request: Request | undefined): readonly ACL[] {
  if (request?.type === 'setACL') return request.acl
  return opsOf(request).flatMap((op) => ('acl' in op ? op.acl : []))
}

function isAgreeing(op: MultiOp): boolean {
  if (!('ttlMs' in op) || op.mode === undefined) return true
  if (op.type === 'createContainer') return op.mode === 'CONTAINER'
  const hasTtl = op.mode === 'PERSISTENT_WITH_TTL' || op.mode === 'PERSISTENT_SEQUENTIAL_WITH_TTL'
  return op.type === 'createTTL' ? hasTtl : !hasTtl && op.mode !== 'CONTAINER'
}
