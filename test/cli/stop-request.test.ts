/** StopRequest: one signal asks, two insist. */
import { expect, it } from 'vitest'
import { StopRequest } from '../../src/cli/stop-request.js'
import { FakeTerminal } from './fake-terminal.js'

it.each(['SIGINT', 'SIGTERM'] as const)('the first %s asks to stop, and ends nothing', async (signal) => {
  const terminal = new FakeTerminal()
  const { made } = new StopRequest(terminal)

  terminal.signal(signal)
  await made

  expect([terminal.exits, terminal.err]).toEqual([[], []])
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a second signal, %s, ends the process with %i', (signal, code) => {
  const terminal = new FakeTerminal()
  const stop = new StopRequest(terminal)

  terminal.signal('SIGTERM')
  terminal.signal(signal)

  expect([terminal.exits, terminal.err]).toEqual([
    [code],
    [`zoolet: a second signal, ${signal}: ended without waiting`],
  ])
  stop.release()
})

it('without a signal nothing is asked, and after its release nothing is heard', async () => {
  const terminal = new FakeTerminal()
  const stop = new StopRequest(terminal)
  const during = terminal.listenerCount

  stop.release()
  terminal.signal('SIGINT')
  terminal.signal('SIGINT')

  const first = await Promise.race([stop.made.then(() => 'made'), Promise.resolve('not made')])
  expect([during, terminal.listenerCount, first, terminal.exits]).toEqual([1, 0, 'not made', []])
})
