/** The Terminal of a process: its streams and its signals. Made by main.ts, and by tests with a process of their own. */
import type { Writable } from 'node:stream'
import { messageOf } from './command-error.js'
import { LineWriter } from './line-writer.js'
import type { StopSignal, Terminal } from './terminal.js'

/** The part of `process` that a terminal needs. */
export interface ProcessLike {
  readonly stdout: Writable
  readonly stderr: Writable
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  exit(code: number): unknown
}

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

/** The terminal of a process. A standard output that is gone (`zoolet serve --verbose | head`) does not end the process. */
export function processTerminal(process: ProcessLike): Terminal {
  // Nobody is left to tell why the last stream broke.
  const stderr = new LineWriter(process.stderr, () => undefined)
  const stdout = new LineWriter(process.stdout, (error) =>
    stderr.write(`zoolet: cannot write to the standard output, going on without it: ${messageOf(error)}`),
  )
  return {
    print: (line) => stdout.write(line),
    warn: (line) => stderr.write(line),
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener)
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener)
      }
    },
    exit: (code) => void process.exit(code),
  }
}
