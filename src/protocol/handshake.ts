/** The first message of each side on the wire, which has no header. */
import type { JuteReader, JuteWriter } from './jute.js'
import type { ConnectRequest, ConnectResponse } from './message.js'

const VERSION = 0
/** What the field holds: a longer timeout would become a negative one, and so the shortest that the server grants. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** A handshake as it arrived. */
export interface ReceivedConnect {
  readonly request: ConnectRequest
  /** Whether the client knows the byte about reading only: then the answer has it too. Clients up to 3.3 do not. */
  readonly hasReadOnlyByte: boolean
}

/** A client's first message. */
export function writeConnectRequest(out: JuteWriter, request: ConnectRequest): void {
  out.int(VERSION)
  out.number(request.lastZxidSeen)
  out.int(Math.min(request.timeoutMs, LONGEST_TIMEOUT_MS))
  out.long(request.sessionId)
  out.buffer(request.password)
  out.boolean(request.canBeReadOnly ?? false)
}

/** A client's first message, whatever version it asks for. @throws MarshallingError */
export function readConnectRequest(input: JuteReader): ReceivedConnect {
  input.int()
  const lastZxidSeen = input.number()
  const timeoutMs = input.int()
  const sessionId = input.long()
  const password = input.buffer() ?? new Uint8Array(0)
  const hasReadOnlyByte = input.remaining > 0
  const canBeReadOnly = hasReadOnlyByte && input.boolean()
  return { request: { lastZxidSeen, timeoutMs, sessionId, password, canBeReadOnly }, hasReadOnlyByte }
}

/** A server's first message, in the form that the client knows. */
export function writeConnectResponse(
  out: JuteWriter,
  response: ConnectResponse,
  options: { readonly hasReadOnlyByte: boolean },
): void {
  out.int(VERSION)
  out.int(response.timeoutMs)
  out.long(response.sessionId)
  out.buffer(response.password)
  if (options.hasReadOnlyByte) out.boolean(response.isReadOnly ?? false)
}

/** A server's first message, with the byte about reading only or without it. @throws MarshallingError */
export function readConnectResponse(input: JuteReader): ConnectResponse {
  input.int()
  const timeoutMs = input.int()
  const sessionId = input.long()
  const password = input.buffer() ?? new Uint8Array(0)
  return { timeoutMs, sessionId, password, isReadOnly: input.remaining > 0 && input.boolean() }
}
