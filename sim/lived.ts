import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { places } from './reachable.ts';
import type { Report } from './run-worker.ts';

/** A life that broke a promise, or did not repeat itself. */
export interface BrokenLife {
  readonly seed: number;
  readonly profile: string;
  /** `same-again` where it did not repeat itself. */
  readonly promise: string;
}

/** What lives came to, all together. */
export interface Tally {
  seeds: number;
  /** Promises that broke, and lives that did not repeat themselves. */
  violations: number;
  seconds: number;
  /** Where: each can be replayed. */
  readonly broken: BrokenLife[];
  /** In how many lives each thing occurred. */
  readonly reached: Map<string, number>;
}

/** The lives of one engine in one world: seeds 0 to `seeds - 1`, all profiles in turn. */
export interface Lived extends Omit<Tally, 'reached' | 'broken'> {
  /** `engineNow` of its day. */
  readonly engine: string;
  /** When the last of them was lived, as `2026-11-28`. */
  readonly day: string;
  readonly broken: readonly BrokenLife[];
  readonly reached: Readonly<Record<string, number>>;
}

/** Where it is kept, and the document of it. */
export interface LivedFiles {
  readonly kept: URL;
  readonly document: URL;
}

/** Beside this file and in `docs/`, or in a directory of its own. */
export const livedFiles = (directory?: string): LivedFiles => {
  const there = directory === undefined ? new URL('.', import.meta.url) : pathToFileURL(`${directory}/`);
  const document = directory === undefined ? '../docs/lived.md' : 'lived.md';
  return { kept: new URL('lived.json', there), document: new URL(document, there) };
};

/** 64 hex digits over all the code that a life executes, packages too: comments and what only prints or tests count for nothing. */
export async function engineNow(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['sim/run-seed.ts'],
    // Names of files are part of what comes out: as seen from the project, wherever that and its packages lie.
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    preserveSymlinks: true,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    minifyWhitespace: true,
    logLevel: 'silent',
  });
  const hash = createHash('sha256');
  for (const { contents } of outputFiles) hash.update(contents);
  return hash.digest('hex');
}

/** The newest last; none where there is no file yet. Throws an error that names the file where it holds something else. */
export function readLived({ kept }: LivedFiles): readonly Lived[] {
  if (!existsSync(kept)) return [];
  try {
    return kinds.parse(JSON.parse(readFileSync(kept, 'utf8')));
  } catch (error) {
    throw new Error(`${fileURLToPath(kept)} is not what --go-on writes: put it back from git, or remove it.`, {
      cause: error,
    });
  }
}

const whole = z.number().int().nonnegative();
const kinds = z.array(
  z.strictObject({
    engine: z.string().regex(/^[0-9a-f]{64}$/),
    day: z.iso.date(),
    seeds: whole,
    violations: whole,
    seconds: z.number(),
    broken: z.array(z.strictObject({ seed: whole, profile: z.string(), promise: z.string() })),
    reached: z.record(z.string(), whole),
  }),
);

/** What was lived by this engine so far, to be counted on. */
export function goOnWith(all: readonly Lived[], engine: string): Tally {
  const before = all.find((one) => one.engine === engine);
  const { seeds = 0, violations = 0, seconds = 0, broken = [], reached = {} } = before ?? {};
  return { seeds, violations, seconds, broken: [...broken], reached: new Map(Object.entries(reached)) };
}

/** All that is known, with what is known now of this engine in the place of what was. */
export function known(all: readonly Lived[], engine: string, day: string, tally: Tally): readonly Lived[] {
  const { seeds, violations, broken, reached } = tally;
  const seconds = Math.round(tally.seconds);
  const sorted = [...reached].sort(([a], [b]) => (a < b ? -1 : 1));
  const now = { engine, day, seeds, violations, seconds, broken, reached: Object.fromEntries(sorted) };
  return [...all.filter((one) => one.engine !== engine), now];
}

/** Keeps it, and writes the document. Whoever is killed meanwhile leaves what was kept before. */
export function keep({ kept, document }: LivedFiles, all: readonly Lived[]): void {
  const next = `${fileURLToPath(kept)}.next`;
  writeFileSync(next, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(next, kept);
  writeFileSync(document, documentOf(all));
}

/** What of a life is counted. */
export type Counted = Pick<Report, 'seed' | 'profile' | 'broken' | 'same' | 'reached'>;

/** Adds one life. */
export function count(tally: Tally, { seed, profile, broken, same, reached }: Counted): void {
  tally.seeds += 1;
  for (const name of reached) tally.reached.set(name, (tally.reached.get(name) ?? 0) + 1);
  if (same && broken === undefined) return;
  tally.violations += 1;
  tally.broken.push({ seed, profile, promise: broken?.promise ?? 'same-again' });
}

/** Lives come from several workers. What is kept has no gap: one counts (`then`) once all before it have been lived. */
export function inOrder<R extends { readonly seed: number }>(first: number, then: (report: R) => void) {
  const ahead = new Map<number, R>();
  let next = first;
  return {
    heard(report: R): void {
      ahead.set(report.seed, report);
      for (let one = ahead.get(next); one !== undefined; one = ahead.get(next)) {
        ahead.delete(next);
        next += 1;
        then(one);
      }
    },
    /** The first seed that was not lived yet. */
    next: () => next,
  };
}

const number = (of: number): string => of.toLocaleString('en');

/** `docs/lived.md`. */
export function documentOf(all: readonly Lived[]): string {
  const rows = [...all].reverse().map(({ engine, day, seeds, violations, broken, seconds }) => {
    const where = broken.map(({ seed, profile, promise }) => `; ${seed} in ${profile}: \`${promise}\``).join('');
    const minutes = number(Math.round(seconds / 60));
    return `| \`${engine.slice(0, 16)}\` | ${day} | 0 to ${number(seeds - 1)} | ${violations}${where} | ${minutes} |`;
  });
  const most = all.reduce((best, one) => (best !== undefined && best.seeds > one.seeds ? best : one), all[0]);
  const cases = places(new Map(Object.entries(most?.reached ?? {}))).map(
    ({ case: name, lives }) => `| ${name} | ${number(lives)} |`,
  );
  return `# Lives that were lived

By \`npm run sim -- --seeds 100000 --go-on\`, which can be stopped at any time and goes on where it was, as long as the code is the same:
[the simulation](../sim/README.md), all its profiles in turn, seed after seed. One row per engine, by a digest of all the code that a life
executes, the simulated world's too; the newest first. This file is written by that command, and \`npm test\` checks that it says what
\`sim/lived.json\` holds. What broke, and what was done, is in [found-by-simulation.md](found-by-simulation.md).

| engine | until | seeds | lives that broke a promise | minutes |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

In how many lives of the row with the most of them each case of [failures.md](failures.md) was come to:

| case | lives |
| --- | --- |
${cases.join('\n')}
`;
}
