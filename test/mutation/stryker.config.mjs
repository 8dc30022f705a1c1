/**
 * Mutation testing of what guards money, started by `run.ts` for one group at a time; see sim/README.md.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Which tests are asked is said in `groups.ts`: to look who imports what, once for each mutant, takes most of the time.
  vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
  // TypeScript 7 has no API that rewrites a tsconfig.json, and nothing here reads the copy of it.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  concurrency: 1,
  /** Loops without end are found by counting; a machine that is busy must not look like one. */
  timeoutMS: 60_000,
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  incremental: true,
  tempDirName: '.stryker/sandbox',
  ignorePatterns: ['.stryker', '.redress', '.sst', 'docs', 'bench', 'stacks', 'local'],
  disableTypeChecks: false,
};
