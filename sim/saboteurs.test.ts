import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { profileNames } from './profiles.ts';
import { promises } from './promises.ts';
import { runMany } from './run-many.ts';
import type { Report } from './run-worker.ts';
import { saboteurs } from './saboteurs/list.ts';
import { patched } from './saboteurs/plant.ts';

/** Lives that take long to go wrong; the others are enough to have each promise broken once. All of them with `SIM_ALL=1`. */
const slow = new Set(['no-over-refund-guard', 'one-proof-is-enough', 'silence-is-absence', 'retries-by-itself']);
const soon = saboteurs.filter(({ name }) => process.env.SIM_ALL === '1' || !slow.has(name));

describe('a saboteur', () => {
  it.each(saboteurs)('$name finds its place in the engine', ({ patches, profile, breaks }) => {
    for (const patch of patches) {
      const source = readFileSync(new URL(`../${patch[0]}`, import.meta.url), 'utf8');
      expect(patched(source, patch)).not.toBe(source);
    }
    expect(profileNames).toContain(profile);
    const known = new Set([...promises.map(({ name }) => name), 'never-throws', 'comes-to-rest']);
    expect(breaks.filter((name) => !known.has(name))).toEqual([]);
  });

  // Each in a thread of its own: a planted bug must not be in the modules of another test.
  it.concurrent.each(soon)(
    '$name, who $does, is caught',
    async ({ name, profile, seed, breaks }) => {
      const reports: Report[] = [];
      const of = { from: seed, seeds: 1, profiles: [profile], sabotage: name, workers: 1, stopAtFirst: true } as const;
      await runMany(of, (report) => reports.push(report));
      expect(breaks).toContain(reports[0]?.broken?.promise);
    },
    60_000,
  );

  it('leaves a life that can be made small, and still breaks the same promise', async () => {
    const reports: Report[] = [];
    const of = { from: 3, seeds: 1, profiles: ['narrow-window'], sabotage: 'new-key-each-time', workers: 1 } as const;
    await runMany({ ...of, stopAtFirst: true, shrink: true }, (report) => reports.push(report));
    const { broken, shrunk, struck } = reports[0] ?? {};
    expect(shrunk?.broken.promise).toBe(broken?.promise);
    expect(struck?.length).toBeGreaterThan(20);
    expect(shrunk?.faults.length).toBeLessThan(4);
    expect(shrunk?.deeds.length).toBeLessThan(4);
    expect(shrunk?.story.map(({ what }) => what).join()).toContain('leg.sending');
  }, 60_000);

  it('in a place that is gone, or that there are two of, is an error', () => {
    expect(() => patched('a b', ['x.ts', 'c', 'd'])).toThrow('no more');
    expect(() => patched('b b', ['x.ts', 'b', 'd'])).toThrow('two places');
  });
});

it('has somebody against each promise', () => {
  const guarded = new Set(saboteurs.flatMap(({ breaks }) => breaks));
  expect(promises.map(({ name }) => name).filter((name) => !guarded.has(name))).toEqual(['bounded']);
});
