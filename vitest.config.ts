import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Pure tests change nothing outside themselves, so that they may share a worker: a fifth of the time. */
const pure = ['lib/domain/**/*.test.ts', 'test/law/**/*.test.ts'];

/** These start nothing that outlives a test, and keep nothing in a module that another file would find: they share workers too. */
const shared = ['lib/{app,adapters}', 'functions', 'local', 'cli', 'test/spine'].map(
  (folder) => `${folder}/**/*.test.ts`,
);

/** The slowest first, so that none of them is what is left at the end; whole stacks, which wait, beside what computes. */
const slowest = [
  'test/stack/demo.int',
  'test/spine/outage',
  'test/stack/kill.int',
  'sim/sim',
  'test/stack/cli.int',
  'test/infra/stack',
  'test/stack/promise.int',
  'test/stack/audit.int',
  'test/stack/mutants.int',
  'bench/run.int',
  'test/stack/',
  'sim/',
];

const report = process.env.REDRESS_TEST_REPORT;

/** The slowest, then what needs a worker of its own, then what shares one: it is kept only where the next file may have it. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      const found = slowest.findIndex((path) => moduleId.includes(`/${path}`));
      return found === -1 ? slowest.length + ['alone', 'shared', 'pure'].indexOf(project.name) : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/node-guard.ts'],
    /** Two for each core of the smallest machine: whole stacks wait for their clocks most of the time. */
    maxWorkers: 4,
    /** Most of what a test runs is run a few times: a tenth less with the compiler that takes no time. */
    execArgv: ['--always-sparkplug'],
    sequence: { sequencer: SlowestFirst },
    /** Nothing is timed by these: they end a test that hangs, and no other on a machine that is ten times as slow. */
    testTimeout: 300_000,
    hookTimeout: 300_000,
    /** `.ci/run` names a file here and counts what is in it. */
    ...(report === undefined ? {} : { reporters: ['default', ['json', { outputFile: report }]] }),
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['sim/**/*.test.ts', 'bench/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...pure, ...shared],
        },
      },
    ],
  },
});
