/** Tally: how often each kind of thing has happened. What should and hardly ever did means that the generator starves. */
import type { Outcome } from './simulation.js'

const MS_AN_HOUR = 3_600_000
/** Fewer actions prove nothing. */
const LEAST_ACTIONS = 120_000

/** How often each kind has to happen in so many actions: a small part of what it does. */
export const FLOORS: Readonly<Record<string, number>> = {
  'aborted after it was sent': 77,
  'aborted before it was sent': 57,
  'answer: CONNECTIONLOSS': 2096,
  'answer: NOAUTH': 19,
  'answer: QUOTAEXCEEDED': 6,
  'answer: SESSIONEXPIRED': 780,
  'answer: THROTTLEDOP': 145,
  burst: 130,
  'closed: bad frame': 12,
  'closed: slow reader': 1,
  'crowd: full': 8,
  cut: 152,
  'cut in what was heard': 69,
  'cut in what was said': 82,
  delay: 313,
  expire: 32,
  expiry: 261,
  'give up': 86,
  'granted: aborted read': 2,
  'granted: children': 86,
  'granted: claim': 26,
  'granted: close': 14,
  'granted: closing watcher': 7,
  'granted: create': 62,
  'granted: create all': 11,
  'granted: delete': 75,
  'granted: delete all': 25,
  'granted: ephemeral': 27,
  'granted: ephemeral sequence': 64,
  'granted: exists': 145,
  'granted: flood': 4,
  'granted: leave stream': 28,
  'granted: lock': 38,
  'granted: many watches': 7,
  'granted: multi': 39,
  'granted: re-arming watcher': 15,
  'granted: read': 144,
  'granted: rejecting watcher': 15,
  'granted: remove watch': 81,
  'granted: remove watch locally': 46,
  'granted: sequence': 21,
  'granted: set': 236,
  'granted: set much': 26,
  'granted: stream': 35,
  'granted: stream below': 35,
  'granted: sync': 49,
  'granted: throwing watcher': 14,
  'granted: too large': 4,
  'granted: unlock': 18,
  'granted: watch': 72,
  'granted: watch below': 66,
  'granted: watch once': 14,
  'granted: watcher that removes itself': 24,
  'half-open: what is heard is lost': 24,
  'half-open: what is said is lost': 25,
  'hang up': 70,
  'hear everywhere': 447,
  'hear the end': 94,
  'hear: a frame': 1199,
  'hear: all': 601,
  'hear: half a frame': 600,
  'jump back': 42,
  'jump forward': 38,
  pass: 327,
  pause: 74,
  'pause: somebody was heard late': 20,
  redial: 698,
  refuse: 84,
  'refused dial': 106,
  'refused: future zxid': 29,
  'refused: newer zxid': 3,
  'refused: wrong password': 28,
  'restart, state kept': 22,
  'restart, state lost': 10,
  'restart, state older': 4,
  say: 2752,
  'say late': 15,
  'say: a part': 64,
  snapshot: 60,
  streamed: 200,
  'take over, zxid current': 31,
  'take over, zxid stale': 31,
  'watch removed': 45,
  'watcher: close': 12,
  'watcher: reject': 24,
  'watcher: throw': 24,
  'wish: aborted read': 71,
  'wish: aborted set': 66,
  'wish: children': 431,
  'wish: claim': 73,
  'wish: close': 20,
  'wish: closing watcher': 39,
  'wish: create': 579,
  'wish: create all': 76,
  'wish: delete': 583,
  'wish: delete all': 71,
  'wish: doomed multi': 75,
  'wish: ephemeral': 207,
  'wish: ephemeral sequence': 72,
  'wish: exists': 432,
  'wish: flood': 35,
  'wish: leave stream': 28,
  'wish: lock': 148,
  'wish: many watches': 32,
  'wish: multi': 215,
  'wish: re-arming watcher': 73,
  'wish: read': 722,
  'wish: rejecting watcher': 72,
  'wish: remove watch': 140,
  'wish: remove watch locally': 69,
  'wish: sequence': 68,
  'wish: set': 1162,
  'wish: set much': 146,
  'wish: stream': 70,
  'wish: stream below': 70,
  'wish: sync': 146,
  'wish: throwing watcher': 73,
  'wish: too large': 38,
  'wish: unlock': 72,
  'wish: watch': 205,
  'wish: watch below': 212,
  'wish: watch once': 69,
  'wish: watcher that removes itself': 69,
}
const FLOOR_ACTIONS = 100_000

/** The sums of all runs. */
export class Tally {
  readonly #done = new Map<string, number>()
  #runs = 0
  #virtualMs = 0

  add({ done, virtualMs }: Pick<Outcome, 'done' | 'virtualMs'>): void {
    this.#runs += 1
    this.#virtualMs += virtualMs
    for (const [kind, times] of done) this.#done.set(kind, (this.#done.get(kind) ?? 0) + times)
  }

  /** What is to be told in the end, after so many real milliseconds. */
  lines(realMs: number): string[] {
    const kinds = [...this.#done].sort(([one], [other]) => (one < other ? -1 : 1))
    const speed = ((this.#runs * 1000) / realMs).toFixed(1)
    const factor = Math.round(this.#virtualMs / realMs)
    return [
      `${this.#runs} runs, ${speed} a second: no promise is broken`,
      `${(this.#virtualMs / MS_AN_HOUR).toFixed(1)} virtual hours, ${factor} times as fast as the clock`,
      `what happened: ${kinds.map(([kind, times]) => `${kind} ${times}`).join(', ')}`,
    ]
  }

  /** That so few runs prove nothing about how often anything happens; undefined if they are enough. */
  findUnproved(actionsOfRun: number): string | undefined {
    const actions = this.#runs * actionsOfRun
    return actions < LEAST_ACTIONS
      ? `NOT LOOKED AT: whether the generator starves, as ${actions} actions are fewer than ${LEAST_ACTIONS}`
      : undefined
  }

  /** Kinds that have hardly ever happened, in runs of so many actions. */
  findStarved(actionsOfRun: number): string[] {
    if (this.findUnproved(actionsOfRun) !== undefined) return []
    const actions = this.#runs * actionsOfRun
    return Object.entries(FLOORS).flatMap(([kind, floor]) => {
      const times = this.#done.get(kind) ?? 0
      const least = Math.max(1, Math.floor((floor * actions) / FLOOR_ACTIONS))
      return times >= least
        ? []
        : [`the generator starves: "${kind}" happened ${times} times, and ${least} is little`]
    })
  }
}
