import { readFileSync } from 'node:fs';
import { fill, fillStream } from '../fill.ts';
import { type InnerStack, startInnerStack } from '../inner-stack.ts';
import { withFolder } from '../temporary.ts';

/** The same batch of refunds at several lengths of the journal. Arguments: how many refunds a batch has, and the lengths. */
export interface AtLength {
  readonly refunds: number;
  readonly tableCalls: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly wallMs: number;
  /** Of this process: functions, adapters and clients. */
  readonly cpuMs: number;
  /** Of the database engine, which is a development tool and not what runs on AWS. */
  readonly engineCpuMs: number;
}

const [batch = 0, ...lengths] = process.argv.slice(2).map(Number);
/** As many entries as one refund has in the journal, and so records in its stream. */
let entriesEach = 0;

await withFolder(async (path) => {
  const found: AtLength[] = [];
  let there = 0;
  const dbPath = `${path}/dynamodb/redress.db`;
  const templates = Math.min(100, lengths[0] ?? 0);
  await onStack(path, async (inner) => {
    await inner.refund(names('template', templates), 8);
    there = templates;
    entriesEach = Math.ceil((await recordsIn(dbPath)) / templates);
  });
  for (const length of lengths) {
    say(`filling up to ${length} refunds`);
    if (length > there) fill(dbPath, { templates, from: there, to: length });
    there = Math.max(there, length);
    await onStack(path, async (inner) => {
      fillStream(dbPath, length * entriesEach);
      await inner.refund(names(`warm${length}-`, batch), 8);
      const one = await measured(inner, length);
      say(
        `${one.tableCalls} table calls, ${one.wallMs.toFixed(1)} ms, ${one.cpuMs.toFixed(1)} and ${one.engineCpuMs.toFixed(1)} ms CPU each`,
      );
      found.push(one);
    });
  }
  process.send?.(found);
});
process.disconnect?.();

function say(line: string): void {
  process.stderr.write(`flat: ${line}\n`);
}

async function onStack(path: string, work: (inner: InnerStack) => Promise<void>): Promise<void> {
  const inner = await startInnerStack(path);
  try {
    await work(inner);
  } finally {
    await inner.stack.stop();
  }
}

async function measured(inner: InnerStack, refunds: number): Promise<AtLength> {
  inner.meter.reset();
  const before = { own: ownCpuMs(), engine: engineCpuMs(inner) };
  const wallMs = await inner.refund(names(`batch${refunds}-`, batch), 8);
  const { tableCalls, writeUnits, readUnits } = inner.meter.read();
  const own = ownCpuMs() - before.own;
  const engine = engineCpuMs(inner) - before.engine;
  return {
    refunds,
    tableCalls: tableCalls / batch,
    writeUnits: writeUnits / batch,
    readUnits: readUnits / batch,
    wallMs: wallMs / batch,
    cpuMs: own / batch,
    engineCpuMs: engine / batch,
  };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function engineCpuMs({ folder }: InnerStack): number {
  const [pid = ''] = readFileSync(folder.file('dynamodb', 'redress.db.pid'), 'utf8').split(' ');
  // User and system time are fields 14 and 15, in hundredths of a second; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function recordsIn(dbPath: string): Promise<number> {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(dbPath, { readOnly: true });
  const { records } = db.prepare('SELECT COUNT(*) AS records FROM _stream_records').get() as { records: number };
  db.close();
  return records;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
