import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Hunt, Hunted } from './catch-worker.ts';
import type { ProfileName } from './profiles.ts';
import { documentFile, documentOf, type Measured, measuredFile } from './saboteurs/document.ts';
import { saboteurs } from './saboteurs/list.ts';
import type { Saboteur } from './saboteurs/plant.ts';

const help = `Measures how many lives it takes until each saboteur is caught, and writes docs/saboteurs.md.

  nice -n 10 npm run sim:saboteurs -- [--again] [--only NAME] [--minutes N]

  --again      measures anew what is measured already
  --only NAME  one saboteur, anew
  --minutes N  starts no other saboteur after that (15); what is measured is kept, and the next run goes on from there
`;

/** Lives are counted from each of these seeds: the median of them is not moved by one lucky one. */
const starts = [0, 1000, 2000, 3000, 4000] as const;
const mostLives = 1000;
const canaryLives = 1000;
/** No saboteur is hunted for longer than this in all; most are caught within seconds. */
const mostMs = { bug: 1_200_000, canary: 900_000 };

const { values } = parseArgs({
  options: {
    again: { type: 'boolean' },
    only: { type: 'string' },
    minutes: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const measured = JSON.parse(readFileSync(measuredFile, 'utf8')) as Record<string, Measured>;
const end = performance.now() + Number(values.minutes ?? 15) * 60_000;

/** All lives of one hunt, or as many as there is time for. */
function hunted(hunt: Hunt, limitMs: number): Promise<Hunted[]> {
  const heard: Hunted[] = [];
  const worker = new Worker(new URL('./catch-worker.ts', import.meta.url), { workerData: hunt });
  const tooLong = setTimeout(() => worker.terminate(), limitMs);
  return new Promise((resolve, reject) => {
    worker.on('message', (one: Hunted) => heard.push(one));
    worker.on('error', reject);
    worker.on('exit', () => {
      clearTimeout(tooLong);
      resolve(heard);
    });
  });
}

async function measure({ name, profile, canary }: Saboteur): Promise<Measured> {
  if (canary === true) return measureShare(name, profile);
  const lives = await hunted({ sabotage: name, profile, starts, mostLives }, mostMs.bug);
  const hunts = starts.map((start) => lives.filter((life) => life.start === start));
  const ends = hunts.filter((own) => own.at(-1)?.caught === true);
  const away = hunts.filter((own) => own.length === mostLives && own.at(-1)?.caught === false);
  const by = [...new Set(ends.flatMap((own) => own.at(-1)?.promise ?? []))].sort();
  // A hunt that was cut off says nothing of its start.
  return { profile, starts: ends.length + away.length, caught: ends.map(({ length }) => length), by };
}

/** How many lives a canary breaks: all of them are lived. */
async function measureShare(sabotage: string, profile: ProfileName): Promise<Measured> {
  const lives = await hunted({ sabotage, profile, starts: [0], mostLives: canaryLives, all: true }, mostMs.canary);
  const caught = lives.filter((life) => life.caught);
  const by = [...new Set(caught.flatMap(({ promise }) => promise ?? []))].sort();
  return { profile, starts: 0, caught: [], by, share: { caught: caught.length, lives: lives.length } };
}

const save = (): void => {
  const sorted = Object.fromEntries(
    saboteurs.flatMap(({ name }) => (measured[name] === undefined ? [] : [[name, measured[name]]])),
  );
  writeFileSync(measuredFile, `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(documentFile, documentOf(saboteurs, sorted));
};

/** Not measured in full yet: another profile then, or there was no time for all starts. */
const isOpen = ({ name, profile, canary }: Saboteur): boolean =>
  measured[name]?.profile !== profile || (canary !== true && (measured[name]?.starts ?? 0) < starts.length);

/** A calm life takes a tenth of the others: first what is quick, so that little time measures much. */
const quick = ['calm', 'attacker', 'late-money', 'zombie'];
const queue = saboteurs
  .filter((one) => (values.only === undefined ? values.again === true || isOpen(one) : one.name === values.only))
  .sort((a, b) => Number(quick.includes(b.profile)) - Number(quick.includes(a.profile)))
  .sort((a, b) => Number(b.profile === 'calm') - Number(a.profile === 'calm'));
save();
const work = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined && performance.now() < end; next = queue.shift()) {
    const one = await measure(next);
    measured[next.name] = one;
    process.stdout.write(`${next.name}: ${JSON.stringify(one)}\n`);
    save();
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
