/**
 * Where zoolet does other than Apache ZooKeeper 3.8.0 on purpose, as far as random steps get there. The numbers and the reasons are
 * those of docs/compatibility.md. A difference that no step hits any more is not one, and has to go.
 */
import type { Divergence } from './compare.js'
import { CLOSED } from './scribe.js'
import type { Step } from './step.js'

/** What a matcher may ask beside the lines. */
export interface Facts {
  /** Whether the slot's connection may read the znode now. */
  canRead(slot: number, path: string): Promise<boolean>
}

/** One deliberate difference. */
export interface Difference {
  readonly id: string
  readonly reason: string
  /** Whether this is why the real server has shown `expected` and zoolet `actual`. */
  explains(step: Step, divergence: Divergence, facts: Facts): Promise<boolean>
}

/** All that steps can hit. */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'D1',
    reason: 'a wrong session password is refused, and the live connection of that session stays',
    explains: async (step, { expected, actual }) =>
      step.do === 'resume' &&
      step.password === 'wrong' &&
      expected.join() === [CLOSED, CLOSED, 'refused'].join() &&
      actual.join() === [CLOSED, 'refused'].join(),
  },
  {
    id: 'D11',
    reason:
      'the identities that `auth` stands for come in the order of their claims, not in that of a hash set',
    explains: async (step, { expected, actual }) =>
      step.do === 'send' &&
      expected.length === actual.length &&
      expected.every(
        (line, i) =>
          line === actual[i] || (line.startsWith('getACL OK') && wordsOf(line) === wordsOf(actual[i] ?? '')),
      ),
  },
  {
    id: 'D7',
    reason: 'setWatches withholds an event about a znode that the session may not read',
    explains: async (step, { slot, expected, actual }, facts) => {
      if (step.do !== 'send' || !step.requests.some(({ type }) => type === 'setWatches')) return false
      const withheld = leftOut(expected, actual)
      if (withheld === undefined) return false
      for (const line of withheld) {
        const path = pathOfEvent(line)
        if (path === undefined || (await facts.canRead(slot, path))) return false
      }
      return true
    },
  },
  {
    id: 'D21',
    reason: 'the root has one name: nothing counts it twice',
    explains: async (step, { expected, actual }) =>
      differsOnlyIn('getAllChildrenNumber', step, expected, actual, ({ path, real, zoolet }) => {
        const [theirs, ours] = [real, zoolet].map((line) => /^(\S+ OK \d+) (\d+)$/.exec(line))
        return path === '' && theirs?.[1] === ours?.[1] && Number(theirs?.[2]) === Number(ours?.[2]) + 1
      }),
  },
  {
    id: 'D47',
    reason:
      'the answer to a question about the watches of something that is no path does not depend on other watches',
    explains: async (step, { expected, actual }) =>
      differsOnlyIn('checkWatches', step, expected, actual, ({ path, real, zoolet }) => {
        const isAnswer = / (OK|NOWATCHER|MARSHALLINGERROR) /
        const [theirs, ours] = [real, zoolet].map((line) => line.replace(isAnswer, ' ').trimEnd())
        return !path.startsWith('/') && theirs === ours
      }),
  },
  {
    id: 'D48',
    reason: 'whoever comes back to an unknown session is told so, whatever zxid it has seen',
    explains: async (step, { expected, actual }) =>
      step.do === 'resume' &&
      step.seen === 'ahead' &&
      expected.join() === CLOSED &&
      actual.join() === [CLOSED, 'refused'].join(),
  },
]

/** An answer that differs, to a request for this path. */
interface Answers {
  readonly path: string
  readonly real: string
  readonly zoolet: string
}

/** True if the lines differ in nothing but the answers to requests of this type that fit. */
function differsOnlyIn(
  type: 'getAllChildrenNumber' | 'checkWatches',
  step: Step,
  expected: readonly string[],
  actual: readonly string[],
  fits: (answers: Answers) => boolean,
): boolean {
  if (step.do !== 'send' || expected.length !== actual.length) return false
  const paths = step.requests.flatMap((request) => (request.type === type ? [request.path] : []))
  let answered = 0
  for (const [i, real] of expected.entries()) {
    const path = real.startsWith(`${type} `) ? paths[answered++] : undefined
    const zoolet = actual[i] ?? ''
    if (real !== zoolet && (path === undefined || !fits({ path, real, zoolet }))) return false
  }
  return true
}

/** The lines that are missing; undefined if the others are not the same, in the same order. */
function leftOut(expected: readonly string[], actual: readonly string[]): readonly string[] | undefined {
  const missing: string[] = []
  let at = 0
  for (const line of expected) {
    if (line === actual[at]) at++
    else missing.push(line)
  }
  return at === actual.length ? missing : undefined
}

function pathOfEvent(line: string): string | undefined {
  const [, path] = /^event \w+ (".*") -1$/.exec(line) ?? []
  return path === undefined ? undefined : JSON.parse(path)
}

function wordsOf(line: string): string {
  return line.split(' ').sort().join(' ')
}
