/**
 * Lines: what each connection has heard, as lines that can be compared with those of the model. A connection that broke has heard
 * only the beginning of what was meant for it.
 */
import type { Scribe } from '../differential/scribe.js'
import type { Heard, History, Thread } from './history.js'
import { isComplete, lostSetWatches } from './requests.js'
import type { CheckOptions, Rule, Violation } from './violation.js'

/** Explained up to here. */
export interface Explained {
  readonly at: number
}

/** One history's. */
export class Lines {
  readonly #lines = new Map<Thread, readonly string[]>()
  readonly #complete = new Set<Thread>()
  /** From here on what was heard may belong to a setWatches that was not answered; W3 knows more. */
  readonly #looseFrom = new Map<Thread, number>()

  constructor(history: History, scribe: Scribe, { goodbyeIsNoEnd }: Pick<CheckOptions, 'goodbyeIsNoEnd'>) {
    for (const thread of history.threads) {
      const { heard } = thread
      const last = goodbyeIsNoEnd ? heard.findIndex((each) => isReplyTo(each, 'closeSession')) : -1
      const told = heard.slice(0, last < 0 ? undefined : last + 1).filter((each) => !isReplyTo(each, 'ping'))
      this.#lines.set(
        thread,
        told.map((each) => lineOf(each, scribe)),
      )
      if (isComplete(thread)) this.#complete.add(thread)
      if (lostSetWatches(thread) !== undefined)
        this.#looseFrom.set(thread, told.findLastIndex((each) => 'exchange' in each) + 1)
    }
  }

  /** The first line from here on that has to be explained. */
  leftFrom(thread: Thread, at: number): string | undefined {
    return this.#isSilent(thread, at) ? undefined : this.at(thread, at)
  }

  /** One line, if so much was heard. */
  at(thread: Thread, at: number): string | undefined {
    return this.#lines.get(thread)?.[at]
  }

  /** These come next, in this order. */
  match(thread: Thread, at: number, wanted: readonly string[]): Explained | Violation {
    let next = at
    for (const line of wanted) {
      const actual = this.at(thread, next)
      if (actual !== line && !this.#isSilent(thread, next)) return this.#violation(thread, next, line)
      next += 1
    }
    return { at: next }
  }

  /** These come next, in any order. */
  matchSet(thread: Thread, at: number, wanted: readonly string[]): Explained | Violation {
    const left = [...wanted].sort()
    let next = at
    for (; next < at + wanted.length && !this.#isSilent(thread, next); next++) {
      const found = left.indexOf(this.at(thread, next) ?? '')
      if (found < 0) return this.#violation(thread, next, left[0])
      left.splice(found, 1)
    }
    return { at: at + wanted.length }
  }

  /** A connection that broke has heard no more. */
  #isSilent(thread: Thread, at: number): boolean {
    if (at >= (this.#looseFrom.get(thread) ?? Number.POSITIVE_INFINITY)) return true
    return this.at(thread, at) === undefined && !this.#complete.has(thread)
  }

  #violation(thread: Thread, at: number, wanted: string | undefined): Violation {
    const actual = this.at(thread, at)
    const what = `at ${at}: heard ${actual ?? 'nothing'}, where ${wanted ?? 'nothing'} was due`
    return { rule: this.#ruleOf(thread, at, wanted), thread: thread.name, what }
  }

  #ruleOf(thread: Thread, at: number, wanted: string | undefined): Rule {
    const lines = this.#lines.get(thread) ?? []
    const actual = lines[at]
    // The event comes too late, or never.
    if (isEvent(wanted) && !isEvent(actual)) return lines.includes(wanted ?? '', at) ? 'W2' : 'W1'
    if (!isEvent(actual)) return 'T6'
    if (isEvent(wanted)) return 'W5'
    return lines[at - 1] === actual ? 'W7' : 'W4'
  }
}

function lineOf(heard: Heard, scribe: Scribe): string {
  if ('event' in heard) return scribe.event(heard.event)
  const { request, reply } = heard.exchange
  if (reply === undefined) throw new Error('What was heard has no reply')
  return scribe.reply(request.type, reply)
}

function isReplyTo(heard: Heard, type: string): boolean {
  return 'exchange' in heard && heard.exchange.request.type === type
}

function isEvent(line: string | undefined): boolean {
  return line?.startsWith('event ') === true
}
