/** LineWriter: whole lines to a stream that may be slow or gone. */
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { LineWriter, MAX_WAITING_BYTES } from '../../src/cli/line-writer.js'

it('lines arrive in their order, each with its end', () => {
  const { stream, text } = slowStream()
  const writer = new LineWriter(stream, () => undefined)

  stream.isSlow = false
  writer.write('a')
  writer.write('b')

  expect(text()).toBe('a\nb\n')
})

it('lines that a slow reader does not take are left out, and it is told how many', () => {
  const { stream, text } = slowStream()
  const writer = new LineWriter(stream, () => undefined)
  const long = 'x'.repeat(MAX_WAITING_BYTES)

  for (const line of [long, 'b', 'c']) writer.write(line)
  stream.release()
  writer.write('d')

  expect(text()).toBe(`${long}\n... 2 lines left out: the reader is too slow\nd\n`)
})

it('no line is left out for a reader that is a little slow', () => {
  const { stream, text } = slowStream()
  const writer = new LineWriter(stream, () => undefined)

  for (let i = 0; i < 1000; i++) writer.write('line')
  stream.release()

  expect(text()).toBe('line\n'.repeat(1000))
})

it('a stream that breaks is told of once, and lines to it are dropped', async () => {
  const broken: string[] = []
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const writer = new LineWriter(stream, (error) => broken.push(error.message))

  writer.write('a')
  await new Promise((resolve) => stream.once('close', resolve))
  writer.write('b')
  stream.emit('error', new Error('again'))

  expect(broken).toEqual(['EPIPE'])
})

/** Takes nothing until it is released, and everything from then on. */
class SlowStream extends Writable {
  isSlow = true
  text = ''
  #done: (() => void) | undefined

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    if (this.isSlow) this.#done = done
    else done()
  }

  release(): void {
    this.isSlow = false
    this.#done?.()
  }
}

function slowStream(): { readonly stream: SlowStream; readonly text: () => string } {
  const stream = new SlowStream()
  return { stream, text: () => stream.text }
}
