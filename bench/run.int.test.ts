import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import type { Row } from './row.ts';

const folder = mkdtempSync(join(tmpdir(), 'redress-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['bench/run.ts', ...args], { cwd: join(import.meta.dirname, '..') });

it('a smoke run gives whole rows, and what we are compared with makes the calls it should', async () => {
  const results = join(folder, 'results.json');
  await run('--quick', '--only', 'calls,cpu', '--results', results);
  const rows = JSON.parse(readFileSync(results, 'utf8')) as Row[];
  for (const one of rows)
    expect(Object.keys(one)).toEqual(['name', 'value', 'unit', 'n', 'against', 'ratio', 'goal', 'holds']);
  const value = (name: string) => rows.find((one) => one.name === name)?.value;
  expect({ first: value('calls.first'), duplicate: value('calls.duplicate') }).toEqual({ first: 1, duplicate: 1 });
  expect({ first: value('calls.baseline-first'), duplicate: value('calls.baseline-duplicate') }).toEqual({
    first: 4,
    duplicate: 1,
  });
  expect(rows.filter(({ name }) => name.startsWith('cpu.'))).toHaveLength(6);
});

it('one whole life in the usual design costs the calls and units that its code says, and ours is priced beside it', async () => {
  const results = join(folder, 'cost.json');
  await run('--quick', '--only', 'cost', '--results', results);
  const rows = JSON.parse(readFileSync(results, 'utf8')) as Row[];
  const value = (name: string) => rows.find((one) => one.name === `cost.${name}`)?.value;
  // Five messages: sent, received, deleted. Two requests of KMS: sealed when captured, opened when executed.
  expect({ queue: value('baseline-queue'), kms: value('baseline-kms'), http: value('baseline-http') }).toEqual({
    queue: 15,
    kms: 2,
    http: 4,
  });
  // Six idempotency records, put and updated; transactions of 2, 2, 3, 2, 2, 1 and 2 items, twice each; the index
  // takes one for the refund and two for each of its four later states.
  expect(value('baseline-writes')).toBe(49);
  expect(value('million')).toBeGreaterThan(0);
});

it('a measure that does not exist is named, with those that do', async () => {
  await expect(run('--only', 'calls,speed')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no measure "speed"[\s\S]*calls, units/),
  });
});
