import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { budgets } from '../budgets.ts';
import { type Bundle, bundle, functionEntry, functionNames } from '../bundle.ts';
import { copies } from '../copies.ts';
import { functionEnv } from '../function-env.ts';
import type { Measure } from '../measure.ts';
import { median, type Row, row } from '../row.ts';
import { withFolder } from '../temporary.ts';
import { thirdPartyOf } from '../third-party.ts';

/** What each function's bundle weighs, and what its start costs beside a start of the same packages without any code of ours. */
export const bundles: Measure = async ({ quick, progress }) => {
  const rounds = quick ? 1 : 15;
  const rows: Row[] = [];
  for (const name of functionNames) {
    const of = await withFolder((folder) => measured(name, folder, rounds));
    progress(`bundles: ${name} ${kB(of.own.all)} kB, ${of.ours.toFixed(1)} ms beside ${of.theirs.toFixed(1)} ms`);
    rows.push(...rowsOf(name, of, rounds));
  }
  return [...rows, await sevenGateways()];
};

interface Measured {
  readonly own: Bundle;
  /** Medians, in ms of CPU. */
  readonly ours: number;
  readonly theirs: number;
  readonly making: number;
}

async function measured(name: string, folder: string, rounds: number): Promise<Measured> {
  const own = await bundle(functionEntry(name), { folder: join(folder, 'ours') });
  await bundle(thirdPartyOf(own), { folder: join(folder, 'theirs') });
  await bundle(thirdPartyOf(own, { making: true }), { folder: join(folder, 'making') });
  const times = { ours: [] as number[], theirs: [] as number[], making: [] as number[] };
  for (let round = 0; round < rounds; round += 1)
    for (const [side, all] of Object.entries(times)) all.push(await importMs(join(folder, side)));
  return { own, ours: median(times.ours), theirs: median(times.theirs), making: median(times.making) };
}

/** CPU of a process while it imports, and of nothing else: a process of its own each time, since Node keeps what it has loaded. */
async function importMs(folder: string): Promise<number> {
  const entry = pathToFileURL(join(folder, 'entry.mjs')).href;
  const program = `
    const before = process.cpuUsage();
    await import(${JSON.stringify(entry)});
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(String((user + system) / 1000));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: functionEnv,
  });
  return Number(stdout);
}

const kB = (bytes: number) => bytes / 1000;

function rowsOf(name: string, { own, ours, theirs, making }: Measured, rounds: number): readonly Row[] {
  const budget = budgets[name];
  if (budget === undefined) throw new Error(`bench/budgets.ts says nothing about ${name}`);
  const size = { unit: 'kB', n: 1 };
  const time = { value: ours, unit: 'ms of CPU', n: rounds };
  const alone = { name: 'its packages alone', value: theirs };
  return [
    row({ ...size, name: `bundles.${name}.all`, value: kB(own.all), goal: `<= ${budget}` }),
    row({ ...size, name: `bundles.${name}.at-start`, value: kB(own.start) }),
    row({ ...time, name: `bundles.${name}.import`, against: alone, goal: '<= 1.25' }),
    row({
      ...time,
      name: `bundles.${name}.import-beside-clients`,
      against: { name: 'with clients made', value: making },
    }),
  ];
}

/** What the executor loads at start if every gateway were there seven times. */
async function sevenGateways(): Promise<Row> {
  const one = await bundle(functionEntry('execute'));
  const seven = await bundle(functionEntry('execute'), { plugins: [copies(7)] });
  const against = { name: 'bundles.execute.at-start', value: kB(one.start) };
  const name = 'bundles.execute.at-start-of-seven-gateways';
  return row({ name, value: kB(seven.start), unit: 'kB', n: 1, against, goal: '<= 1.01' });
}
