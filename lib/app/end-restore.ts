import { refusal } from '../domain/fault.ts';
import { encode } from '../domain/json.ts';
import { noticeStream, paymentStream } from '../domain/streams.ts';
import { type Instant, iso, minute, plus } from '../domain/time.ts';
import { type Operated, type Person, pressAs } from './operate.ts';
import { paymentNamed } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { RefundsSince } from './ports/gateway.ts';
import {
  accountsOf,
  named,
  notAfter,
  notBegun,
  opened,
  pageOf,
  type RestoreNeeds,
  restoreOf,
  unanswered,
} from './restore.ts';

/** `page`: not all was looked at. Whoever asked asks again with the cursor; nothing has ended. */
export type Ended = Operated | { readonly is: 'page'; readonly cursor: string; readonly open: number };

/** How far a look has come. It travels with whoever asks, under our own MAC: nobody can skip what was not looked at. */
interface Look {
  readonly merchant: string;
  readonly restored: number;
  readonly since: Instant;
  readonly startedAt: Instant;
  /** Accounts that were looked at to the end; `at` is the one under way, with its gateway's own cursor. */
  readonly seen: readonly string[];
  readonly at?: { readonly account: string; readonly cursor: string };
  readonly open: number;
  /** Put aside as notices that nobody acts on. */
  readonly aside: number;
}

/** A look that takes longer begins anew: what it was told first is old by then. */
const longestLookMs = 60 * minute;

/**
 * Lets sending go on, once every refund that a gateway made since the restore point was dealt with here. The gateways are asked again, so
 * that nothing is taken on trust: one page of one account each time, and only the call that sees the last page of the last account ends
 * it. Refused with a count where anything is open, and for as long as a request of before could still arrive. What was put aside is open too,
 * until a person who compared it at the gateway says how much that is: `aside`, the very number, so that it covers nothing that came since. If
 * this process dies, or whoever asks stops asking, nothing was written and nothing has ended.
 */
export async function endRestore(
  needs: RestoreNeeds,
  person: Person,
  of: { readonly reason: string; readonly cursor?: string; readonly aside?: number },
): Promise<Ended> {
  const stands = await restoreOf(needs, person.merchant);
  const { since, begunAt, deployment, journal } = stands;
  if (journal >= deployment) return refusal('not-restoring', notAfter(stands));
  if (since === null || begunAt === null) return refusal('not-restoring', notBegun);
  const beginning: Look = {
    merchant: person.merchant,
    restored: deployment,
    since,
    startedAt: needs.clock.now(),
    seen: [],
    open: 0,
    aside: 0,
  };
  const look = of.cursor === undefined ? beginning : await lookOf(needs, person, of.cursor, beginning);
  if (look === undefined) return refusal('bad-request', startOver);
  const all = await accountsOf(needs, person.merchant);
  const account = all.find(({ name }) =>
    look.at === undefined ? !look.seen.includes(name) : name === look.at.account,
  );
  if (account === undefined && look.at !== undefined) return refusal('bad-request', startOver);
  const after = account === undefined ? look : await lookAtPage(needs, account, look, begunAt);
  if ('is' in after) return after;
  const more = after.at !== undefined || all.some(({ name }) => !after.seen.includes(name));
  if (more) return { is: 'page', cursor: await cursorOf(needs, person, after), open: after.open };
  if (after.open > 0)
    return refusal(
      'not-reconciled',
      `${after.open} refunds of the gateways are not dealt with yet: run redress restore reconcile, wait a minute, and try again.`,
    );
  const { aside } = after;
  if (aside !== (of.aside ?? 0)) return refusal('not-reconciled', putAside(aside));
  return pressAs(needs, person, {
    type: 'control.restore-ended',
    v: 1,
    restored: deployment,
    reason: of.reason,
    ...(aside > 0 && { aside }),
  });
}

