import { defineConfig } from 'vitest/config';

/** Which tests judge a mutant is said in `groups.ts`, and handed over by `run.ts`. No engine is started. */
export default defineConfig({
  test: {
    // A constant is made when its file is loaded: each mutant of one needs its files loaded again.
    isolate: true,
    maxWorkers: 1,
    testTimeout: 60_000,
    include: process.env.MUTATION_TESTS?.split(','),
    exclude: ['**/*.int.test.ts'],
  },
});
