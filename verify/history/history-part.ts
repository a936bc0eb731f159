/** The part `history`: connections that run free, break and come back, and a checker that knows what each of them must have heard. */
import { rename, rm } from 'node:fs/promises'
import process from 'node:process'
import { countOf, type Part, type PartOptions, say, UsageError, wordOf } from '../part.js'
import { type Judgement, judge } from './judge.js'
import { runMix } from './mix.js'
import { OTHER_CLIENTS } from './other-clients.js'
import { type MixOptions, type Recording, readRecording, writeRecording } from './recording.js'

const RUNS = 2
const REQUESTS = 2_200
/** Without these a history shows too little. */
const HAPPENINGS = ['losses', 'takeOvers', 'strangers', 'expired', 'overdue', 'lostWrites', 'events'] as const
const FOLDER = 'verify/out'
const UNCHECKED = '-unchecked'
const SHOWN = 10

/** Checks what ran at the same time. */
export const history: Part = {
  name: 'history',
  summary:
    'connections that run free, break and come back, and a checker that knows what each of them must have heard',
  options: {
    server: 'zoolet (the default) or apache, which proves the checker',
    requests: `requests of each of the 4 workers of a kind, ${REQUESTS} unless given; others have a part of that`,
    first: 'the number of the first run, 1 unless given',
    check: `a history that failed, in ${FOLDER}: it is checked again, and nothing runs`,
  },
  flags: { keep: `right histories stay in ${FOLDER}, too` },
  run: (options) => {
    const { check: path } = options.rest
    return path === undefined ? runAll(options) : checkAgain(path)
  },
}

async function runAll(options: PartOptions): Promise<boolean> {
  const server = wordOf(options, 'server', ['zoolet', 'apache'])
  const requests = countOf(options, 'requests', REQUESTS)
  const keepsAll = options.flags.has('keep')
  const first = countOf(options, 'first', 1)
  const runs = options.runs ?? RUNS
  const missing = OTHER_CLIENTS.filter(({ isHere }) => !isHere())
  for (const { name, install } of missing) say(`SKIPPED: ${name}; install it with: ${install}`)
  if (missing.length > 0 && process.env.CI) return false
  const total = new Map<string, number>()
  for (let run = first; run < first + runs; run++) {
    const { recording, lived } = await runMix({ server, seed: options.seed, run, requests })
    // Before it is checked: nobody knows how that ends.
    const unchecked = await keep(recording)
    const judgement = recording.failure === undefined ? judge(recording) : undefined
    const isRight = judgement?.violations.length === 0
    const path = unchecked.replace(UNCHECKED, '')
    if (!isRight || keepsAll) await rename(unchecked, path)
    else await rm(unchecked)
    if (!isRight) {
      sayFailed(recording, judgement, path)
      return false
    }
    for (const [name, count] of Object.entries({ ...judgement.figures, ...lived }))
      total.set(name, (total.get(name) ?? 0) + count)
  }
  report(`${runs} histories on ${server}`, total)
  // A short run need not have seen everything.
  const starved = requests < REQUESTS ? [] : HAPPENINGS.filter((name) => (total.get(name) ?? 0) === 0)
  if (starved.length > 0) say(`FAIL history: nothing was seen of ${starved.join(', ')}`)
  return starved.length === 0
}

async function checkAgain(path: string): Promise<boolean> {
  const recording = await readRecording(path).catch((error: unknown) => {
    throw new UsageError(`--check ${path}: this is no history, ${error}`, { cause: error })
  })
  const { server, seed, run } = recording.made
  if (recording.failure !== undefined) say(`it was broken off: ${recording.failure}`)
  const { violations, figures } = judge(recording)
  if (violations.length > 0) {
    say(`FAIL history  seed=${seed} run=${run} on ${server}`)
    sayViolations({ violations })
    return false
  }
  report(`run ${run} of seed ${seed} on ${server}`, new Map(Object.entries(figures)))
  return true
}

async function keep(recording: Recording): Promise<string> {
  const { seed, run } = recording.made
  const path = `${FOLDER}/history-${seed}-${run}${UNCHECKED}.jsonl`
  await writeRecording(path, recording)
  return path
}

function sayFailed({ made, failure }: Recording, judgement: Judgement | undefined, path: string): void {
  const { seed, run } = made
  say(`FAIL history  seed=${seed} run=${run} node=${process.versions.node}`)
  say(`check: npm run verify -- history --check ${path}`)
  say(`the same load again: ${commandOf(made)}`)
  if (failure !== undefined) say(`it was broken off: ${failure}`)
  if (judgement !== undefined) sayViolations(judgement)
}

function sayViolations({ violations }: Pick<Judgement, 'violations'>): void {
  for (const { rule, thread, what } of violations.slice(0, SHOWN)) say(`${rule}  ${thread}: ${what}`)
  if (violations.length > SHOWN) say(`and ${violations.length - SHOWN} more`)
}

function commandOf({ server, seed, run, requests }: MixOptions): string {
  return `npm run verify -- history --server ${server} --seed ${seed} --first ${run} --runs 1 --requests ${requests}`
}

function report(title: string, total: ReadonlyMap<string, number>): void {
  const of = (name: string): number => total.get(name) ?? 0
  say(`${title}: ${of('operations')} operations, ${of('events')} events: no rule is broken`)
  if (total.has('losses'))
    say(
      `losses ${of('losses')}, take-overs ${of('takeOvers')}, strangers ${of('strangers')}, expired sessions ${of('expired')}, of which ${of('overdue')} were asked for when they had to be over`,
    )
  say(
    `writes of unknown outcome ${of('lostWrites')}, of which ${of('happened')} have happened; ${of('gaps')} zxids without an answer`,
  )
  say(
    `${of('notes')} notes checked in ${(of('checkMs') / 1000).toFixed(1)} s: ${Math.round(of('notes') / (of('checkMs') / 1000))} a second`,
  )
}
