/**
 * What Stryker changes, and which tests have to notice: those that run on virtual time and without sockets, since a test that fails
 * once on a busy machine would pass for a find.
 */
export default {
  mutate: ['src/protocol/**/*.ts', 'src/server/**/*.ts', 'src/client/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'verify/mutation/vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  ignorePatterns: [
    'dist',
    'coverage',
    'docs',
    'verify/fuzz/corpus',
    'verify/out',
    'verify/mutation/node_modules',
  ],
  reporters: ['progress-append-only'],
  incrementalFile: 'verify/out/mutation-incremental.json',
  tempDirName: 'verify/out/mutation-sandbox',
  concurrency: 2,
  testRunnerNodeArgs: ['--max-old-space-size=6000'],
  timeoutMS: 8_000,
  dryRunTimeoutMinutes: 20,
  // Nothing is compiled, and the API that Stryker reads such a file with is not in this version of TypeScript.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  allowConsoleColors: false,
}
