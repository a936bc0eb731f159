/** How the suites with other people's clients run: `npm run build`, then `npx vitest run --config vitest.peers.config.ts`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/peers/**/*.peer.ts'],
    // Each has processes and real time of its own; side by side they would only slow each other down.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
