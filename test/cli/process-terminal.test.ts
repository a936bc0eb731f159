/** The Terminal of a process: where its lines go, and whose signals it hears. */
import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { type ProcessLike, processTerminal } from '../../src/cli/process-terminal.js'

it('prints to the one stream and warns to the other', () => {
  const process = new FakeProcess()
  const terminal = processTerminal(process)

  terminal.print('a')
  terminal.warn('b')

  expect([process.printed, process.warned]).toEqual([['a\n'], ['b\n']])
})

it('hears both signals until it is released', () => {
  const process = new FakeProcess()
  const heard: string[] = []
  const release = processTerminal(process).onSignal((signal) => heard.push(signal))

  process.emit('SIGINT', 'SIGINT')
  process.emit('SIGTERM', 'SIGTERM')
  release()
  process.emit('SIGINT', 'SIGINT')

  expect([heard, process.eventNames()]).toEqual([['SIGINT', 'SIGTERM'], []])
})

it('ends the process with a code', () => {
  const process = new FakeProcess()

  processTerminal(process).exit(130)

  expect(process.exits).toEqual([130])
})

it('goes on without a standard output that is gone, and says so once', async () => {
  const process = new FakeProcess(new Error('write EPIPE'))
  const terminal = processTerminal(process)

  terminal.print('a')
  await new Promise((resolve) => process.stdout.once('close', resolve))
  terminal.print('b')

  expect(process.warned).toEqual([
    'zoolet: cannot write to the standard output, going on without it: write EPIPE\n',
  ])
})

class FakeProcess extends EventEmitter implements ProcessLike {
  readonly printed: string[] = []
  readonly warned: string[] = []
  readonly exits: number[] = []
  readonly stdout: Writable
  readonly stderr: Writable = writable(this.warned)

  /** With a standard output that fails, if an error is given. */
  constructor(error?: Error) {
    super()
    this.stdout = writable(this.printed, error)
  }

  exit(code: number): void {
    this.exits.push(code)
  }
}

function writable(texts: string[], error?: Error): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      texts.push(String(chunk))
      done(error)
    },
  })
}
