import { setTimeout as wait } from 'node:timers/promises';
import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { type AuditReport, audit } from '../lib/app/audit.ts';
import type { Books } from '../lib/app/ports/books.ts';

/**
 * The audit of a stack at work. It changes between the reading of its heads and that of its entries, which looks like a break; so what
 * looks broken is read again, and only what stays broken in the same way is reported.
 */
export async function settledAudit(read: () => Promise<Books>): Promise<AuditReport> {
  const look = async () => audit(await read(), sha256Hex);
  let report = await look();
  for (let again = 0; again < 10 && faultsOf(report) !== none; again += 1) {
    await wait(200);
    const next = await look();
    if (faultsOf(next) === faultsOf(report)) return next;
    report = next;
  }
  return report;
}

/** The same faults twice in a row are no passing state of a stack at work. */
const faultsOf = ({
  breaks,
  balances,
  switches,
  heads,
}: Omit<AuditReport, 'streams' | 'entries' | 'unproven'>): string =>
  JSON.stringify([breaks, balances, switches, heads], (_key, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  );

const none = faultsOf({ breaks: [], balances: [], switches: [], heads: [] });
