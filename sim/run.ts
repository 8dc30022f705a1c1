import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { matrixLines } from './matrix.ts';
import { type ProfileName, profileNames } from './profiles.ts';
import { idle, places } from './reachable.ts';
import { runMany } from './run-many.ts';
import type { Report } from './run-worker.ts';
import { saboteurs } from './saboteurs/list.ts';
import { save } from './saved.ts';
import type { Shrunk } from './shrink.ts';

const help = `Runs lives of the engine in a simulated world and says which promise broke.

  npm run sim -- [--seeds N] [--seed FROM] [--profile NAME] [--sabotage NAME] [--shrink] [--save NAME] [--reached] [--nightly]

  --seeds N        how many seeds (100)
  --seed FROM      the first seed (0); with --seeds 1 it is a replay
  --profile NAME   one of ${profileNames.join(', ')}; all in turn where it is left out
  --sabotage NAME  with a planted bug, one of: ${saboteurs.map(({ name }) => name).join(', ')}

  --shrink         make the first life that breaks a promise as small as can be, and tell its story
  --save NAME      the same, and keep it in sim/saved-seeds.json, which npm test runs
  --nightly        10,000 seeds where --seeds names no other number; exit 1 also for a counter of such a case at zero
  --reached        say in how many lives each case of docs/failures.md was come to, exit 1 for one at zero (so does a run of 10,000);
                   and how often each kind of fault struck each kind of call, and which never did

Whoever stops it by Ctrl-C is told what was found until then, and with which --seed and --seeds to go on.

The last line is JSON: {"seeds", "violations", "reached", "seconds"}. Exit code 1 where a promise broke, 2 for wrong use, 130 where it was
stopped and none broke.
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface Asked {
  readonly seeds: number;
  readonly from: number;
  readonly profiles: readonly ProfileName[];
  readonly sabotage?: string;
  readonly shrink: boolean;
  readonly save?: string;
  readonly reached: boolean;
  readonly nightly: boolean;
}

function wrongUse(problem: string): never {
  process.stderr.write(`${problem}\n\n${help}\n`);
  process.exit(2);
}

function asked(): Asked {
  const options = {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
    sabotage: { type: 'string' },
    shrink: { type: 'boolean' },
    save: { type: 'string' },
    reached: { type: 'boolean' },
    nightly: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ options }).values;
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
  if (values.help) {
    print(help);
    process.exit(0);
  }
  const whole = (text: string | undefined, usual: number, name: string) =>
    text === undefined
      ? usual
      : /^\d{1,9}$/.test(text)
        ? Number(text)
        : wrongUse(`--${name} takes a whole number, not ${text}`);
  const profiles = values.profile === undefined ? profileNames : profileNames.filter((name) => name === values.profile);
  if (profiles.length === 0) wrongUse(`there is no profile ${values.profile}`);
  if (values.sabotage !== undefined && !saboteurs.some(({ name }) => name === values.sabotage))
    wrongUse(`there is no saboteur ${values.sabotage}`);
  if (values.save !== undefined && values.sabotage !== undefined)
    wrongUse('--save keeps lives that the engine itself broke; with a planted bug there is nothing to keep');
  const nightly = values.nightly === true;
  const seeds = whole(values.seeds, nightly ? 10_000 : 100, 'seeds');
  return {
    seeds,
    from: whole(values.seed, 0, 'seed'),
    profiles,
    ...(values.sabotage !== undefined && { sabotage: values.sabotage }),
    shrink: values.shrink === true || values.save !== undefined,
    ...(values.save !== undefined && { save: values.save }),
    reached: values.reached === true || nightly || seeds >= 10_000,
    nightly,
  };
}

const of = asked();
const begun = performance.now();
const reached = new Map<string, number>();
const cells = new Map<string, number>();
let [done, violations, unlike, lastLine] = [0, 0, 0, begun];
/** Lived, but for some before it that another worker is at. */
const ahead = new Set<number>();
let next = of.from;

const clock = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : 'at the end');

/** The smallest life that was found, and what happened in it. */
function tell({ seed, profile }: Report, shrunk: Shrunk): void {
  const { faults, deeds, was, lives, story, broken } = shrunk;
  print(`  shrunk ${was.faults} faults -> ${faults.length}, ${was.deeds} deeds -> ${deeds.length}, in ${lives} lives`);
  for (const name of [...deeds, ...faults]) print(`    ${name}`);
  for (const { atMs, what } of story.slice(0, 80)) print(`    ${clock(atMs)}  ${what}`);
  if (of.save === undefined) return;
  save({ name: of.save, profile: profile as ProfileName, seed: String(seed), broke: broken.promise, faults, deeds });
  print(`  saved as ${of.save}`);
}

const say = (report: Report): void => {
  done += 1;
  for (ahead.add(report.seed); ahead.delete(next); ) next += 1;
  for (const name of report.reached) reached.set(name, (reached.get(name) ?? 0) + 1);
  for (const [name, count] of report.cells) cells.set(name, (cells.get(name) ?? 0) + count);
  if (!report.same) {
    unlike += 1;
    print(`seed ${report.seed} in ${report.profile} did not repeat itself`);
  }
  if (report.broken !== undefined) {
    violations += 1;
    const { promise, what, atMs } = report.broken;
    print(
      `BROKEN ${promise}: ${what}\n  after ${Math.round(atMs / 1000)} virtual seconds and ${report.struck.length} faults`,
    );
    print(
      `  replay: npm run sim -- --seed ${report.seed} --seeds 1 --profile ${report.profile}${of.sabotage ? ` --sabotage ${of.sabotage}` : ''}`,
    );
    if (report.shrunk !== undefined && violations === 1) tell(report, report.shrunk);
  }
  if (performance.now() - lastLine > 10_000) {
    lastLine = performance.now();
    print(`${done} of ${of.seeds} seeds, ${violations} violations`);
  }
};

/** Answers how many cases nobody came to, and ways to them by night. */
function showReached(): number {
  const all = places(reached);
  for (const { case: name, lives } of all) print(`${name.padEnd(5)} ${lives}`);
  for (const line of matrixLines(cells)) print(line);
  const never = of.nightly ? idle(reached) : [];
  for (const counter of never) print(`nothing was counted as '${counter}'`);
  return all.filter(({ lives }) => lives === 0).length + never.length;
}

const workers = Math.max(1, Math.min(availableParallelism(), of.seeds));
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
print(`seeds ${of.from} to ${of.from + of.seeds - 1}, ${workers} side by side`);
await runMany({ ...of, workers, stopAtFirst: of.shrink, stop: stopped.signal }, say);
const seconds = Math.round((performance.now() - begun) / 100) / 10;
const nowhere = of.reached ? showReached() : 0;
// Who was stopped has not been everywhere.
const empty = stopped.signal.aborted ? 0 : nowhere;
const table = Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
if (stopped.signal.aborted) print(`stopped: go on with --seed ${next} --seeds ${of.from + of.seeds - next}`);
print(`${(done / Math.max(seconds, 0.1) / workers).toFixed(1)} lives a second and core`);
print(JSON.stringify({ seeds: done, violations: violations + unlike, reached: table, seconds }));
// Not `exit`: what was printed into a pipe may still be on its way.
process.exitCode = violations + unlike + empty > 0 ? 1 : stopped.signal.aborted ? 130 : 0;
