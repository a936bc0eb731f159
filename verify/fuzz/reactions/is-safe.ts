/**
 * Which frames are kept from the real server, because they end it or make it do what no client may ask for:
 * a createTTL that has no TTL, alone or in a multi (D4: its process ends); deleteContainer, createSession and a check outside a
 * multi (D5: its log cannot be read any more); whatever touches quotas (D4: statistics that it cannot read end it); and a lasting
 * watch without a path (D36: its connection can never be removed, so what else it watches shows in answers to others).
 */
import { decodeRequest } from '../../../src/protocol/codec.js'
import { createModeTraits } from '../../../src/protocol/create-mode.js'
import { MarshallingError } from '../../../src/protocol/jute.js'
import type { MultiOp, Request } from '../../../src/protocol/message.js'
import { OpCode } from '../../../src/protocol/op-code.js'

const FORBIDDEN_OP_CODES: readonly number[] = [-10, 13, 20]
const LASTING_OP_CODES: readonly number[] = [OpCode.addWatch, OpCode.setWatches2]
const RESERVED = '/zookeeper'
const decoder = new TextDecoder('latin1')

/** The request in a frame, undefined if there is none. */
export function requestIn(payload: Uint8Array): Request | undefined {
  try {
    return decodeRequest(payload).request
  } catch (error) {
    if (error instanceof MarshallingError) return undefined
    throw error
  }
}

/** Whether the real server can be asked this. */
export function isSafe(payload: Uint8Array, request: Request | undefined): boolean {
  // Also in a frame that we cannot read: the real server may read more of it.
  if (decoder.decode(payload).includes(RESERVED)) return false
  if (request === undefined) return true
  if (request.type === 'unknown') return !FORBIDDEN_OP_CODES.includes(request.opCode)
  if (request.type === 'malformed') return !LASTING_OP_CODES.includes(request.opCode)
  if (request.type === 'multi') return request.ops.every(isSafeOp)
  return !isCreate(request) || isSafeOp(request)
}

function isSafeOp(op: MultiOp): boolean {
  if (op.type !== 'createTTL') return true
  return op.mode !== undefined && createModeTraits[op.mode].flag >= FIRST_TTL_FLAG && op.ttlMs > 0
}

const FIRST_TTL_FLAG = 5

function isCreate(request: Request): request is Extract<MultiOp, { readonly ttlMs: number }> {
  return 'ttlMs' in request
}
