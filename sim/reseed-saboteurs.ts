import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMany } from './run-many.ts';
import type { Report } from './run-worker.ts';
import { saboteurs } from './saboteurs/list.ts';
import type { Saboteur } from './saboteurs/plant.ts';

const help = `Finds a seed again for each saboteur whose own shows it no more, since lives draw something else than they did.

  nice -n 10 npm run sim:reseed -- [--only NAME] [--most N]

  --only NAME  one saboteur
  --most N     tries so many seeds of its profile (80)

Writes the seeds into sim/saboteurs/*.ts. Exit code 1 where one is not found: then it is not caught any more, and that is a finding.
`;

const { values } = parseArgs({
  options: { only: { type: 'string' }, most: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const most = Number(values.most ?? 80);
const folder = new URL('./saboteurs/', import.meta.url);

/** The first life from this seed on that breaks the promise which must catch it, and not another one. */
async function caught(of: Saboteur, from: number, seeds: number): Promise<number | undefined> {
  const end = from + seeds;
  for (let next = from; next < end; ) {
    const lives: Report[] = [];
    const many = { from: next, seeds: end - next, profiles: [of.profile], sabotage: of.name, workers: 1 };
    await runMany({ ...many, stopAtFirst: true }, (report) => lives.push(report));
    const last = lives.at(-1);
    if (last?.broken?.promise === of.breaks) return last.seed;
    if (last === undefined) return undefined;
    next = last.seed + 1;
  }
  return undefined;
}

function write(name: string, seed: number): void {
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const at = text.indexOf(`    name: '${name}',`);
    if (at < 0) continue;
    const here = text.slice(at);
    writeFileSync(new URL(file, folder), text.slice(0, at) + here.replace(/ seed: \d+,/, ` seed: ${seed},`));
  }
}

let missing = 0;
const waiting = saboteurs.filter(({ name }) => values.only === undefined || name === values.only);
const one = async (of: Saboteur): Promise<void> => {
  if ((await caught(of, of.seed, 1)) !== undefined) return;
  const seed = await caught(of, 0, most);
  if (seed === undefined) missing += 1;
  else write(of.name, seed);
  process.stdout.write(`${of.name}: ${of.seed} -> ${seed ?? `none in ${most}`}\n`);
};
await Promise.all(
  [0, 1].map(async () => {
    for (let of = waiting.shift(); of !== undefined; of = waiting.shift()) await one(of);
  }),
);
process.exitCode = missing === 0 ? 0 : 1;
