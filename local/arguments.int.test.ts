import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = (args: readonly string[], env = process.env) =>
  promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..'), env });

it.each(['abc', '65536', '-1', '1e3', '0x10'])('npm start takes no PORT %j, and starts nothing', async (port) => {
  const env = { ...process.env, PORT: port, REDRESS_DATA: mkdtempSync(join(tmpdir(), 'redress-port-')) };
  const failed = await run(['local/start.ts'], env).catch((error: { code: number; stderr: string }) => error);
  rmSync(env.REDRESS_DATA, { recursive: true });
  expect(failed).toMatchObject({ code: 1, stderr: 'PORT must be a number from 0 to 65535.\n' });
});

it.each([
  [['local/start.ts', '--bogus'], "Unknown option '--bogus'", 'npm start --'],
  [['local/demo.ts', '--story', 'rosy'], 'There is no story "rosy"', 'plain, five-times'],
  [['bench/run.ts', '--bogus'], "Unknown option '--bogus'", 'npm run bench --'],
])('%j starts nothing, prints the usage and exits 2', async (args, sentence, usage) => {
  const failed = await run(args).catch((error: { code: number; stdout: string; stderr: string }) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toContain(sentence);
  expect(failed.stderr).toContain(usage);
  expect(failed.stderr).not.toMatch(/^\s+at /m);
});
