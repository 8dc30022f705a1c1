import { defineConfig } from 'vitest/config';

/** Pure tests change nothing outside themselves, so that they may share a worker: a fifth of the time. */
const pure = ['lib/domain/**/*.test.ts', 'test/law/**/*.test.ts'];

const report = process.env.REDRESS_TEST_REPORT;

export default defineConfig({
  test: {
    globalSetup: ['test/node-guard.ts'],
    /** One more than the smallest machine has cores: whole stacks wait for their clocks most of the time. Left to itself vitest takes one less. */
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    /** `.ci/run` names a file here and counts what is in it. */
    ...(report === undefined ? {} : { reporters: ['default', ['json', { outputFile: report }]] }),
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'world',
          include: [
            'lib/**/*.test.ts',
            'functions/**/*.test.ts',
            'local/**/*.test.ts',
            'cli/**/*.test.ts',
            'sim/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', ...pure],
        },
      },
    ],
  },
});
