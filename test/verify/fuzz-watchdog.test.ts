/** The watchdog of the fuzzer, in a process of its own, which it ends: what it prints and keeps is enough to find the input again. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'rolldown'
import { expect, it, onTestFinished } from 'vitest'
import { readFuzzOptions } from '../../verify/fuzz/fuzz-options.js'
import { toHex } from '../protocol/hex.js'
import { fuzzUntilLong, LONG_BYTES } from './fuzz-long-target.js'

it('keeps an input that never ends, however long, and says how to repeat its run', {
  timeout: 60_000,
}, async () => {
  const folder = temporaryFolder()
  const program = join(folder, 'endless.js')
  await bundle('test/verify/fuzz-long-target.ts', program)
  const file = 'verify/out/fuzz-long-7.bin'

  const { stdout, signal } = spawnSync(process.execPath, [program, 'endless'], {
    cwd: folder,
    encoding: 'utf8',
  })

  const [heading = '', ...lines] = stdout.trimEnd().split('\n')
  const [, run = ''] = /^FAIL fuzz\/long {2}seed=7 run=(\d+) node=/.exec(heading) ?? []
  expect([signal, lines]).toEqual([
    'SIGKILL',
    [
      `repeat: npm run verify -- fuzz --target long --seed 7 --runs ${run}`,
      'verdict: an input does not end within 2000 ms',
      `input: in ${file}`,
      `this input alone: npm run verify -- fuzz --target long --input-file ${file}`,
    ],
  ])
  const kept = inputIn(join(folder, file))
  expect(kept.length).toBeGreaterThan(LONG_BYTES)
  const again = await repeatRun()
  expect([again.finding?.run, toHex(again.finding?.input ?? new Uint8Array(0)) === toHex(kept)]).toEqual([
    Number(run),
    true,
  ])
})

/** The same run in this process, where the input throws once, so that nobody tries to shorten it. */
function repeatRun(): ReturnType<typeof fuzzUntilLong> {
  let left = 1
  return fuzzUntilLong(() => {
    left -= 1
    if (left === 0) throw new Error('long')
  })
}

function inputIn(file: string): Uint8Array {
  const rest = { target: 'splitter', 'input-file': file }
  const { input } = readFuzzOptions({ seed: 1, runs: undefined, rest, flags: new Set() })
  expect(toHex(input ?? new Uint8Array(0)) === toHex(readFileSync(file))).toBe(true)
  return input ?? new Uint8Array(0)
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-fuzz-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function bundle(input: string, file: string): Promise<void> {
  const extensionAlias = { '.js': ['.ts', '.js'] }
  await build({
    input,
    platform: 'node',
    resolve: { extensionAlias },
    output: { file, format: 'esm' },
    logLevel: 'warn',
  })
}
