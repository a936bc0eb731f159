/**
 * Watchdog: a thread that looks whether the input that is running ever ends. One that does not would leave nothing behind but a
 * process that is busy: the watchdog prints the input and ends the process.
 */
import { Worker } from 'node:worker_threads'

const MOST_BYTES = 65_536
const PATIENCE_MS = 20_000
const LOOK_MS = 1000
/** In the shared words: how many inputs have begun, whether one is running, and its length. */
const [BEGUN, RUNNING, LENGTH, WORDS] = [0, 1, 2, 4] as const

const PROGRAM = `
const { workerData: { words, bytes, target } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
let [begun, sinceMs] = [-1, 0]
setInterval(() => {
  const now = Atomics.load(words, ${BEGUN})
  if (now !== begun || Atomics.load(words, ${RUNNING}) === 0) [begun, sinceMs] = [now, performance.now()]
  if (performance.now() - sinceMs < ${PATIENCE_MS}) return
  const input = Buffer.from(bytes.slice(0, words[${LENGTH}])).toString('hex')
  writeSync(1, 'FAIL fuzz/' + target + '\\nverdict: it does not end within ${PATIENCE_MS} ms\\ninput: ' + input + '\\n')
  writeSync(1, 'this input alone: npm run verify -- fuzz --target ' + target + ' --input ' + input + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, ${LOOK_MS})`

/** For one target. */
export class Watchdog {
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS))
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(MOST_BYTES))
  readonly #worker: Worker

  constructor(target: string) {
    const workerData = { words: this.#words, bytes: this.#bytes, target }
    this.#worker = new Worker(PROGRAM, { eval: true, workerData })
    this.#worker.unref()
  }

  /** This input is about to run. */
  begin(input: Uint8Array): void {
    const kept = input.length > MOST_BYTES ? input.subarray(0, MOST_BYTES) : input
    this.#bytes.set(kept)
    this.#words[LENGTH] = kept.length
    Atomics.store(this.#words, RUNNING, 1)
    Atomics.add(this.#words, BEGUN, 1)
  }

  /** None runs now. */
  end(): void {
    Atomics.store(this.#words, RUNNING, 0)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
