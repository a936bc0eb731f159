/**
 * Watchdog: a thread that looks whether the input that is running ever ends. One that does not would leave nothing behind but a
 * process that is busy: the watchdog keeps the input in a file, prints how to run it again, and ends the process.
 */
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MOST_LARGE_BYTES } from './mutator.js'
import { commandOf, fileOf, headingOf } from './repeat.js'
import type { Target } from './target.js'

const PATIENCE_MS = 20_000
const LOOKS_A_PATIENCE = 20
/** In the shared words: how many inputs have begun, whether one is running, its length, and how many were run with its batch. */
const [BEGUN, RUNNING, LENGTH, RUN, WORDS] = [0, 1, 2, 3, 4] as const
/** Stands for the number in the lines that are printed. */
const RUN_MARK = 'RUN'

const PROGRAM = `
const { workerData: { words, bytes, lines, file, folder, patienceMs } } = require('node:worker_threads')
const { mkdirSync, writeFileSync, writeSync } = require('node:fs')
let [begun, sinceMs] = [-1, 0]
setInterval(() => {
  const now = Atomics.load(words, ${BEGUN})
  if (now !== begun || Atomics.load(words, ${RUNNING}) === 0) [begun, sinceMs] = [now, performance.now()]
  if (performance.now() - sinceMs < patienceMs) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, bytes.slice(0, words[${LENGTH}]))
  writeSync(1, lines.join('\\n').replaceAll('${RUN_MARK}', words[${RUN}]) + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, patienceMs / ${LOOKS_A_PATIENCE})`

/** What it prints, and when. */
export interface WatchdogOptions {
  readonly seed: number
  /** Milliseconds after which an input counts as endless; 20,000 unless set. */
  readonly patienceMs?: number | undefined
}

/** For one target. */
export class Watchdog {
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS))
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(MOST_LARGE_BYTES))
  readonly #worker: Worker

  constructor(target: Target, { seed, patienceMs = PATIENCE_MS }: WatchdogOptions) {
    const origin = { target: target.name, seed }
    const file = fileOf(origin)
    const lines = [
      ...headingOf(origin, RUN_MARK),
      `verdict: an input does not end within ${patienceMs} ms`,
      `input: in ${file}`,
      commandOf(origin, `--input-file ${file}`),
    ]
    const workerData = {
      words: this.#words,
      bytes: this.#bytes,
      lines,
      file,
      folder: dirname(file),
      patienceMs,
    }
    this.#worker = new Worker(PROGRAM, { eval: true, workerData })
    this.#worker.unref()
  }

  /** How many inputs have been run with those that come now. */
  set run(run: number) {
    this.#words[RUN] = run
  }

  /** This input is about to run. @throws RangeError for one that is longer than any that is made */
  begin(input: Uint8Array): void {
    this.#bytes.set(input)
    this.#words[LENGTH] = input.length
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
