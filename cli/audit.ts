import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readBooks } from '../lib/adapters/aws/books.ts';
import { type AuditReport, audit } from '../lib/app/audit.ts';
import { dynamoClient, tableNames } from '../local/aws.ts';
import { dataPath, runningStack } from '../local/data-folder.ts';
import { startDynoxide } from '../local/engines/dynoxide.ts';
import { sha256 } from '../local/needs.ts';
import type { Output } from './print.ts';
import { Trouble } from './stack.ts';

/**
 * `audit verify`: proves every chain by reading the tables themselves, past all of our own code that serves; with the stack running or
 * stopped. False where anything does not hold.
 */
export async function auditVerify(env: NodeJS.ProcessEnv, out: Output): Promise<boolean> {
  const folder = dataPath(env);
  const report = await withEngine(env, folder, settled);
  for (const { stream, number, why } of report.breaks) out.line(`BROKEN  ${stream} entry ${number}: ${why}`);
  for (const { payment, field, stored, computed } of report.balances)
    out.line(`WRONG   ${payment} ${field}: stored ${stored}, facts say ${computed}`);
  const ok = report.breaks.length === 0 && report.balances.length === 0;
  out.line(
    `${ok ? 'proved' : 'FAILED'}  ${report.entries} entries in ${report.streams} streams: ${ok ? 'every chain holds and every balance follows from its facts' : 'see above'}`,
  );
  for (const words of report.unproven) out.line(`not proved  ${words}`);
  out.value({ ok, ...report });
  return ok;
}

async function withEngine(
  env: NodeJS.ProcessEnv,
  folder: string,
  run: (endpoint: string) => Promise<AuditReport>,
): Promise<AuditReport> {
  const named = env.REDRESS_DYNAMODB_ENDPOINT;
  if (named !== undefined && named !== '') return run(named);
  const endpoints = join(folder, 'endpoints.json');
  if (runningStack(folder) !== undefined && existsSync(endpoints)) {
    return run((JSON.parse(readFileSync(endpoints, 'utf8')) as { dynamo: string }).dynamo);
  }
  const dbPath = join(folder, 'dynamodb', 'redress.db');
  if (!existsSync(dbPath)) throw new Trouble(`${folder} has no journal. Set REDRESS_DATA to the folder of a stack.`);
  const engine = await startDynoxide({ dbPath });
  try {
    return await run(engine.endpoint);
  } finally {
    await engine.stop();
  }
}

/**
 * A stack at work changes between the reading of its heads and that of its entries, which looks like a break. So what looks broken is
 * read again, and only what stays broken is reported.
 */
async function settled(endpoint: string): Promise<AuditReport> {
  const client = dynamoClient(endpoint);
  try {
    let report = audit(await readBooks(client, tableNames), sha256);
    for (let again = 0; again < 10 && report.breaks.length + report.balances.length > 0; again += 1) {
      await wait(200);
      const next = audit(await readBooks(client, tableNames), sha256);
      if (same(report, next)) return next;
      report = next;
    }
    return report;
  } finally {
    client.destroy();
  }
}

/** The same faults twice in a row: no passing state of a stack at work. */
const same = (a: AuditReport, b: AuditReport): boolean => print(a) === print(b);
const print = ({ breaks, balances }: AuditReport) =>
  JSON.stringify([breaks, balances], (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
