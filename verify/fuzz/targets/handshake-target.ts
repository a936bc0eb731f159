/** The target `handshake`: the first message of either side is read or refused, and what was read is written as it was meant. */
import { isDeepStrictEqual } from 'node:util'
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from '../../../src/protocol/handshake.js'
import { JuteReader, JuteWriter, MarshallingError } from '../../../src/protocol/jute.js'
import { capturedAnswers } from '../../../test/protocol/captured-replies.js'
import { capturedConnects } from '../../../test/protocol/captured-requests.js'
import { requireLaw, type Target } from '../target.js'

/** Each input is read as both. */
export function createHandshakeTarget(): Target {
  return {
    name: 'handshake',
    shape: { headBytes: 0, isFramed: false, words: [] },
    seeds: [...capturedConnects, ...capturedAnswers].map(({ frame }) => frame.subarray(4)),
    regression: 'test/protocol/handshake.test.ts',
    inputs: 100_000,
    batch: 4000,
    run: (input) => {
      checkRequest(input)
      checkResponse(input)
    },
  }
}

function checkRequest(input: Uint8Array): void {
  const received = readOrRefuse(() => readConnectRequest(new JuteReader(input)))
  // Zxids are exact up to 2^53.
  if (received === undefined || !Number.isSafeInteger(received.request.lastZxidSeen)) return
  const out = new JuteWriter()
  writeConnectRequest(out, received.request)
  const { request } = readConnectRequest(new JuteReader(out.take()))
  requireLaw(isDeepStrictEqual(request, received.request), 'a handshake survives writing and reading')
}

function checkResponse(input: Uint8Array): void {
  const response = readOrRefuse(() => readConnectResponse(new JuteReader(input)))
  if (response === undefined) return
  const out = new JuteWriter()
  writeConnectResponse(out, response, { hasReadOnlyByte: true })
  const again = readConnectResponse(new JuteReader(out.take()))
  requireLaw(isDeepStrictEqual(again, response), 'an answer to a handshake survives writing and reading')
}

function readOrRefuse<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof MarshallingError) return undefined
    throw error
  }
}
