/**
 * The part `bug-bank`: the test of the tests. Plants one bug after the other in a copy of the tree, and runs commands until one of
 * them fails. What nobody finds is a test that is missing.
 */
import { join } from 'node:path'
import process from 'node:process'
import { isApacheInstalled } from '../../test/peers/apache-process.js'
import { type Part, type PartOptions, say, UsageError } from '../part.js'
import { Random } from '../random.js'
import { Investigation, type Verdict } from './investigation.js'
import { type PlantedBug, readBank } from './planted-bug.js'
import type { CommandOutcome, TimedCommand } from './timed-command.js'
import { TreeCopy } from './tree-copy.js'

const VITEST = ['node', 'node_modules/vitest/vitest.mjs', 'run', '--bail', '1'] as const
const UNITS: readonly string[] = ['server', 'client', 'transport', 'protocol', 'node'].map(
  (name) => `test/${name}`,
)
const VERIFY = ['node', 'verify/run.js'] as const
/** What does not compile would be found by anything. */
const COMPILE: TimedCommand = {
  name: 'compile',
  command: ['node', 'node_modules/typescript/bin/tsc', '--build', 'tsconfig.node.json'],
  limitSeconds: 120,
}
/** After it the parts of this programme shrink what they have found. */
const FAILED = /^FAIL /m

/** What looks for bugs, in the order in which it is run. A limit is several times what the command takes on an idle machine. */
const COMMANDS: readonly TimedCommand[] = [
  { name: 'historic', command: [...VITEST, 'test/historic'], limitSeconds: 300 },
  {
    name: 'tests',
    // Some of them look at real sockets and real time: what fails once on a busy machine must not pass for a find.
    command: [...VITEST, '--retry', '1', 'test/golden', 'test/semantics', ...UNITS],
    limitSeconds: 600,
  },
  // What they find in bent histories and logs: a checker that has become lax fails here.
  { name: 'checkers', command: [...VITEST, 'test/verify', 'test/simulation'], limitSeconds: 300 },
  { name: 'properties', command: [...VITEST, 'test/property'], limitSeconds: 600 },
  {
    name: 'differential lock-step',
    command: [...VERIFY, 'differential', '--mode', 'lock-step'],
    limitSeconds: 600,
    telltale: FAILED,
    isPossible: isApacheInstalled,
  },
  {
    name: 'differential pipelined',
    command: [...VERIFY, 'differential', '--mode', 'pipelined'],
    limitSeconds: 600,
    telltale: FAILED,
    isPossible: isApacheInstalled,
  },
  { name: 'simulation', command: [...VERIFY, 'simulation'], limitSeconds: 300, telltale: FAILED },
  { name: 'history', command: [...VERIFY, 'history'], limitSeconds: 300, telltale: FAILED },
  { name: 'fuzz', command: [...VERIFY, 'fuzz'], limitSeconds: 300, telltale: FAILED },
]

const FOLDER = 'verify/bugs'

/** Looks whether the tests would notice. */
export const bugBank: Part = {
  name: 'bug-bank',
  summary: 'planted bugs, one at a time in a copy of the tree, each of which some command has to find',
  options: {
    only: 'B07,B12: these bugs; --runs N picks N of all by the seed',
    by: `these commands of ${COMMANDS.map(({ name }) => `"${name}"`).join(', ')}, in this order, separated by commas`,
  },
  flags: { all: 'go on after the first command that finds a bug' },
  run: async (options) => {
    const wantsAll = options.flags.has('all')
    const commands = commandsOf(options)
    const root = process.cwd()
    const bank = await readBank(join(root, FOLDER))
    const bugs = bugsOf(options, bank)
    const copy = await TreeCopy.make(root)
    const remove = (): void => copy.remove()
    const stop = (): void => process.exit(130)
    process.once('exit', remove)
    process.once('SIGINT', stop).once('SIGTERM', stop)
    try {
      return await search(
        new Investigation(copy, bank, { commands, wantsAll, compile: COMPILE }),
        bugs,
        options,
      )
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      process.off('exit', remove)
      remove()
    }
  },
}

