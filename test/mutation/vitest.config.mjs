import { defineConfig } from 'vitest/config';

/** Which of these judge a mutant is said in `groups.ts`. No engine is started. */
export default defineConfig({
  test: {
    isolate: false,
    maxWorkers: 1,
    testTimeout: 60_000,
    include: ['lib/**/*.test.ts'],
    exclude: ['**/*.int.test.ts'],
  },
});
