import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBooks } from '../lib/adapters/aws/books.ts';
import { type AuditReport, holds } from '../lib/app/audit.ts';
import type { Books } from '../lib/app/ports/books.ts';
import { instant } from '../lib/domain/time.ts';
import { dynamoClient, tableNames } from '../local/aws.ts';
import { dataPath, runningStack } from '../local/data-folder.ts';
import { startDynoxide } from '../local/engines/dynoxide.ts';
import { settledAudit } from '../local/settled-audit.ts';
import { booksOver } from './audit-pages.ts';
import type { Output } from './print.ts';
import { reach, Trouble } from './stack.ts';

/**
 * `audit verify`: proves every chain by its own sums. Of a stack on this machine it reads the tables themselves, past all of our own code
 * that serves, with the stack running or stopped; of one that `REDRESS_URL` names it takes every entry through the operator API, with the
 * role auditor. False where anything does not hold.
 */
export async function auditVerify(env: NodeJS.ProcessEnv, out: Output): Promise<boolean> {
  const elsewhere = env.REDRESS_URL !== undefined && env.REDRESS_URL !== '';
  const report = elsewhere
    ? await settledAudit(() => readNow(booksOver(reach(env))))
    : await withEngine(env, dataPath(env), settled);
  for (const { stream, number, why } of report.breaks) out.line(`BROKEN  ${stream} entry ${number}: ${why}`);
  for (const { payment, field, stored, computed } of report.balances)
    out.line(`WRONG   ${payment} ${field}: stored ${stored}, facts say ${computed}`);
  for (const { stream, mark, stored } of report.switches)
    out.line(`WRONG   ${stream} ${mark}: ${stored}, facts say otherwise`);
  for (const { stream, field, stored, computed } of report.heads)
    out.line(`WRONG   ${stream} ${field}: stored ${stored ?? 'nothing'}, facts say ${computed ?? 'nothing'}`);
  const ok = holds(report);
  out.line(
    `${ok ? 'proved' : 'FAILED'}  ${report.entries} entries in ${report.streams} streams: ${ok ? 'every chain holds, and every balance, switch and head follows from its facts' : 'see above'}`,
  );
  for (const words of report.unproven) out.line(`not proved  ${words}`);
  out.value({ ok, ...report });
  return ok;
}

const readNow = async (books: Promise<Books>): Promise<Books> => ({ ...(await books), readAt: instant(Date.now()) });

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

async function settled(endpoint: string): Promise<AuditReport> {
  const client = dynamoClient(endpoint);
  try {
    return await settledAudit(() => readNow(readBooks(client, tableNames)));
  } finally {
    client.destroy();
  }
}