/** Green, then every bug, then green again: else a command that fails by itself would pass for one that finds everything. */
async function search(
  investigation: Investigation,
  bugs: readonly PlantedBug[],
  options: PartOptions,
): Promise<boolean> {
  const stale = await investigation.findStale(bugs)
  if (stale.length > 0) {
    say(`FAIL bug-bank: ${stale.length} patches do not apply any more; bring them up to date:`)
    for (const misfit of stale) say(`  ${misfit}`)
    return false
  }
  const unpatched = new Map<string, number>()
  if (!(await isGreen(investigation, 'first', unpatched))) return false
  const verdicts: Verdict[] = []
  for (const bug of bugs) {
    const verdict = await investigation.judge(bug)
    sayVerdict(verdict)
    verdicts.push(verdict)
  }
  const staysGreen = await isGreen(investigation, 'at the end', unpatched)
  sayTable(verdicts, unpatched)
  const broken = verdicts.filter(({ fault }) => fault !== undefined)
  for (const { bug, fault } of broken)
    say(`FAIL bug-bank: ${bug.id} does not compile, mend its patch: ${fault}`)
  const missed = verdicts.filter(
    ({ finds, isOpen, fault }) => finds.length === 0 && !isOpen && fault === undefined,
  )
  if (missed.length > 0) sayMissed(missed, options)
  return staysGreen && missed.length === 0 && broken.length === 0
}

async function isGreen(
  investigation: Investigation,
  when: string,
  unpatched: Map<string, number>,
): Promise<boolean> {
  say(`without a bug, ${when}:`)
  const told = (name: string, { seconds, isGreen: isFine, complaint }: CommandOutcome): void => {
    unpatched.set(name, seconds)
    say(`  ${name}: ${isFine ? 'green' : `RED, ${complaint}`} (${seconds.toFixed(0)} s)`)
  }
  const red = await investigation.runUnpatched(told)
  if (red.length === 0) return true
  say(`FAIL bug-bank: ${red.join(', ')} failed without a bug, so what it finds says nothing: mend that first`)
  return false
}

function sayVerdict({ bug, finds, isOpen, fault }: Verdict): void {
  const [first] = finds
  if (first !== undefined)
    return say(`${bug.id} ${first.by}, ${first.seconds.toFixed(0)} s: ${first.complaint}`)
  const why =
    fault === undefined ? (isOpen ? 'cannot be judged here' : 'FOUND BY NOTHING') : 'DOES NOT COMPILE'
  say(`${bug.id} ${why}: ${bug.title}`)
}

function sayTable(verdicts: readonly Verdict[], unpatched: ReadonlyMap<string, number>): void {
  const rows = verdicts.map(({ bug, finds, isOpen }) => {
    const by = finds.map((find) => `${find.by} (${find.seconds.toFixed(0)} s)`).join(', ')
    return `${bug.id} | ${bug.title} (${bug.origin}) | ${by || (isOpen ? 'not judged here' : 'nothing')}`
  })
  say(['bug | title | found by', ...rows].join('\n'))
  const finds = verdicts.flatMap((verdict) => verdict.finds)
  for (const [name, idle] of unpatched) {
    const seconds = finds.filter(({ by }) => by === name).map((find) => find.seconds)
    say(
      `${name}: found ${seconds.length}, at the latest after ${Math.max(0, ...seconds).toFixed(0)} s; ${idle.toFixed(0)} s without a bug`,
    )
  }
  const judged = verdicts.filter(({ isOpen }) => !isOpen)
  const found = judged.filter((verdict) => verdict.finds.length > 0)
  const open = verdicts.length - judged.length
  say(
    `score: ${found.length}/${judged.length}${open > 0 ? `, ${open} not judged: a command is missing here` : ''}`,
  )
}

function sayMissed(missed: readonly Verdict[], { seed }: PartOptions): void {
  const ids = missed.map(({ bug }) => bug.id).join(',')
  say(`FAIL bug-bank  seed=${seed} node=${process.versions.node}`)
  say(`repeat: npm run verify -- bug-bank --only ${ids}`)
  for (const { bug } of missed) say(`verdict: no test fails with ${FOLDER}/${bug.id}.patch: ${bug.effect}`)
}

function bugsOf({ rest, runs, seed }: PartOptions, bank: readonly PlantedBug[]): readonly PlantedBug[] {
  if (rest.only !== undefined) {
    return rest.only.split(',').map((id) => {
      const bug = bank.find((each) => each.id === id)
      if (bug === undefined) throw new UsageError(`--only ${rest.only}: there is no bug "${id}"`)
      return bug
    })
  }
  const left = [...bank]
  const random = new Random(seed)
  while (left.length > (runs ?? bank.length)) left.splice(random.int(left.length), 1)
  return left
}

function commandsOf({ rest }: PartOptions): readonly TimedCommand[] {
  const names = rest.by?.split(',') ?? COMMANDS.map(({ name }) => name)
  const asked = names.map((name) => {
    const command = COMMANDS.find((each) => each.name === name)
    if (command === undefined) throw new UsageError(`--by ${rest.by}: there is no command "${name}"`)
    return command
  })
  const possible = asked.filter(({ isPossible }) => isPossible?.() ?? true)
  for (const { name } of asked.filter((each) => !possible.includes(each)))
    say(`${name} cannot be run here: it needs a real ZooKeeper server`)
  if (possible.length === 0) throw new UsageError('None of the commands can be run here')
  return possible
}