const putAside = (many: number): string =>
  many === 0
    ? 'No refund of the gateways is put aside here: end it without a number of such.'
    : `${many} ${many === 1 ? 'refund' : 'refunds'} of the gateways put aside and counted nowhere: look at redress notices --quarantined, mend the reason, have them taken up again by redress replay, and try again. Where that is not possible, compare each at the gateway, then end it with --put-aside ${many}.`;

const startOver =
  'This is no place of a look that is under way: settings or the restore point changed, or it took an hour. Begin again.';

async function lookAtPage(
  needs: RestoreNeeds,
  account: Connection,
  { at, ...look }: Look,
  begunAt: Instant,
): Promise<Look | Extract<Operated, { is: 'fault' }>> {
  const gateway = await opened(needs, account);
  if (gateway === undefined) return refusal('unavailable', unanswered(account));
  const quietAt = plus(begunAt, gateway.capabilities.lateArrivalMs);
  if (needs.clock.now() < quietAt)
    return refusal(
      'not-reconciled',
      `A request of before may still arrive at ${account.name}: wait until ${iso(quietAt)}, then reconcile and try again.`,
    );
  const page = await pageOf(needs, account, look.since, at?.cursor);
  if (page.is === 'cannot-tell') return refusal('unavailable', unanswered(account));
  const each = await Promise.all(page.refunds.map((refund) => standingOf(needs, account, look.restored, refund)));
  const open = look.open + each.filter((one) => one === 'open').length;
  const aside = look.aside + each.filter((one) => one === 'aside').length;
  return page.next === undefined
    ? { ...look, open, aside, seen: [...look.seen, account.name] }
    : { ...look, open, aside, at: { account: account.name, cursor: page.next } };
}

const macScope = '(restore)';

async function cursorOf({ blind }: RestoreNeeds, { merchant }: Person, look: Look): Promise<string> {
  const text = encode(look);
  return `${await blind(merchant, macScope, text)} ${text}`;
}

/** Undefined for anything but a cursor of ours, of this merchant and this restore, that is not too old. */
async function lookOf(
  { blind }: RestoreNeeds,
  { merchant }: Person,
  cursor: string,
  now: Look,
): Promise<Look | undefined> {
  const space = cursor.indexOf(' ');
  const text = cursor.slice(space + 1);
  if (space < 0 || (await blind(merchant, macScope, text)) !== cursor.slice(0, space)) return undefined;
  const look = JSON.parse(text) as Look;
  // Of an older version, which did not count them apart.
  if (typeof look.aside !== 'number') return undefined;
  const same = look.merchant === merchant && look.restored === now.restored && look.since === now.since;
  return same && now.startedAt - look.startedAt < longestLookMs ? look : undefined;
}

/**
 * A refund on a payment with a request unanswered waits for that request, which may wait for the end of the restore. One that names no payment
 * and no key is nobody's here, and was put aside with an alarm: somebody refunded from a balance, say.
 */
async function standingOf(
  needs: RestoreNeeds,
  account: Connection,
  restored: number,
  { evidence, payment }: Extract<RefundsSince, { is: 'page' }>['refunds'][number],
): Promise<'dealt-with' | 'open' | 'aside'> {
  if (payment.length === 0 && evidence.key === undefined) return 'dealt-with';
  const { merchant, name } = account;
  const { id } = named(needs, restored, evidence.theirs);
  const head = await needs.table.get({ table: 'state', pk: noticeStream(merchant, name, id) });
  // One that was put aside is done with too, but nobody took what it says: a person has to.
  if (head?.status === 'done') return head.daySort === undefined ? 'dealt-with' : 'aside';
  if (head === undefined) return 'open';
  for (const text of payment) {
    const known = await paymentNamed(needs, { merchant, connection: name }, text);
    if (known !== undefined) {
      const head = await needs.table.get({ table: 'state', pk: paymentStream(merchant, known) });
      return head?.inFlight === undefined ? 'open' : 'dealt-with';
    }
  }
  return 'open';
}
