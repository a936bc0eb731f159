/** The tests that mutants have to get past: the quick ones first, since the first that fails ends the run of a mutant. */
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slowFirst = await super.sort(files)
    return slowFirst.toReversed()
  }
}

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
    sequence: { sequencer: QuickFirst },
    // Whoever waits for ever is found out soon; the slowest of them takes half a second.
    testTimeout: 4_000,
    hookTimeout: 4_000,
  },
})
