import { hash } from 'node:crypto';
import { booksOf } from '../lib/adapters/kit/books.ts';
import type { MemoryTable } from '../lib/adapters/memory/table.ts';
import { showGateways } from '../lib/app/accounts.ts';
import { audit } from '../lib/app/audit.ts';
import { evidenceBundle } from '../lib/app/evidence-bundle.ts';
import type { Connections } from '../lib/app/ports/connections.ts';
import { listQuarantined } from '../lib/app/quarantine.ts';
import { listRefunds, refundHistory, showRefund } from '../lib/app/show.ts';
import { showConnections } from '../lib/app/show-connections.ts';
import { type MerchantId, parseRefundId } from '../lib/domain/ids.ts';
import type { Tempo } from '../lib/domain/tempo.ts';
import type { Instant } from '../lib/domain/time.ts';

/** One refund as people are shown it. */
export interface ReadRefund {
  readonly status: string;
  /** Entries of its history, and of the bundle of evidence about it. */
  readonly history: number;
  readonly bundled: number;
  /** Requests that its legs say were made. */
  readonly attempts: number;
  readonly gatewayRefunds: readonly string[];
}

/** What people read when everything has come to its end. */
export interface Read {
  /** Ids as the list has them, page after page. */
  readonly listed: readonly string[];
  readonly refunds: ReadonlyMap<string, ReadRefund>;
  /** Notices that were put aside. */
  readonly aside: readonly string[];
  /** What the audit finds, in words. */
  readonly found: readonly string[];
  /** Gateway accounts that are not asked, and those through which nothing may be sent. */
  readonly closed: readonly string[];
}

interface ReadNeeds {
  readonly table: MemoryTable;
  readonly tempo: Tempo;
  readonly connections: Connections;
  readonly clock: { readonly now: () => Instant };
  readonly merchant: MerchantId;
}

/** A person who asks for all that there is to be read, and an auditor. Nothing fails meanwhile, and nothing is changed. */
export async function readAll(needs: ReadNeeds): Promise<Read> {
  const { merchant } = needs;
  const listed: string[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await listRefunds(needs, { merchant, ...(cursor !== undefined && { cursor }) });
    listed.push(...page.refunds.map(({ id }) => id));
    cursor = page.cursor;
  }
  const refunds = new Map<string, ReadRefund>();
  for (const id of listed) {
    const read = await readOne(needs, id);
    if (read !== undefined) refunds.set(id, read);
  }
  const aside = (await listQuarantined(needs, merchant)).notices.map(({ notice }) => notice);
  const shown = await showConnections(needs, merchant);
  const closed = [
    ...(await showGateways(needs, merchant)).filter(({ state }) => state === 'open'),
    ...shown.filter(({ sending }) => sending === 'stopped'),
  ].map(({ connection }) => connection);
  return { listed, refunds, aside, found: audited(needs), closed };
}

async function readOne(needs: ReadNeeds, name: string): Promise<ReadRefund | undefined> {
  const id = parseRefundId(name);
  const shown = id && (await showRefund(needs, needs.merchant, id));
  const bundle = id && (await evidenceBundle(needs, needs.merchant, id));
  if (id === undefined || shown === undefined || bundle === undefined) return undefined;
  return {
    status: shown.status,
    history: (await refundHistory(needs, needs.merchant, id)).length,
    bundled: bundle.entries.length,
    attempts: shown.legs.reduce((all, { attempts }) => all + attempts.length, 0),
    gatewayRefunds: shown.legs.flatMap((leg) => leg.gatewayRefunds),
  };
}

function audited({ table, clock, tempo }: ReadNeeds): string[] {
  const books = { ...booksOf(table.dump()), readAt: clock.now() };
  const { breaks, balances, switches, heads } = audit(books, (text) => hash('sha256', text), tempo);
  return [
    ...breaks.map(({ stream, number, why }) => `${stream} ${number} is ${why}`),
    ...balances.map(({ payment, field, stored, computed }) => `${payment}: ${field} is ${stored}, not ${computed}`),
    ...switches.map(({ mark, stored }) => `${mark} is ${stored}`),
    ...heads.map(({ stream, field, stored, computed }) => `${stream}: ${field} is ${stored}, not ${computed}`),
  ];
}
