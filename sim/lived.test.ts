import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { count, documentOf, engineNow, goOnWith, inOrder, known, livedFiles, readLived } from './lived.ts';

const life = (...reached: string[]) => ({ seed: 7, profile: 'calm', broken: undefined, same: true, reached });

it('counts lives on where they were stopped, and keeps those of another engine', () => {
  const other = {
    engine: 'other',
    day: '2026-01-02',
    seeds: 3,
    violations: 0,
    seconds: 9,
    broken: [],
    reached: { repeat: 3 },
  };
  const first = goOnWith([other], 'this');
  expect(first).toEqual({ seeds: 0, violations: 0, seconds: 0, broken: [], reached: new Map() });
  for (const one of [life('repeat', 'cancel'), life('repeat')]) count(first, one);
  first.seconds = 4.4;
  const stopped = known([other], 'this', '2026-01-03', first);
  expect(stopped.map(({ engine, seeds }) => [engine, seeds])).toEqual([
    ['other', 3],
    ['this', 2],
  ]);

  const again = goOnWith(stopped, 'this');
  count(again, life('repeat'));
  expect(known(stopped, 'this', '2026-01-04', again)).toEqual([
    other,
    {
      engine: 'this',
      day: '2026-01-04',
      seeds: 3,
      violations: 0,
      seconds: 4,
      broken: [],
      reached: { cancel: 1, repeat: 3 },
    },
  ]);
});

it('counts a broken promise, and a life that did not repeat itself', () => {
  const tally = goOnWith([], 'this');
  count(tally, { ...life('repeat'), broken: { promise: 'bounded', what: 'for ever', atMs: 1 } });
  count(tally, { ...life(), same: false });
  count(tally, life());
  expect(tally).toMatchObject({ seeds: 3, violations: 2, reached: new Map([['repeat', 1]]) });
  expect(tally.broken).toEqual([
    { seed: 7, profile: 'calm', promise: 'bounded' },
    { seed: 7, profile: 'calm', promise: 'same-again' },
  ]);
  const [one] = known([], 'this', '2026-01-03', tally);
  expect(documentOf([one!])).toContain('| 2; 7 in calm: `bounded`; 7 in calm: `same-again` |');
  expect(goOnWith([one!], 'this').broken).toEqual(tally.broken);
});

it('keeps no life while one before it is being lived', () => {
  const heard: number[] = [];
  const { heard: hear, next } = inOrder<{ seed: number }>(5, ({ seed }) => heard.push(seed));
  for (const seed of [6, 8]) hear({ seed });
  expect([heard, next()]).toEqual([[], 5]);
  hear({ seed: 5 });
  expect([heard, next()]).toEqual([[5, 6], 7]);
  hear({ seed: 7 });
  expect([heard, next()]).toEqual([[5, 6, 7, 8], 9]);
});

it('says in its document what is kept, the newest first, and what the most lives came to', () => {
  const files = livedFiles();
  expect(readFileSync(files.document, 'utf8')).toBe(documentOf(readLived(files)));
  const of = (engine: string, seeds: number) =>
    ({
      engine,
      day: '2026-01-02',
      seeds,
      violations: 2,
      seconds: 5400,
      broken: [],
      reached: { repeat: seeds },
    }) as const;
  const text = documentOf([of('a'.repeat(64), 4000), of('b'.repeat(64), 12)]);
  expect(text).toMatch(
    /`b{16}` \| 2026-01-02 \| 0 to 11 \| 2 \| 90 \|\n\| `a{16}` \| 2026-01-02 \| 0 to 3,999 \| 2 \| 90 \|/,
  );
  expect(text).toContain('| F3 | 4,000 |');
  expect(text).toContain('| F30 | 0 |');
});

/** A directory that is gone after the test, and what is kept there. */
function ofItsOwn(afterwards: (remove: () => void) => void) {
  const directory = mkdtempSync(join(tmpdir(), 'redress-lived-'));
  afterwards(() => rmSync(directory, { recursive: true }));
  return { directory, files: livedFiles(directory) };
}

it('writes nothing over what another run has kept since', async ({ onTestFinished }) => {
  const { directory, files } = ofItsOwn(onTestFinished);
  const empty = { violations: 0, seconds: 1, broken: [], reached: new Map() };
  const engine = await engineNow();
  const lived = (seeds: number) => JSON.stringify(known([], engine, '2026-01-02', { ...empty, seeds }));
  writeFileSync(files.kept, lived(2));
  const run = spawn(process.execPath, ['run.ts', '--go-on', '--seeds', '3'], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SIM_LIVED: directory },
  });
  let said = '';
  run.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  run.stdout.once('data', () => writeFileSync(files.kept, lived(50)));
  run.stdout.resume();
  expect(await new Promise((resolve) => run.on('close', resolve))).toBe(2);
  expect(said).toContain('Somebody else has written what lives came to');
  expect(readLived(files)).toMatchObject([{ engine, seeds: 50 }]);
}, 60_000);

it('goes on by the command, with what this same code has not lived yet', async ({ onTestFinished }) => {
  const { directory, files } = ofItsOwn(onTestFinished);
  const before = known([], await engineNow(), '2026-01-02', {
    seeds: 2,
    violations: 0,
    seconds: 1,
    broken: [],
    reached: new Map(),
  });
  writeFileSync(files.kept, JSON.stringify(before));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['run.ts', '--go-on', ...args], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: { ...process.env, SIM_LIVED: directory },
    });
  const { stdout, status } = run('--seeds', '3');
  expect(stdout).toContain('seeds 2 to 2,');
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ seeds: 3, violations: 0 });
  expect(status).toBe(0);
  expect(readLived(files)).toMatchObject([{ engine: before[0]?.engine, seeds: 3, violations: 0 }]);
  expect(readFileSync(files.document, 'utf8')).toContain('| 0 to 2 | 0 |');
  writeFileSync(files.kept, '[{"seeds": "3"}]');
  const wrong = run('--seeds', '4');
  expect([wrong.status, wrong.stderr.split('\n')[0]]).toEqual([
    2,
    `${fileURLToPath(files.kept)} is not what --go-on writes: put it back from git, or remove it.`,
  ]);
}, 60_000);
