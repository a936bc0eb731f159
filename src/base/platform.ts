/**
 * The only file that reads platform globals, through structural types, so that the rest runs in Node and in a browser alike.
 * They are taken once, when the module loads: fake timers that a test installs later cannot hang delivery. What Node loads only when it is
 * named, which takes milliseconds, is named when it is needed.
 */

interface TimerHandle {
  unref?(): unknown
}

interface Encoder {
  encode(text: string): Uint8Array
}

interface Decoder {
  decode(bytes: Uint8Array): string
}

interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
  ref?(): void
  unref?(): void
}

interface Channel {
  readonly port1: Port
  readonly port2: Port
}

/** As much of the platform's AbortController as is needed. */
export interface AbortControllerLike {
  readonly signal: Signal
  abort(reason: unknown): void
}

interface Signal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The platform's own AbortSignal, which fetch and its like take, where the consumer's types know it; else as much of it. */
export type PlatformAbortSignal = typeof globalThis extends {
  readonly AbortSignal: { readonly prototype: infer Own extends Signal }
}
  ? Own
  : Signal

interface NodeProcess {
  readonly release?: { readonly name?: string }
  readonly versions?: Readonly<Record<string, string | undefined>>
  nextTick(callback: () => void): void
  /** Seconds, and nanoseconds of the next one. */
  hrtime(): readonly [number, number]
}

interface Platform {
  readonly process?: NodeProcess
  readonly setTimeout: (callback: () => void, delayMs: number) => TimerHandle | number
  readonly clearTimeout: (handle: TimerHandle | number) => void
  readonly setImmediate?: (callback: () => void) => unknown
  readonly MessageChannel?: new () => Channel
  readonly performance: { now(): number }
  readonly Date: { now(): number }
  readonly crypto?: { getRandomValues(bytes: Uint8Array): Uint8Array }
  readonly TextEncoder: new () => Encoder
  readonly TextDecoder: new (label: string, options: { readonly ignoreBOM: boolean }) => Decoder
  readonly btoa: (binary: string) => string
  readonly atob: (base64: string) => string
  readonly AbortController: new () => AbortControllerLike
}

// Asked for by a name that the compiler does not follow: the core knows no platform's types.
const itself: string = 'globalThis'
const platform: Platform = Reflect.get(globalThis, itself)

const { setTimeout, clearTimeout, setImmediate, btoa, atob } = platform
const { process } = platform
const { now: dateNow } = platform.Date
/** Whatever has a `process` like Node's, and runs the next tick at other times. */
const NOT_NODE: readonly string[] = ['bun', 'deno', 'electron', 'nw', 'workerd']
/** Node's own, and nobody's who looks like it. */
const nodeProcess: NodeProcess | undefined = findNodeProcess()
const MS_A_SECOND = 1000
const NS_A_MS = 1_000_000
const settled: Promise<void> = Promise.resolve()
const encoder: Encoder = new platform.TextEncoder()
const decoder: Decoder = new platform.TextDecoder('utf-8', { ignoreBOM: true })

/** Milliseconds since the epoch. */
export function wallClockMs(): number {
  return dateNow()
}

/** Milliseconds from an arbitrary start; never goes back. */
export const monotonicMs: () => number = chooseMonotonicMs()

/** A timer that holds the process open until it has run or is cancelled; returns the cancel function. */
export function startTimer(callback: () => void, delayMs: number): () => void {
  const handle = setTimeout(callback, delayMs)
  return () => clearTimeout(handle)
}

/** A timer that does not hold the process open; returns the cancel function. */
export function startBackgroundTimer(callback: () => void, delayMs: number): () => void {
  const handle = setTimeout(callback, delayMs)
  if (typeof handle === 'object') handle.unref?.()
  return () => clearTimeout(handle)
}

/** Runs after the current code, before any macrotask. */
export function runMicrotask(callback: () => void): void {
  // A promise reaction costs a fraction of queueMicrotask, which makes an async resource each time.
  void settled.then(callback)
}

/** Runs after all microtasks that are queued now and those they queue, and after timers and I/O had their turn. */
export const runMacrotask: (callback: () => void) => void = chooseMacrotask()

/**
 * Runs after all microtasks that are queued now and those they queue; timers and I/O go on waiting. What another callback of this kind,
 * or of `process.nextTick`, queues right before may wait still. Undefined where there is nothing quicker than a macrotask.
 */
export const runAfterMicrotasks: ((callback: () => void) => void) | undefined = chooseAfterMicrotasks()

/** Fills a new array of the given length with cryptographically strong random bytes. */
export function strongRandomBytes(length: number): Uint8Array {
  const { crypto } = platform
  if (crypto === undefined)
    throw new Error('This platform has no crypto.getRandomValues: pass the option randomBytes')
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Whether there is a source of strong random bytes. Asks without naming it, and rather says no. */
export function hasStrongRandom(): boolean {
  const found = Object.getOwnPropertyDescriptor(platform, 'crypto')
  return found?.get !== undefined || found?.value !== undefined
}

/** A controller with a signal that fetch and its like take. */
export function createAbortController(): AbortControllerLike {
  const { AbortController } = platform
  return new AbortController()
}

/** Encodes text as UTF-8; the result is new. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Decodes UTF-8; bad bytes become U+FFFD as in Java, and a leading byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Decodes standard base64. @throws if the text is not base64. */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function findNodeProcess(): NodeProcess | undefined {
  const versions = process?.versions
  const isNode = process?.release?.name === 'node' && versions !== undefined
  return isNode && NOT_NODE.every((name) => versions[name] === undefined) ? process : undefined
}

function chooseMonotonicMs(): () => number {
  if (nodeProcess === undefined) {
    const { performance } = platform
    return () => performance.now()
  }
  // Quicker than `performance`, and there without being loaded.
  const { hrtime } = nodeProcess
  return () => {
    const [seconds, ns] = hrtime()
    return seconds * MS_A_SECOND + ns / NS_A_MS
  }
}

function chooseMacrotask(): (callback: () => void) => void {
  if (setImmediate !== undefined) return (callback) => void setImmediate(callback)
  // Naming it makes Node load it.
  const { MessageChannel } = platform
  if (MessageChannel === undefined) return (callback) => void setTimeout(callback, 0)
  return messageChannelMacrotask(new MessageChannel())
}

function chooseAfterMicrotasks(): ((callback: () => void) => void) | undefined {
  if (nodeProcess === undefined) return undefined
  const { nextTick } = nodeProcess
  // Node runs what is put off from a microtask once no microtask is left; put off from elsewhere it would come before them.
  return (callback) => void settled.then(() => nextTick(callback))
}

/**
 * Browsers clamp nested timers to 4 ms; a message to oneself is the quickest macrotask there. Where a port can hold a process
 * open (it has `ref`), this one does so only while something waits.
 */
function messageChannelMacrotask({ port1, port2 }: Channel): (callback: () => void) => void {
  const waiting: (() => void)[] = []
  port1.onmessage = () => {
    const callback = waiting.shift()
    if (waiting.length === 0) port1.unref?.()
    callback?.()
  }
  port1.unref?.()
  return (callback) => {
    if (waiting.length === 0) port1.ref?.()
    waiting.push(callback)
    port2.postMessage(null)
  }
}
