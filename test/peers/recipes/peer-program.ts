/**
 * PeerProgram: a program with somebody else's recipes that is told what to do, a JSON list a line, and answers each line by its
 * number, in any order. It has one session, which ends with it.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { endOf } from '../peer.js'

/** No answer takes longer, waiting for others included. */
const ANSWER_MS = 90_000

interface Question {
  readonly said: string
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A program that runs. */
export class PeerProgram {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number | null>
  /** By their numbers; 0 is the program's first word. */
  readonly #questions = new Map<number, Question>()
  #count = 0
  #recipeCount = 0
  #errorOutput = ''

  private constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#ended = endOf(this.#child, () => this.#child.kill('SIGKILL'))
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line))
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput += text
    })
    // What is said to a program that has ended is answered by its end.
    this.#child.stdin.on('error', () => undefined)
    const giveUp = (): void => this.#failAll(`the program has ended: ${this.#errorOutput}`)
    this.#ended.then(giveUp, giveUp)
  }

  /** Starts one; resolves when it has its session. */
  static async start(command: string, args: readonly string[]): Promise<PeerProgram> {
    const program = new PeerProgram(command, args)
    await program.#answerTo(0, 'start')
    return program
  }

  /** Makes a recipe; nothing is created at the server. */
  async make(kind: string, path: string, ...args: readonly unknown[]): Promise<PeerRecipe> {
    const name = `${kind} ${++this.#recipeCount}`
    await this.#ask([name, 'make', kind, path, ...args])
    return { call: (verb, ...rest) => this.#ask([name, verb, ...rest]) }
  }

  /** Ends its session, and it. */
  async end(): Promise<void> {
    this.#child.stdin.end()
    AbortSignal.timeout(ANSWER_MS).addEventListener('abort', () => this.#child.kill('SIGKILL'))
    await this.#ended
  }

  /** Kills it: the server hears nothing of its end. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #ask(words: readonly unknown[]): Promise<unknown> {
    const id = ++this.#count
    this.#child.stdin.write(`${JSON.stringify([id, ...words])}\n`)
    return this.#answerTo(id, words.join(' '))
  }

  #answerTo(id: number, said: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const question = { said, resolve, reject }
      this.#questions.set(id, question)
      AbortSignal.timeout(ANSWER_MS).addEventListener('abort', () => {
        if (this.#questions.delete(id)) reject(new Error(`${said}: no answer. ${this.#errorOutput}`))
      })
    })
  }

  #hear(line: string): void {
    const { id, value, error } = JSON.parse(line)
    const question = this.#questions.get(id)
    this.#questions.delete(id)
    if (error === undefined) question?.resolve(value)
    else question?.reject(new Error(`${question.said}: ${error}`))
  }

  #failAll(reason: string): void {
    for (const { said, reject } of this.#questions.values()) reject(new Error(`${said}: ${reason}`))
    this.#questions.clear()
  }
}

/** A recipe of a program. What is said to it is done in order, on a thread of its own. */
export interface PeerRecipe {
  call(verb: string, ...args: readonly unknown[]): Promise<unknown>
}
