/** The target `requests`: every decoder of a request reads or refuses, and what was read survives writing and reading. */
import { isDeepStrictEqual } from 'node:util'
import { decodeRequest, type ReceivedRequest } from '../../../src/protocol/codec.js'
import { MarshallingError } from '../../../src/protocol/jute.js'
import type { Request } from '../../../src/protocol/message.js'
import { requireLaw, type Target } from '../target.js'
import { GOODBYE, OTHERS, WRITES } from './requests.js'
import { capturedPayloads, OP_WORDS, requestBytes, WORDS } from './words.js'

/** An input is the payload of one frame. */
export function createRequestsTarget(): Target {
  const requests = [...WRITES, ...OTHERS, GOODBYE]
  return {
    name: 'requests',
    shape: { headBytes: 0, isFramed: false, words: [...WORDS, ...OP_WORDS] },
    seeds: [...capturedPayloads(), ...requests.map((request, xid) => requestBytes(xid, request))],
    regression: 'test/protocol/codec.test.ts',
    inputs: 400_000,
    batch: 5000,
    run,
  }
}

function run(input: Uint8Array): void {
  const received = decodeOrRefuse(input)
  if (received === undefined) return
  const { xid, request } = received
  if (request.type === 'malformed' || request.type === 'unknown' || !isExact(request)) return
  const again = decodeRequest(requestBytes(xid, request))
  requireLaw(isDeepStrictEqual(again.request, request), `${request.type} survives writing and reading`)
}

function decodeOrRefuse(input: Uint8Array): ReceivedRequest | undefined {
  try {
    return decodeRequest(input)
  } catch (error) {
    if (error instanceof MarshallingError) return undefined
    throw error
  }
}

/** Numbers of 64 bits are exact up to 2^53. Text that is none becomes U+FFFD, and stays it. */
function isExact(request: Request): boolean {
  if (request.type === 'setWatches') return Number.isSafeInteger(request.relativeZxid)
  if (request.type === 'multi')
    return request.ops.every((op) => !('ttlMs' in op) || Number.isSafeInteger(op.ttlMs))
  return !('ttlMs' in request) || Number.isSafeInteger(request.ttlMs)
}
