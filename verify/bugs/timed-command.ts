/**
 * A command with a time limit: a process group of its own, which is killed as a whole when its time is up, when the command ends
 * without its children, and when this process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'

/** What is run, by which name, and for how long at most. */
export interface TimedCommand {
  readonly name: string
  /** The program and its arguments. `node` is the one that runs this. */
  readonly command: readonly [string, ...string[]]
  /** After which it is ended, and says nothing. */
  readonly limitSeconds: number
  /** What it prints once it has failed, if it goes on for long after that: to shrink what it found, say. */
  readonly telltale?: RegExp
  /** Whether it can be run here; it can unless this says otherwise. */
  readonly isPossible?: () => boolean
}

/** What came of a command. */
export interface CommandOutcome {
  readonly isGreen: boolean
  /** Whether its time was up: that says nothing about a bug, since machines can be busy. */
  readonly isLate: boolean
  readonly seconds: number
  /** The first line of its output that speaks of a failure. */
  readonly complaint: string
}

const COMPLAINT = /\bFAIL(ED)?\b|Error:/
/** What vitest puts before a test that passes, which may have the word in its title. */
const PASSED = '✓'
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g')
const MOST_OUTPUT = 4_000_000

/** Runs a command in a folder. */
export async function runTimed(timed: TimedCommand, folder: string): Promise<CommandOutcome> {
  const { command, limitSeconds } = timed
  const [program, ...args] = command
  const startMs = performance.now()
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // In CI a peer that is missing is a failure; here it only makes a command weaker.
    env: { ...process.env, NO_COLOR: '1', CI: '' },
  })
  const kill = (): void => killGroup(child)
  // First of all: whoever removes the folder at the end must not find the command at work in it.
  process.prependOnceListener('exit', kill)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    kill()
  }, limitSeconds * 1_000)
  try {
    const { code, output } = await endOf(child, timed.telltale)
    const seconds = (performance.now() - startMs) / 1_000
    const complaint = isLate ? `not done within ${limitSeconds} s` : complaintOf(output)
    return { isGreen: code === 0 && !isLate, isLate, seconds, complaint }
  } finally {
    clearTimeout(timer)
    process.off('exit', kill)
    kill()
  }
}

/** Once the command itself has ended: children that outlive it would hold its output open. */
function endOf(
  child: ChildProcess,
  telltale: RegExp | undefined,
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = ''
  const read = (text: string): void => {
    if (output.length < MOST_OUTPUT) output += text
    if (telltale?.test(output) === true) killGroup(child)
  }
  child.stdout?.setEncoding('utf8').on('data', read)
  child.stderr?.setEncoding('utf8').on('data', read)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => killGroup(child))
    child.once('close', (code) => resolve({ code, output }))
  })
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!isGone) throw error
  }
}

function complaintOf(output: string): string {
  const lines = output.replace(COLOURS, '').split('\n')
  const complaint = lines.find((line) => COMPLAINT.test(line) && !line.includes(PASSED))
  return complaint?.trim() ?? 'no word of why'
}
