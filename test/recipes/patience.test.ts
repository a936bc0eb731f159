/** How a recipe's call ends when its caller gives up while a request is under way: with the reason itself. */
import { expect, it } from 'vitest'
import { RequestAbortedError } from '../../src/client/abort.js'
import { patiently } from '../../src/recipes/patience.js'
import { TimeoutError } from '../../src/recipes/timeout-error.js'
import { VirtualClock } from '../../src/testing/index.js'

it.each([undefined, 1000])(
  'who gives up gets the reason, not what became of the request: %s ms',
  async (timeoutMs) => {
    const giveUp = new AbortController()
    const reason = new Error('enough')
    const done = patiently(new VirtualClock(), { signal: giveUp.signal, timeoutMs }, 'wait', underWay)

    giveUp.abort(reason)

    await expect(done).rejects.toBe(reason)
  },
)

it('who has waited long enough gets a TimeoutError', async () => {
  const clock = new VirtualClock()
  const done = patiently(clock, { timeoutMs: 1000 }, 'wait', underWay)
  const failed = expect(done).rejects.toBeInstanceOf(TimeoutError)

  await clock.advance(1000)

  await failed
})

it('any other error comes through as it is', async () => {
  const error = new Error('broken')

  const done = patiently(new VirtualClock(), {}, 'wait', () => Promise.reject(error))

  await expect(done).rejects.toBe(error)
})

/** A request that the client gives up after it was sent. */
function underWay(signal: Parameters<Parameters<typeof patiently>[3]>[0]): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new RequestAbortedError(signal.reason)))
  })
}
