/**
 * The real event loop, for the tests of the ordering laws: the places that code can be called from, and ways to wrap a promise
 * so that whoever awaits it goes on many microtasks later. Everything is taken when this loads, before any fake timer.
 */
import { EmbeddedZooKeeper, type ZooKeeper } from '../../../src/index.js'

// tidy-ignore realTime: the ordering laws hold on the real event loop, so it is what they are tested on
const startImmediate = setImmediate
// tidy-ignore realTime: as above
const startTimeout = setTimeout

/** Resolves in a later macrotask. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => startImmediate(resolve))
}

/** Calls back in the next timer phase of the event loop. */
export function inTimerPhase(callback: () => void): void {
  startTimeout(callback, 0)
}

/** Calls back in each turn of the event loop until it answers false. */
export function inEachTurn(callback: () => boolean): void {
  startImmediate(() => {
    if (callback()) inEachTurn(callback)
  })
}

/** Runs a piece of a program from one place of the event loop. */
export type CallingContext = (run: () => Promise<void>, zk: ZooKeeper) => Promise<void>

/** Every place that user code can be called from. */
export const CALLING_CONTEXTS: Readonly<Record<string, CallingContext>> = {
  'after an await at the top level': (run) => run(),
  'inside a watcher': (run, zk) => insideWatcher(run, zk),
  'inside setImmediate': (run) => from((start) => startImmediate(start), run),
  'inside setTimeout': (run) => from((start) => startTimeout(start, 0), run),
  'inside nextTick': (run) => from((start) => process.nextTick(start), run),
  'inside a nextTick, right before the end of a turn': (run, zk) => beforeTheEndOfATurn(run, zk),
  'inside a watcher of another server, right before the end of a turn': (run, zk) => insideAnother(run, zk),
  'inside a microtask': (run) => from((start) => queueMicrotask(start), run),
}

/** Puts layers around a call, each of which costs whoever awaits it some more microtasks. */
export type Wrapping = <T>(layers: number, call: () => Promise<T>) => Promise<T>

/** The ways in which programs wrap the calls of a client. */
export const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  'async functions that await': awaiting,
  'async functions that return the promise': returning,
  '.then chains': chaining,
}

function from(schedule: (start: () => void) => unknown, run: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    schedule(() => void run().then(resolve, reject))
  })
}

async function insideWatcher(run: () => Promise<void>, zk: ZooKeeper): Promise<void> {
  const { promise, resolve, reject } = withResolvers()
  await zk.exists('/here', { watcher: () => void run().then(resolve, reject) })
  await zk.create('/here')
  await promise
  await zk.delete('/here')
}

/** Node runs ticks in a row: whoever waits for the end of all microtasks may have a tick before it that queues some. */
async function beforeTheEndOfATurn(run: () => Promise<void>, zk: ZooKeeper): Promise<void> {
  await from((start) => {
    void zk.exists('/')
    queueMicrotask(() => process.nextTick(start))
  }, run)
}

async function insideAnother(run: () => Promise<void>, zk: ZooKeeper): Promise<void> {
  await using zoo = new EmbeddedZooKeeper()
  const other = await zoo.connect()
  const { promise, resolve, reject } = withResolvers()
  await macrotask()
  void other.exists('/here', { watcher: () => void run().then(resolve, reject) })
  void other.create('/here')
  void zk.exists('/')
  await promise
}

function withResolvers(): {
  promise: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
} {
  let resolve: () => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<void>((one, other) => {
    resolve = one
    reject = other
  })
  return { promise, resolve, reject }
}

async function awaiting<T>(layers: number, call: () => Promise<T>): Promise<T> {
  if (layers === 0) return call()
  const value = await awaiting(layers - 1, call)
  return value
}

async function returning<T>(layers: number, call: () => Promise<T>): Promise<T> {
  return layers === 0 ? call() : returning(layers - 1, call)
}

function chaining<T>(layers: number, call: () => Promise<T>): Promise<T> {
  let promise = call()
  for (let layer = 0; layer < layers; layer++) promise = promise.then((value) => value)
  return promise
}
