/** The tests that mutants have to get past. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/{protocol,server,client,base}/**/*.test.ts',
      'test/semantics/**/*.test.ts',
      'test/golden/*.test.ts',
      'test/*.test.ts',
    ],
    exclude: [
      'test/tidy.test.ts',
      'test/exports.test.ts',
      'test/docs.test.ts',
      'test/protocol/codec-fuzz.test.ts',
      'test/semantics/ordering/starvation.test.ts',
    ],
    isolate: false,
    testTimeout: 30_000,
  },
})
