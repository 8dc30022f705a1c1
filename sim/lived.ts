import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { places } from './reachable.ts';
import type { Report } from './run-worker.ts';

/** What lives came to, all together. */
export interface Tally {
  seeds: number;
  /** Promises that broke, and lives that did not repeat themselves. */
  violations: number;
  seconds: number;
  /** In how many lives each thing occurred. */
  readonly reached: Map<string, number>;
}

/** The lives of one engine in one world: seeds 0 to `seeds - 1`, all profiles in turn. */
export interface Lived extends Omit<Tally, 'reached'> {
  /** `engineNow` of its day. */
  readonly engine: string;
  /** When the last of them was lived, as `2026-11-28`. */
  readonly day: string;
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

/** The newest last; none where there is no file yet. */
export const readLived = ({ kept }: LivedFiles): readonly Lived[] =>
  existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as readonly Lived[]) : [];

/** What was lived by this engine so far, to be counted on. */
export function goOnWith(all: readonly Lived[], engine: string): Tally {
  const { seeds = 0, violations = 0, seconds = 0, reached = {} } = all.find((one) => one.engine === engine) ?? {};
  return { seeds, violations, seconds, reached: new Map(Object.entries(reached)) };
}

/** All that is known, with what is known now of this engine in the place of what was. */
export function known(all: readonly Lived[], engine: string, day: string, tally: Tally): readonly Lived[] {
  const { seeds, violations, seconds, reached } = tally;
  const sorted = [...reached].sort(([a], [b]) => (a < b ? -1 : 1));
  const now = { engine, day, seeds, violations, seconds: Math.round(seconds), reached: Object.fromEntries(sorted) };
  return [...all.filter((one) => one.engine !== engine), now];
}

/** Keeps it, and writes the document. */
export function keep({ kept, document }: LivedFiles, all: readonly Lived[]): void {
  writeFileSync(kept, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(document, documentOf(all));
}

/** What of a life is counted. */
export type Counted = Pick<Report, 'seed' | 'broken' | 'same' | 'reached'>;

/** Adds one life. */
export function count(tally: Tally, { broken, same, reached }: Omit<Counted, 'seed'>): void {
  tally.seeds += 1;
  for (const name of reached) tally.reached.set(name, (tally.reached.get(name) ?? 0) + 1);
  if (!same || broken !== undefined) tally.violations += 1;
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
  const rows = [...all].reverse().map(({ engine, day, seeds, violations, seconds }) => {
    const hours = (seconds / 3600).toFixed(1);
    return `| \`${engine.slice(0, 16)}\` | ${day} | 0 to ${number(seeds - 1)} | ${violations} | ${hours} |`;
  });
  const newest = new Map(Object.entries(all.at(-1)?.reached ?? {}));
  const cases = places(newest).map(({ case: name, lives }) => `| ${name} | ${number(lives)} |`);
  return `# Lives that were lived

By \`npm run sim -- --seeds 100000 --go-on\`, which can be stopped at any time and goes on where it was, as long as the code is the same:
[the simulation](../sim/README.md), all its profiles in turn, seed after seed. One row per engine, by a digest of all the code that a life
executes, the simulated world's too; the newest first. This file is written by that command, and \`npm test\` checks that it says what
\`sim/lived.json\` holds. What broke, and what was done, is in [found-by-simulation.md](found-by-simulation.md).

| engine | until | seeds | broken promises | hours |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

In how many lives of the newest row each case of [failures.md](failures.md) was come to:

| case | lives |
| --- | --- |
${cases.join('\n')}
`;
}
