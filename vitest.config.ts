/** How the tests run: on the sources, with coverage held where the promises are kept. */
import { defineConfig } from 'vitest/config'

const floor = { lines: 95, branches: 95 }

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Far more than any takes: a busy machine is no failure.
    testTimeout: 20_000,
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { 'src/protocol/**': floor, 'src/server/**': floor, 'src/client/**': floor },
    },
  },
})
