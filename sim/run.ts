import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  type Counted,
  count,
  engineNow,
  goOnWith,
  inOrder,
  keep,
  known,
  livedFiles,
  readLived,
  type Tally,
} from './lived.ts';
import { matrixLines } from './matrix.ts';
import { type ProfileName, profileNames } from './profiles.ts';
import { idle, places } from './reachable.ts';
import { runMany } from './run-many.ts';
import type { Report } from './run-worker.ts';
import { saboteurs } from './saboteurs/list.ts';
import { save } from './saved.ts';
import type { Shrunk } from './shrink.ts';

const help = `Runs lives of the engine in a simulated world and says which promise broke.

  npm run sim -- [--seeds N] [--seed FROM] [--profile NAME] [--sabotage NAME] [--shrink] [--save NAME] [--reached] [--nightly] [--go-on]

  --seeds N        how many seeds (100)
  --seed FROM      the first seed (0); with --seeds 1 it is a replay
  --profile NAME   one of ${profileNames.join(', ')}; all in turn where it is left out
  --sabotage NAME  with a planted bug, one of: ${saboteurs.map(({ name }) => name).join(', ')}

  --shrink         make the first life that breaks a promise as small as can be, and tell its story
  --save NAME      the same, and keep it in sim/saved-seeds.json, which npm test runs
  --nightly        10,000 seeds where --seeds names no other number; exit 1 also for a counter of such a case at zero
  --reached        say in how many lives each case of docs/failures.md was come to, exit 1 for one at zero (so does a run of 10,000);
                   and, without --go-on, how often each kind of fault struck each kind of call, and which never did
  --go-on          seeds 0 to N - 1, but for those that this same code has lived by --go-on before: what it comes to is kept in
                   sim/lived.json and docs/lived.md, also where it is stopped, and counted with what comes next

Whoever stops it by Ctrl-C is told what was found until then, and with which --seed and --seeds, or --go-on, to go on.

The last line is JSON: {"seeds", "violations", "reached", "seconds"}. Exit code 1 where a promise broke, 2 for wrong use, or where
somebody else wrote sim/lived.json meanwhile (what came since it was kept last is lost then), 130 where it was stopped and none broke.
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
  readonly goOn: boolean;
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
    'go-on': { type: 'boolean' },
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
  const goOn = values['go-on'] === true;
  const other = (['seed', 'profile', 'sabotage', 'save', 'shrink'] as const).find((name) => values[name] !== undefined);
  if (goOn && other !== undefined) wrongUse(`--go-on lives all profiles from the first seed on, not with --${other}`);
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
    goOn,
  };
}

const of = asked();
const begun = performance.now();
const stopped = new AbortController();
/** A directory of its own is for tests. */
const files = livedFiles(process.env.SIM_LIVED || undefined);
const engine = of.goOn ? await engineNow() : '';
/** What is found out, together with what was known. */
const tally: Tally = goOnWith(of.goOn ? kept() : [], engine);
const knownSeconds = tally.seconds;
const from = of.from + tally.seeds;
const until = of.from + of.seeds;
const cells = new Map<string, number>();
let lastLine = begun;
/** Whether any did, though it does not count before all lives before it were lived. */
let broke = false;
let told = false;
const ordered = inOrder<Counted>(from, (report) => of.goOn && count(tally, report));

/** Throws away nothing that it can't read: whoever asked is told. */
function kept() {
  try {
    return readLived(files);
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

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

function complain(report: Report): void {
  broke ||= !report.same || report.broken !== undefined;
  if (!report.same) print(`seed ${report.seed} in ${report.profile} did not repeat itself`);
  if (report.broken === undefined) return;
  const { promise, what, atMs } = report.broken;
  print(
    `BROKEN ${promise}: ${what}\n  after ${Math.round(atMs / 1000)} virtual seconds and ${report.struck.length} faults`,
  );
  print(
    `  replay: npm run sim -- --seed ${report.seed} --seeds 1 --profile ${report.profile}${of.sabotage ? ` --sabotage ${of.sabotage}` : ''}`,
  );
  if (report.shrunk === undefined || told) return;
  told = true;
  tell(report, report.shrunk);
}

const secondsNow = (): number => knownSeconds + (performance.now() - begun) / 1000;

/** How many of the lives in the file are known to be this run's, or were there when it began. */
let keptSeeds = tally.seeds;
let takenOver = false;

function keepIt(): void {
  const all = readLived(files);
  // Two runs of the same code live the same lives: what one of them keeps, the other would write over with less.
  takenOver ||= goOnWith(all, engine).seeds !== keptSeeds;
  if (takenOver) {
    stopped.abort();
    return;
  }
  tally.seconds = secondsNow();
  keptSeeds = tally.seeds;
  // Nothing is known of no life at all.
  if (tally.seeds > 0) keep(files, known(all, engine, new Date().toISOString().slice(0, 10), tally));
}

const say = (report: Report): void => {
  complain(report);
  for (const [name, times] of report.cells) cells.set(name, (cells.get(name) ?? 0) + times);
  const { seed, profile, broken, same } = report;
  // Not all of it: one worker may be far ahead of another one.
  ordered.heard({ seed, profile, broken, same, reached: report.reached });
  if (!of.goOn) count(tally, report);
  if (performance.now() - lastLine < 10_000) return;
  lastLine = performance.now();
  if (of.goOn) keepIt();
  print(`${tally.seeds} of ${of.seeds} seeds, ${tally.violations} violations`);
};

/** Answers how many cases nobody came to, and ways to them by night. */
function showReached(): number {
  const all = places(tally.reached);
  for (const { case: name, lives } of all) print(`${name.padEnd(5)} ${lives}`);
  // What struck which call is counted by one run, not kept.
  if (!of.goOn) for (const line of matrixLines(cells)) print(line);
  const never = of.nightly ? idle(tally.reached) : [];
  for (const counter of never) print(`nothing was counted as '${counter}'`);
  return all.filter(({ lives }) => lives === 0).length + never.length;
}

const left = Math.max(0, until - from);
const workers = Math.max(1, Math.min(availableParallelism(), left));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
print(
  left > 0 ? `seeds ${from} to ${until - 1}, ${workers} side by side` : `seeds ${of.from} to ${until - 1} were lived`,
);
const lived = tally.seeds;
for (const { seed, profile, promise } of tally.broken)
  print(`BROKEN before ${promise}: npm run sim -- --seed ${seed} --seeds 1 --profile ${profile}`);
await runMany({ ...of, from, seeds: left, workers, stopAtFirst: of.shrink, stop: stopped.signal }, say);
if (of.goOn) keepIt();
const seconds = Math.round(secondsNow() * 10) / 10;
const nowhere = of.reached ? showReached() : 0;
// Who was stopped has not been everywhere.
const empty = stopped.signal.aborted ? 0 : nowhere;
const table = Object.fromEntries([...tally.reached].sort(([a], [b]) => (a < b ? -1 : 1)));
const rest = of.goOn ? `--seeds ${of.seeds} --go-on` : `--seed ${ordered.next()} --seeds ${until - ordered.next()}`;
if (stopped.signal.aborted) print(`stopped: go on with ${rest}`);
const took = Math.max(seconds - knownSeconds, 0.1);
print(`${((tally.seeds - lived) / took / workers).toFixed(1)} lives a second and core`);
print(JSON.stringify({ seeds: tally.seeds, violations: tally.violations, reached: table, seconds }));
// Not `exit`: what was printed into a pipe may still be on its way.
process.exitCode = broke || tally.violations + empty > 0 ? 1 : takenOver ? 2 : stopped.signal.aborted ? 130 : 0;
if (takenOver)
  process.stderr.write(
    'Somebody else has written what lives came to, another run or git: this one has stopped, and adds nothing more.\n',
  );
