/** What the part `history` says and leaves behind: a failed history can be checked again, and a right one is dropped. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { history as part } from '../../verify/history/history-part.js'
import { runMix } from '../../verify/history/mix.js'
import type { Recording } from '../../verify/history/recording.js'
import { create, get, OPTIONS, Stage } from './history-bends.js'

vi.mock('../../verify/history/mix.js')

const SEED = 999_999_999
const FILE = `verify/out/history-${SEED}-3.jsonl`

/** One run, with so many watches of nobody at its end. */
async function recording(change: Partial<Recording> = {}): Promise<Recording> {
  const stage = new Stage()
  const line = await stage.open()
  line.send([create('/a', 'one'), get('/a', true)])
  const made = { server: 'zoolet', seed: SEED, run: 3, requests: 1 } as const
  const tables = { broken: [], watchesLeft: 0 }
  return { made, options: OPTIONS, tables, history: stage.history, journals: [], ...change }
}

/** What the part says, and whether it is content. */
async function run(
  rest: Record<string, string>,
  ...flags: string[]
): Promise<{ readonly isRight: boolean; readonly said: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const isRight = await part.run({ seed: SEED, runs: 1, rest, flags: new Set(flags) })
  const said = write.mock.calls.map(([text]) => String(text)).join('')
  write.mockRestore()
  return { isRight, said }
}

async function runOf(kept: Recording, requests = '1', ...flags: string[]): ReturnType<typeof run> {
  const lived = { losses: 1, takeOvers: 1, strangers: 1, expired: 1 }
  vi.mocked(runMix).mockResolvedValue({ recording: kept, lived })
  return run({ requests, first: '3' }, ...flags)
}

describe('the part history', () => {
  beforeEach(() => vi.stubEnv('CI', ''))
  afterEach(() => rm(FILE, { force: true }))

  it('keeps a failed history, says how to check it, and finds the same in it again', async () => {
    const failed = await runOf(await recording({ tables: { broken: [], watchesLeft: 2 } }))
    const again = await run({ check: FILE })

    expect(failed.isRight).toBe(false)
    expect(failed.said).toContain(`check: npm run verify -- history --check ${FILE}\n`)
    expect(failed.said).toContain(`--seed ${SEED} --first 3 --runs 1 --requests 1\n`)
    expect(again.isRight).toBe(false)
    expect(again.said).toMatch(/^FAIL history.*\nW10 {2}the server: 2 watches of nobody are left\n$/)
  })

  it('drops a right one, unless it is to keep all, and says how fast it was checked', async () => {
    const dropped = await runOf(await recording())
    const isThere = existsSync(FILE)
    const kept = await runOf(await recording(), '1', 'keep')
    const again = await run({ check: FILE })

    expect([dropped.isRight, isThere, kept.isRight, again.isRight]).toEqual([true, false, true, true])
    for (const { said } of [dropped, kept, again])
      expect(said).toMatch(/notes checked in .* s: \d+ a second\n/)
  })

  it('leaves the failed one of another time alone', async () => {
    await runOf(await recording({ tables: { broken: [], watchesLeft: 2 } }))
    await runOf(await recording())

    expect(existsSync(FILE)).toBe(true)
  })

  it('says what broke a history off, and keeps what there is of it', async () => {
    const { isRight, said } = await runOf(await recording({ failure: 'Error: nobody is there' }))

    expect(isRight).toBe(false)
    expect(said).toContain(`seed=${SEED} run=3`)
    expect(said).toContain('it was broken off: Error: nobody is there\n')
    expect(existsSync(FILE)).toBe(true)
  })

  it('asks for every happening in a history of full size', async () => {
    const { isRight, said } = await runOf(await recording(), '2200')

    expect(isRight).toBe(false)
    expect(said).toContain('nothing was seen of overdue, lostWrites, events\n')
  })
})
