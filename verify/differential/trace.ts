/**
 * Trace: steps with what a server showed of each, as text: one line a step, so that a change is seen in a diff. What one server has
 * shown is recorded once and compared with another one wherever the first is not at hand.
 */
import type { Side, Sights, Step } from './step.js'

/** What was done and seen, in order. */
export type Trace = readonly { readonly step: Step; readonly sights: Sights }[]

/** The text of a trace. Bytes are in base64. */
export function formatTrace(trace: Trace): string {
  return trace.map(({ step, sights }) => `${JSON.stringify([step, [...sights]], replaceBytes)}\n`).join('')
}

/** A trace from its text. @throws SyntaxError */
export function parseTrace(text: string): Trace {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [step, sights] = JSON.parse(line, reviveBytes)
    return { step, sights: new Map(sights) }
  })
}

/** Shows what a trace says that the server has shown. */
export class RecordedSide implements Side {
  readonly name: string = 'what was recorded'
  readonly #sights = new Map<Step, Sights>()

  constructor(trace: Trace) {
    for (const { step, sights } of trace) this.#sights.set(step, sights)
  }

  async run(step: Step): Promise<Sights> {
    const sights = this.#sights.get(step)
    if (sights === undefined) throw new Error('This step was not recorded')
    return sights
  }
}

/** Keeps what a server shows. */
export class RecordingSide implements Side {
  readonly name: string
  readonly #side: Side
  readonly #trace: { readonly step: Step; readonly sights: Sights }[] = []

  constructor(side: Side) {
    this.name = side.name
    this.#side = side
  }

  get trace(): Trace {
    return this.#trace
  }

  async run(step: Step): Promise<Sights> {
    const sights = await this.#side.run(step)
    this.#trace.push({ step, sights })
    return sights
  }
}

function replaceBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
}

function reviveBytes(_key: string, value: unknown): unknown {
  const base64: unknown = Object(value).base64
  return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value
}
