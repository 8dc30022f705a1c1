import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { profileNames } from './profiles.ts';
import { promises } from './promises.ts';
import { runMany } from './run-many.ts';
import type { Report } from './run-worker.ts';
import { documentFile, documentOf, type Measured, measuredFile } from './saboteurs/document.ts';
import { saboteurs } from './saboteurs/list.ts';
import { patched } from './saboteurs/plant.ts';

/** Lives that take long to go wrong. */
const slow = new Set([
  'no-over-refund-guard',
  'one-proof-is-enough',
  'silence-is-absence',
  'retries-by-itself',
  'refused-keeps-the-place',
  'waiting-is-not-due',
  'one-key-for-all-epochs',
  'never-looks-again',
  'same-key-after-failure',
]);
const quick = saboteurs.filter(({ name }) => !slow.has(name));
/** Promises whose first quick saboteur takes seconds: hand-made histories break them too (`promises.test.ts`). */
const withoutOneNow: ReadonlySet<string> = new Set([
  'same-key-in-its-window',
  'told-once',
  'bounded',
  'shop-is-served',
  'right-when-allowed',
  'bank-agrees',
  'never-more-than-captured',
  'one-at-a-time',
  'strangers-counted',
  'truth-agrees',
  'books-agree',
  'forgotten-keys-rest',
  'paid-once-per-return',
  'restores-end',
]);
/** Against each other promise the first that is quick; the rest with `SIM_ALL=1`. */
const soon =
  process.env.SIM_ALL === '1'
    ? saboteurs
    : quick.filter(
        (one) => !withoutOneNow.has(one.breaks) && quick.find(({ breaks }) => breaks === one.breaks) === one,
      );

describe('a saboteur', () => {
  it.each(saboteurs)('$name finds its place in the engine', ({ patches, profile, breaks }) => {
    const sources = new Map<string, string>();
    for (const patch of patches) {
      const source = sources.get(patch[0]) ?? readFileSync(new URL(`../${patch[0]}`, import.meta.url), 'utf8');
      sources.set(patch[0], patched(source, patch));
      expect(sources.get(patch[0])).not.toBe(source);
    }
    expect(profileNames).toContain(profile);
    // An exception is no promise: whoever only throws is seen by anybody.
    expect(promises.map(({ name }) => name)).toContain(breaks);
  });

  // Each in a thread of its own: a planted bug must not be in the modules of another test.
  it.concurrent.each(soon)(
    '$name, who $does, is caught',
    async ({ name, profile, seed, breaks }) => {
      const reports: Report[] = [];
      const of = { from: seed, seeds: 1, profiles: [profile], sabotage: name, workers: 1, stopAtFirst: true } as const;
      await runMany(of, (report) => reports.push(report));
      expect(reports[0]?.broken?.promise).toBe(breaks);
    },
    process.env.SIM_ALL === '1' ? 300_000 : 60_000,
  );

  it('leaves a life that can be made small, and still breaks the same promise', async () => {
    const reports: Report[] = [];
    const of = { from: 59, seeds: 1, profiles: ['narrow-window'], sabotage: 'new-key-each-time', workers: 1 } as const;
    await runMany({ ...of, stopAtFirst: true, shrink: true }, (report) => reports.push(report));
    const { broken, shrunk, struck } = reports[0] ?? {};
    expect(shrunk?.broken.promise).toBe(broken?.promise);
    expect(struck?.length).toBeGreaterThan(20);
    expect(shrunk?.faults.length).toBeLessThan(4);
    expect(shrunk?.deeds.length).toBeLessThan(4);
    expect(shrunk?.story.map(({ what }) => what).join()).toContain('leg.sending');
  });

  it('that breaks one life in a hundred is seen in a few lives that are known to hold it', async () => {
    const reports: Report[] = [];
    const of = { from: 21, seeds: 4, profiles: ['calm'], sabotage: 'canary', workers: 1, stopAtFirst: false } as const;
    await runMany(of, (report) => reports.push(report));
    expect(reports.map(({ seed, broken }) => [seed, broken?.promise])).toEqual([
      [21, undefined],
      [22, undefined],
      [23, 'asked-as-approved'],
      [24, undefined],
    ]);
    const measured = JSON.parse(readFileSync(measuredFile, 'utf8')) as Record<string, Measured>;
    const { caught = 0, lives = 0 } = measured.canary?.share ?? {};
    expect(lives).toBeGreaterThanOrEqual(1000);
    expect(caught / lives).toBeGreaterThan(0.003);
    expect(caught / lives).toBeLessThan(0.03);
  });

  it('in a place that is gone, or that there are two of, is an error', () => {
    expect(() => patched('a b', ['x.ts', 'c', 'd'])).toThrow('no more');
    expect(() => patched('b b', ['x.ts', 'b', 'd'])).toThrow('two places');
  });
});

it('has somebody against each promise', () => {
  const guarded = new Set(saboteurs.map(({ breaks }) => breaks));
  expect(promises.map(({ name }) => name).filter((name) => !guarded.has(name))).toEqual([]);
  const now = new Set([...soon.map(({ breaks }) => breaks), ...withoutOneNow]);
  expect([...guarded].filter((name) => !now.has(name))).toEqual([]);
});

describe('the document of the saboteurs', () => {
  const rows = readFileSync(documentFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));

  it('lists each of them with the promise that catches it, and nobody else', () => {
    const listed = rows.map((row) =>
      /^\| `([^`]+)` \| .* \| ([a-z-]+) \| `([^`]+)`[^|]* \| [^|]+ \|$/.exec(row)?.slice(1),
    );
    expect(listed).toEqual(saboteurs.map(({ name, profile, breaks }) => [name, profile, breaks]));
  });

  it('says nothing that was measured of another bug, or in another profile', () => {
    const measured = JSON.parse(readFileSync(measuredFile, 'utf8')) as Record<string, Measured>;
    expect(readFileSync(documentFile, 'utf8')).toBe(documentOf(saboteurs, measured));
    const profiles = new Map(saboteurs.map(({ name, profile }) => [name, profile]));
    for (const [name, { profile }] of Object.entries(measured))
      expect([name, profile]).toEqual([name, profiles.get(name)]);
  });
});
