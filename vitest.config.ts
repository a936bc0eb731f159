/** How the tests run: on the sources, with coverage held where the promises are kept. */
import { defineConfig } from 'vitest/config'

const floor = { lines: 95, branches: 95 }

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { 'src/protocol/**': floor, 'src/server/**': floor, 'src/client/**': floor },
    },
  },
})
