/**
 * A tap: where somebody may listen to what goes on inside. While nobody does, `isOpen` is false and no event is made.
 * What is told between `hold` and `release` waits, so that listeners see whole transactions only. A listener that throws stops nobody.
 */
import { runMacrotask } from './platform.js'

const MAX_ROUNDS = 1000

/** Takes one event; called during the work that it tells of. */
export type TapListener<Event> = (event: Event) => void

/** Where events are told, seen from inside. */
export interface Telling<Event> {
  /** True while somebody listens: ask before making an event that is often made. */
  readonly isOpen: boolean
  /** Does nothing while nobody listens. */
  tell(event: Event): void
}

/** A place to listen. */
export class Tap<Event> implements Telling<Event> {
  readonly #listeners = new Set<TapListener<Event>>()
  readonly #failed: (error: unknown) => void
  #waiting: Event[] = []
  #isHeld = false
  #isTelling = false
  #isOpen = false

  /** `failed` takes what a listener throws. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Starts to listen; returns how to stop. */
  listen(listener: TapListener<Event>): () => void {
    const own: TapListener<Event> = (event) => listener(event)
    this.#listeners.add(own)
    this.#isOpen = true
    return () => {
      this.#listeners.delete(own)
      this.#isOpen = this.#listeners.size > 0
    }
  }

  /** Tells everybody, now or when the tap is released. */
  tell(event: Event): void {
    if (this.#isOpen) this.#waiting.push(event)
    if (!this.#isHeld) this.release()
  }

  /** Keeps events back. */
  hold(): void {
    this.#isHeld = true
  }

  /** Tells what was kept back, in order; what listeners cause meanwhile comes after it. */
  release(): void {
    this.#isHeld = false
    if (this.#isTelling || this.#waiting.length === 0) return
    this.#isTelling = true
    this.#tellAll()
  }

  /** A listener that answers each event with another would go on for ever: after many rounds the event loop goes first. */
  readonly #tellAll = (): void => {
    for (let round = 0; this.#waiting.length > 0; round++) {
      if (round === MAX_ROUNDS) return runMacrotask(this.#tellAll)
      const events = this.#waiting
      this.#waiting = []
      for (const event of events) for (const listener of this.#listeners) this.#tellOne(listener, event)
    }
    this.#isTelling = false
  }

  #tellOne(listener: TapListener<Event>, event: Event): void {
    try {
      listener(event)
    } catch (error) {
      this.#failed(error)
    }
  }
}
