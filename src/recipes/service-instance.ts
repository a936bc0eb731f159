/**
 * ServiceInstance: one instance of a service, as the JSON that Apache Curator's service discovery writes into its znode. What Curator
 * leaves out or adds is kept apart from what is broken: an unknown field is let pass, a missing name or id is not.
 */
import { describe } from '../base/describe.js'
import { decodeUtf8, encodeUtf8 } from '../base/platform.js'

/** How long an instance stays: as long as its session, or until somebody removes it. */
export type ServiceType = 'DYNAMIC' | 'DYNAMIC_SEQUENTIAL' | 'STATIC' | 'PERMANENT'

/** A part of a URI: text, or the name of what is to be put there. */
export interface UriPart {
  readonly value: string
  readonly variable: boolean
}

/** An instance of a service. */
export interface ServiceInstance<P = unknown> {
  /** The service. */
  readonly name: string
  /** The instance: unique within its service. */
  readonly id: string
  /** A host name or an IP address. */
  readonly address: string | null
  readonly port: number | null
  readonly sslPort: number | null
  /** Whatever else is to be known; JSON. Java objects, and maps, carry their class in "@class". */
  readonly payload: P | null
  /** When it was registered: milliseconds since the epoch. */
  readonly registrationTimeMs: number
  readonly serviceType: ServiceType
  readonly uriSpec: { readonly parts: readonly UriPart[] } | null
  /** False for one that is registered, but not to be used for now. */
  readonly enabled: boolean
}

const DEFAULT_PARTS: readonly UriPart[] = [
  { value: 'scheme', variable: true },
  { value: '://', variable: false },
  { value: 'address', variable: true },
  { value: ':', variable: false },
  { value: 'port', variable: true },
]
/** Without a class Java takes the first element of a list for one, and can read none of the service's instances. */
const JAVA_LIST = 'java.util.ArrayList'
const JAVA_CLASS = /^\w+(\.[\w$]+)+$/
const TYPES: readonly ServiceType[] = ['DYNAMIC', 'DYNAMIC_SEQUENTIAL', 'STATIC', 'PERMANENT']

/** The data of an instance's znode. */
export function encodeInstance(instance: ServiceInstance): Uint8Array {
  const { name, id, address, port, sslPort, payload, registrationTimeMs, serviceType, uriSpec, enabled } =
    instance
  const json = {
    name,
    id,
    address,
    port,
    sslPort,
    payload: Array.isArray(payload) ? [JAVA_LIST, payload] : payload,
    registrationTimeUTC: registrationTimeMs,
    serviceType,
    uriSpec,
    // As Curator does, so that its older versions, which know no such field, can read it.
    ...(enabled ? {} : { enabled }),
  }
  return encodeUtf8(JSON.stringify(json))
}

/** What the data of a znode says. @throws TypeError if that is no instance */
export function decodeInstance(data: Uint8Array | null, path: string): ServiceInstance {
  const json = parse(decodeUtf8(data ?? new Uint8Array(0)), path)
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, serviceType, uriSpec, enabled } =
    json
  if (typeof name !== 'string' || typeof id !== 'string')
    throw new TypeError(`No service instance at ${path}: name is ${describe(name)}, id is ${describe(id)}`)
  return {
    name,
    id,
    address: typeof address === 'string' ? address : null,
    port: portOf(port),
    sslPort: portOf(sslPort),
    payload: payloadOf(payload) ?? null,
    registrationTimeMs: typeof registrationTimeUTC === 'number' ? registrationTimeUTC : 0,
    serviceType: TYPES.find((type) => type === serviceType) ?? 'DYNAMIC',
    uriSpec: uriSpecOf(uriSpec),
    enabled: enabled !== false,
  }
}

/** A uriSpec from text: `{scheme}://{address}:{port}/{name}`; `{[}` and `{]}` stand for braces. @throws TypeError for an open brace */
export function parseUriSpec(text: string): { readonly parts: readonly UriPart[] } {
  const parts: UriPart[] = []
  for (const piece of text.split(/(\{[^}]*\}?)/)) {
    if (piece === '') continue
    const isVariable = piece.startsWith('{')
    if (isVariable && !piece.endsWith('}'))
      throw new TypeError(`Invalid uriSpec ${describe(text)}: "${piece}" is not closed`)
    parts.push({ value: isVariable ? piece.slice(1, -1).trim() : piece, variable: isVariable })
  }
  return { parts }
}

/**
 * The address that the instance's uriSpec makes, with the instance's own fields and the given ones in its variables; by default
 * `scheme` is `https` if there is an sslPort, else `http`. Without a uriSpec it is `scheme://address:port`.
 */
export function uriOf(instance: ServiceInstance, variables: Readonly<Record<string, string>> = {}): string {
  const { name, id, address, port, sslPort, registrationTimeMs, serviceType, uriSpec } = instance
  const known: Readonly<Record<string, unknown>> = {
    scheme: sslPort === null ? 'http' : 'https',
    name,
    id,
    address,
    port,
    'ssl-port': sslPort,
    'registration-time-utc': registrationTimeMs,
    'service-type': serviceType.toLowerCase(),
    '[': '{',
    ']': '}',
    ...variables,
  }
  const parts = uriSpec?.parts ?? DEFAULT_PARTS
  return parts.map(({ value, variable }) => (variable ? String(known[value] ?? '') : value)).join('')
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new TypeError(`No service instance at ${path}: ${describe(text)} is no JSON`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new TypeError(`No service instance at ${path}: ${describe(text)} is no JSON object`)
  return Object.fromEntries(Object.entries(json))
}

/** What Java writes as a pair of its class and its value: lists, longs and the like. */
function payloadOf(payload: unknown): unknown {
  if (!Array.isArray(payload) || payload.length !== 2) return payload
  const [javaClass, value]: unknown[] = payload
  return typeof javaClass === 'string' && JAVA_CLASS.test(javaClass) ? value : payload
}

function portOf(port: unknown): number | null {
  return typeof port === 'number' ? port : null
}

function uriSpecOf(spec: unknown): ServiceInstance['uriSpec'] {
  if (typeof spec !== 'object' || spec === null || !('parts' in spec) || !Array.isArray(spec.parts))
    return null
  const parts: UriPart[] = []
  for (const part of spec.parts) {
    const { value, variable } = Object(part)
    if (typeof value === 'string') parts.push({ value, variable: variable === true })
  }
  return { parts }
}
