/** A `zoolet serve` that runs in this process until its test is over, with what it printed. */
import { onTestFinished } from 'vitest'
import type { StopSignal } from '../../src/cli/terminal.js'
import { zoolet } from '../../src/cli/zoolet.js'
import { FakeTerminal } from './fake-terminal.js'

/** What was printed, and how it ended. */
export interface Outcome {
  readonly code: number
  readonly out: readonly string[]
  readonly err: readonly string[]
}

/** A server that listens. */
export interface RunningServer {
  readonly terminal: FakeTerminal
  /** Where, as the line says that it printed first. */
  readonly place: string
  /** Sends a signal, the first time that it is called, and resolves at the end. */
  readonly stop: (signal?: StopSignal) => Promise<Outcome>
}

/** Starts a server that must come to listen; the test's end stops it. */
export async function startServing(
  args: readonly string[],
  terminal = new FakeTerminal(),
): Promise<RunningServer> {
  const ended = runServe(args, terminal)
  const failed = ended.then(({ err }) => {
    throw new Error(`zoolet serve ended: ${err.join(' ')}`)
  })
  const line = await Promise.race([terminal.line(/^zoolet listening on /), failed])
  let isAsked = false
  const stop = (signal: StopSignal = 'SIGTERM'): Promise<Outcome> => {
    if (!isAsked) terminal.signal(signal)
    isAsked = true
    return ended
  }
  onTestFinished(async () => void (await stop()))
  return { terminal, place: line.replace('zoolet listening on ', ''), stop }
}

/** Runs `zoolet serve` to its end. */
export async function runServe(args: readonly string[], terminal = new FakeTerminal()): Promise<Outcome> {
  const code = await zoolet(['serve', ...args], terminal, '1.2.3')
  return { code, out: terminal.out, err: terminal.err }
}
