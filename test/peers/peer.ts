/**
 * What the suites with other people's clients share: a peer of the machine (python3, gcc, a JDK) that has to be there in CI and is
 * skipped visibly elsewhere, a `zoolet serve` process of the built dist/, and programs that run to their end.
 * No process outlives the test worker that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'

/** Something of the machine that a suite cannot do without. */
export interface PeerNeed {
  readonly name: string
  /** Whether it is here. Runs while the tests are collected. */
  find(): boolean
  /** The command that installs it. */
  readonly install: string
}

/** A server that listens. */
export interface ServeProcess {
  readonly pid: number
  readonly port: number
  /** `127.0.0.1:PORT`. */
  readonly connectString: string
  /** All that it printed up to now, warnings included. */
  output(): string
  /** Asks it to stop and resolves at its end; a second call gives the same outcome. */
  stop(): Promise<{ code: number | null; output: string }>
}

/** How a program ended: without a code if it had to be killed. */
export interface RunOutcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How to run a program; the time limit is a minute unless given. */
export interface RunOptions {
  readonly input?: string
  readonly timeoutMs?: number
  /** Added to the environment of this process. */
  readonly env?: Record<string, string>
  readonly cwd?: string
}

const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const RUN_MS = 60_000
const START_MS = 20_000
const STOP_MS = 10_000

/**
 * Declares a suite that needs something of the machine: without it the suite is skipped with a visible line; with CI set, a missing
 * peer fails.
 */
export function describePeer(title: string, need: PeerNeed, body: () => void): void {
  if (need.find()) return void describe(title, body)
  const reason = `needs ${need.name}; install it with: ${need.install}`
  if (process.env.CI) {
    return void describe(title, () => {
      it('finds its peer', () => {
        throw new Error(`${title} ${reason}`)
      })
    })
  }
  process.stderr.write(`SKIPPED: ${title} ${reason}\n`)
  describe.runIf(false)(`${title} (skipped: ${reason})`, body)
}

/** Starts `zoolet serve` of the built dist/, on a free port unless `args` name one; resolves when it listens. */
export async function startServe(args: readonly string[] = []): Promise<ServeProcess> {
  if (!existsSync(CLI_PATH)) throw new Error(`${CLI_PATH} is missing: npm run build`)
  const place = args.includes('--port') ? [] : ['--port', '0']
  const child = spawn(process.execPath, [CLI_PATH, 'serve', ...place, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): boolean => child.kill('SIGKILL')
  const ended = endOf(child, kill)
  const output: string[] = []
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`zoolet serve ${what}: ${output.join('')}`))
    const read = (text: string): void => {
      output.push(text)
      const found = /^zoolet listening on \S+:(\d+)$/m.exec(output.join(''))?.[1]
      if (found !== undefined) resolve(Number(found))
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    ended.then((code) => fail(`ended with ${code}`), reject)
    after(START_MS, () => fail('did not listen in time'))
  })
  return {
    pid: child.pid ?? 0,
    port,
    connectString: `127.0.0.1:${port}`,
    output: () => output.join(''),
    stop: async () => {
      child.kill('SIGTERM')
      after(STOP_MS, kill)
      return { code: await ended, output: output.join('') }
    },
  }
}

/** Runs a program to its end with a time limit; whatever it started is killed with it. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunOutcome> {
  const { input = '', timeoutMs = RUN_MS, env = {}, cwd } = options
  // A group of its own: a shell script that runs out of time must not leave its JVM behind.
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true })
  const kill = (): boolean => child.pid !== undefined && killGroup(child.pid)
  const ended = endOf(child, kill)
  child.once('exit', kill)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A program that ends before it read everything is not a fault of this one.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  after(timeoutMs, () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    stderr += `\n${command} was killed after ${timeoutMs} ms\n`
    kill()
  })
  return { code: await ended, stdout, stderr }
}

/**
 * Resolves with the exit code when the process has ended and said all that it had to say. `kill` ends it if this process ends
 * first.
 */
export function endOf(child: ChildProcess, kill: () => void): Promise<number | null> {
  // Vitest ends its workers by this signal, which would leave out the handlers of the exit.
  const leave = (): void => process.exit(143)
  process.once('exit', kill).once('SIGTERM', leave)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('exit', kill).off('SIGTERM', leave)
      resolve(code)
    })
  })
}

function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** A deadline outside of the system under test; it keeps no process alive. */
function after(ms: number, action: () => void): void {
  AbortSignal.timeout(ms).addEventListener('abort', action, { once: true })
}
