/** The part `history`: connections that run free, break and come back, and a checker that knows what each of them must have heard. */
import process from 'node:process'
import { countOf, type Part, say, wordOf } from '../part.js'
import { runMix } from './mix.js'
import { OTHER_CLIENTS } from './other-clients.js'

const RUNS = 2
const REQUESTS = 2_200
/** Without these a history shows too little. */
const HAPPENINGS = ['losses', 'takeOvers', 'strangers', 'expired', 'lostWrites', 'events'] as const

/** Checks what ran at the same time. */
export const history: Part = {
  name: 'history',
  summary:
    'connections that run free, break and come back, and a checker that knows what each of them must have heard',
  options: {
    server: 'zoolet (the default) or apache, which proves the checker',
    requests: `requests of each of the 4 workers of a kind, ${REQUESTS} unless given; others have a part of that`,
  },
  run: async (options) => {
    const server = wordOf(options, 'server', ['zoolet', 'apache'])
    const requests = countOf(options, 'requests', REQUESTS)
    const runs = options.runs ?? RUNS
    const missing = OTHER_CLIENTS.filter(({ isHere }) => !isHere())
    for (const { name, install } of missing) say(`SKIPPED: ${name}; install it with: ${install}`)
    if (missing.length > 0 && process.env.CI) return false
    const total = new Map<string, number>()
    for (let run = 1; run <= runs; run++) {
      const {
        history: each,
        violations,
        figures,
      } = await runMix({ server, seed: options.seed, run, requests })
      const operations = each.threads.reduce((sum, { exchanges }) => sum + exchanges.length, 0)
      const events = each.threads.reduce(
        (sum, { heard }) => sum + heard.filter((one) => 'event' in one).length,
        0,
      )
      for (const [name, count] of Object.entries({ ...figures, operations, events, notes: each.length }))
        total.set(name, (total.get(name) ?? 0) + count)
      if (violations.length === 0) continue
      say(`FAIL history  seed=${options.seed} run=${run} node=${process.versions.node}`)
      say(
        `repeat: npm run verify -- history --server ${server} --seed ${options.seed} --runs ${run} --requests ${requests}`,
      )
      for (const { rule, thread, what } of violations.slice(0, 10)) say(`${rule}  ${thread}: ${what}`)
      return false
    }
    report(server, runs, total)
    // A short run need not have seen everything.
    const starved = requests < REQUESTS ? [] : HAPPENINGS.filter((name) => (total.get(name) ?? 0) === 0)
    if (starved.length > 0) say(`FAIL history: nothing was seen of ${starved.join(', ')}`)
    return starved.length === 0
  },
}

function report(server: string, runs: number, total: ReadonlyMap<string, number>): void {
  const of = (name: string): number => total.get(name) ?? 0
  say(
    `${runs} histories on ${server}: ${of('operations')} operations, ${of('events')} events: no rule is broken`,
  )
  say(
    `losses ${of('losses')}, take-overs ${of('takeOvers')}, strangers ${of('strangers')}, expired sessions ${of('expired')}`,
  )
  say(
    `writes of unknown outcome ${of('lostWrites')}, of which ${of('happened')} have happened; ${of('gaps')} zxids without an answer`,
  )
  say(
    `${of('notes')} requests, replies and events checked in ${(of('checkMs') / 1000).toFixed(1)} s: ${Math.round(of('notes') / (of('checkMs') / 1000))} a second`,
  )
}
