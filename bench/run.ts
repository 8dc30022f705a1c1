import { availableParallelism } from 'node:os';
import { givenOptions, wrongUse } from '../local/arguments.ts';
import type { Measure } from './measure.ts';
import { acks } from './measures/acks.ts';
import { bundles } from './measures/bundles.ts';
import { calls } from './measures/calls.ts';
import { cost } from './measures/cost.ts';
import { cpu } from './measures/cpu.ts';
import { flat } from './measures/flat.ts';
import { latency } from './measures/latency.ts';
import { pace } from './measures/pace.ts';
import { ready } from './measures/ready.ts';
import { throughput } from './measures/throughput.ts';
import { units } from './measures/units.ts';
import { merged, readResults, resultsFile, writeDocuments, writeResults } from './results.ts';
import { type Row, row } from './row.ts';

/** In this order; the quick ones first. */
const measures: Readonly<Record<string, Measure>> = {
  calls,
  units,
  bundles,
  cost,
  ready,
  cpu,
  acks,
  latency,
  throughput,
  pace,
  flat,
};

const usage = `npm run bench -- [--only NAME[,NAME]] [--quick] [--results FILE]
  --only     some of ${Object.keys(measures).join(', ')}; their rows replace the old ones
  --quick    a smoke run: figures mean nothing, and nothing is written but to --results
  --results  another file than bench/results.json; docs/performance.md is left alone then
  --help     this text`;

async function main(): Promise<void> {
  const options = {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    results: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values } = givenOptions({ options }, usage);
  const { quick = false } = values;
  const names = values.only?.split(',') ?? Object.keys(measures);
  const unknown = names.filter((name) => measures[name] === undefined);
  if (unknown.length > 0) wrongUse(`there is no measure "${unknown.join(', ')}"`, usage);
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const file = values.results ?? (quick ? undefined : resultsFile);
  let rows = file === undefined ? [] : readResults(file);
  rows = merged(rows, 'machine', machine());
  for (const name of names) {
    progress(`${name} …`);
    const found = (await measures[name]?.({ quick, progress })) ?? [];
    rows = merged(rows, name, found);
    for (const one of found) process.stdout.write(`${lineOf(one)}\n`);
    // After each, so that a run that is interrupted keeps what it has.
    if (file !== undefined) writeResults(file, rows);
    if (file === resultsFile) writeDocuments(rows);
  }
}

/** What a figure depends on most, said as neutrally as possible. */
const machine = (): Row[] => [
  row({ name: 'machine.cores', value: availableParallelism(), unit: 'cores', n: 1 }),
  row({ name: 'machine.node', value: Number(process.versions.node.split('.')[0]), unit: 'major version', n: 1 }),
];

function lineOf({ name, value, unit, against, ratio, goal, holds }: Row): string {
  const compared = ratio === null ? '' : `  ${ratio} of ${against}`;
  const judged = goal === null ? '' : `  goal ${goal}: ${holds === true ? 'holds' : 'MISSED'}`;
  return `${name.padEnd(28)} ${String(value).padStart(9)} ${unit}${compared}${judged}`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
