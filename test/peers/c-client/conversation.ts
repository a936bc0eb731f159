/** Conversation: a program that is talked to line by line. Its two outputs count as one text. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { endOf } from '../peer.js'

const ANSWER_MS = 60_000

/** A program that runs until `end`. */
export class Conversation {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number | null>
  #hasEnded = false
  #unheard = ''
  #onNews: () => void = () => undefined

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#ended = endOf(this.#child, () => this.#child.kill('SIGKILL')).finally(() => {
      this.#hasEnded = true
      this.#onNews()
    })
    const take = (text: string): void => {
      this.#unheard += text
      this.#onNews()
    }
    this.#child.stdout.setEncoding('utf8').on('data', take)
    this.#child.stderr.setEncoding('utf8').on('data', take)
    this.#child.stdin.on('error', (error) => take(`\n(stdin: ${error.message})\n`))
  }

  /** Says a line. */
  say(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** All that the program printed and nobody heard yet, up to the end of the first match of `until`. @throws if it does not come */
  async hear(until: RegExp): Promise<string> {
    const deadline = AbortSignal.timeout(ANSWER_MS)
    const onDeadline = (): void => this.#onNews()
    deadline.addEventListener('abort', onDeadline)
    try {
      return await this.#untilMatch(until, deadline)
    } finally {
      deadline.removeEventListener('abort', onDeadline)
    }
  }

  /** Says a last line if there is one, and resolves with the exit code. */
  async end(line = ''): Promise<number | null> {
    this.#child.stdin.end(`${line}\n`)
    AbortSignal.timeout(ANSWER_MS).addEventListener('abort', () => this.#child.kill('SIGKILL'))
    return this.#ended
  }

  #untilMatch(until: RegExp, deadline: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#onNews = () => {
        const found = until.exec(this.#unheard)
        if (found !== null) {
          const end = found.index + found[0].length
          resolve(this.#unheard.slice(0, end))
          this.#unheard = this.#unheard.slice(end)
        } else if (this.#hasEnded || deadline.aborted) {
          reject(new Error(`${until} did not come: ${this.#unheard}`))
        } else return
        this.#onNews = () => undefined
      }
      this.#onNews()
    })
  }
}
