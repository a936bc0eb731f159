/** What a forked server says of itself: its port, and whenever it is asked, the longest time between two turns of its event loop. */
import process from 'node:process'
import { setImmediate as macrotask } from 'node:timers/promises'

/**
 * Never resolves. Each message of the parent is answered with the longest time since the one before, and with these facts.
 * @param {number} port
 * @param {() => { clients: number }} facts
 */
export async function watchTurns(port, facts) {
  let longestMs = 0
  let lastMs = performance.now()
  process.on('message', () => {
    process.send?.({ longestMs, ...facts() })
    longestMs = 0
  })
  process.send?.({ port })
  for (;;) {
    await macrotask()
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
}
