import { spawnSync } from 'node:child_process';
import { groups } from './groups.ts';

/**
 * `npm run mutation [-- group … [options of Stryker]]`: all groups one after the other, or those that are named. Exit code 1 where a group
 * is below the threshold. What was found out earlier about unchanged code and tests is taken from `.stryker/`; `--force` asks anew.
 */
const words = process.argv.slice(2);
const named = words.filter((word) => Object.hasOwn(groups, word));
const options = words.filter((word) => !named.includes(word));
const chosen = Object.entries(groups).filter(([group]) => named.length === 0 || named.includes(group));
const results = chosen.map(([group, { mutate, tests }]) => {
  const planted = [...mutate, '!**/*.test.ts', '!**/given.ts'].join(',');
  const files = ['--mutate', planted, '--incrementalFile', `.stryker/${group}.json`];
  const { status, error } = spawnSync('stryker', ['run', 'test/mutation/stryker.config.mjs', ...files, ...options], {
    stdio: 'inherit',
    // Read by `vitest.config.mjs`. With its own option for it, Stryker asks no test about a constant that is read when its file is loaded.
    env: { ...process.env, MUTATION_TESTS: tests.join(',') },
  });
  // A group that was never asked is none that is badly tested.
  if (error !== undefined) throw error;
  return { group, passed: status === 0 };
});
const failed = results.filter(({ passed }) => !passed).map(({ group }) => group);
process.stdout.write(
  failed.length === 0 ? 'every group is well tested\n' : `below the threshold: ${failed.join(', ')}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
