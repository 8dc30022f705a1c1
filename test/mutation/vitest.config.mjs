import { defineConfig } from 'vitest/config';

/** Which tests judge a mutant is said in `groups.ts`, and handed over by `run.ts`. No engine is started. */
export default defineConfig({
  test: {
    // The files of one run share their modules. Each run has a worker of its own, so that a constant is made anew for each mutant of it.
    isolate: false,
    maxWorkers: 1,
    testTimeout: 60_000,
    include: process.env.MUTATION_TESTS?.split(','),
    exclude: ['**/*.int.test.ts'],
  },
});
