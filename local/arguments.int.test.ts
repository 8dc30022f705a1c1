import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..') });

it.each([
  [['local/start.ts', '--bogus'], "Unknown option '--bogus'", 'npm start --'],
  [['local/demo.ts', '--story', 'rosy'], 'There is no story "rosy"', 'plain, five-times'],
  [['bench/run.ts', '--bogus'], "Unknown option '--bogus'", 'npm run bench --'],
])('%j starts nothing, prints the usage and exits 2', async (args, sentence, usage) => {
  const failed = await run(...args).catch((error: { code: number; stdout: string; stderr: string }) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toContain(sentence);
  expect(failed.stderr).toContain(usage);
  expect(failed.stderr).not.toMatch(/^\s+at /m);
});
