import { parseRefundId } from '../domain/ids.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { onlyDisputed } from '../domain/refund/hold-reason.ts';
import type { Refund } from '../domain/refund/state.ts';
import type { Work } from '../domain/refund/work.ts';
import { partsOf } from '../domain/streams.ts';
import { backoff } from '../domain/tempo.ts';
import { type Instant, plus } from '../domain/time.ts';
import { decideForSure } from './decide-for-sure.ts';
import { type AssessNeeds, alarmIfHeld, type Known } from './decision.ts';
import { postpone, triesOf } from './heads.ts';
import { lookAgain } from './look-again.ts';
import { loadNotice, openReturn } from './notices.ts';
import { paidByOther } from './order-source.ts';
import { dueAtOf } from './refund-due.ts';
import { type Author, appendToRefund, type Loaded, loadRefund } from './refunds.ts';
import { resolvePayments } from './resolve.ts';
import { insist } from './retry.ts';

/** A refund that waits is looked at again, with what is known by now. */
export async function assessRefund(needs: AssessNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined) return 'done';
  const done = await insist(needs, async () => {
    const loaded = await loadRefund(needs, work.merchant, id);
    return mayGoOn(loaded.refund) ? reassess(needs, loaded, work) : 'done';
  });
  return done ?? 'busy';
}

/** It waits for something to become known, or is held for nothing but a dispute. */
const mayGoOn = (refund: Refund): refund is Extract<Refund, { is: 'waiting' | 'held' }> =>
  refund.is === 'waiting' || (refund.is === 'held' && onlyDisputed(refund.reasons));

async function reassess(needs: AssessNeeds, loaded: Loaded, work: Work): Promise<'done' | undefined> {
  const { refund, merchant } = loaded;
  if (!mayGoOn(refund)) return 'done';
  const notice = await loadNotice(needs, merchant, refund.notice);
  const content = notice && (await openReturn(needs.vault, notice));
  const correlation = loaded.entries[0]?.correlation ?? work.correlation;
  const author: Author = { actor: 'assess', cause: work.stream, correlation };
  if (content === undefined || content === 'foreign') return holdUnreadable(needs, loaded, author);
  const from = { merchant, source: refund.return.connection, order: refund.order };
  const of = { ...from, named: content.payments, author };
  let resolved = await resolvePayments(needs, of);
  const frozen = resolved.payments.filter(({ balance }) => balance.disputes > 0);
  // The webhook that ends a dispute may never come.
  for (const { payment } of frozen) await lookAgain(needs, { merchant, payment, author });
  if (frozen.length > 0) resolved = await resolvePayments(needs, of);
  const other = await paidByOther(needs, from);
  const at = needs.clock.now();
  const { quote, cleared } = refund;
  const waits = refund.is === 'waiting';
  const late = waits && at >= refund.until;
  const known: Known = {
    refund: loaded.id,
    amountMinor: quote.amountMinor,
    snapshot: content.snapshot,
    concerns: other ? ['other-source'] : [],
    cleared,
    resolved,
    late,
  };
  const until = waits ? refund.until : plus(at, needs.tempo.waitForPaymentMs);
  const decided = await decideForSure(needs, of, known, until, at);
  if (isOld(refund, decided)) return stillWaiting(needs, loaded, work, at);
  const appended = await appendToRefund(needs, loaded, { author, at, events: [decided] });
  if (appended.is !== 'appended') return undefined;
  alarmIfHeld(needs, loaded.id, author, decided);
  return 'done';
}

/** What is held never goes back to waiting: a gateway that is silent now says nothing about the dispute. */
function isOld(refund: Extract<Refund, { is: 'waiting' | 'held' }>, decided: RefundEvent): boolean {
  if (refund.is === 'waiting') return decided.type === 'refund.waiting' && decided.reason === refund.reason;
  return decided.type === 'refund.waiting' || (decided.type === 'refund.held' && onlyDisputed(decided.reasons));
}

/** Nothing new is no event: only the due time moves, further each time. */
async function stillWaiting(needs: AssessNeeds, loaded: Loaded, work: Work, at: Instant): Promise<'done'> {
  const head = await needs.table.get({ table: 'state', pk: work.stream });
  const tries = triesOf(head) + 1;
  const held = loaded.refund.is === 'held' ? dueAtOf(loaded.refund, at, needs.tempo) : undefined;
  const until = held ?? plus(at, backoff(needs.tempo.askAgainMs, tries));
  await postpone(needs.table, work.stream, { version: loaded.end.version, until, tries });
  return 'done';
}

/** The notice it came from can't be read any more: nothing will become known by waiting. */
async function holdUnreadable(needs: AssessNeeds, loaded: Loaded, author: Author): Promise<'done' | undefined> {
  const at = needs.clock.now();
  const until = plus(at, needs.tempo.holdLimitMs);
  const held: RefundEvent = { type: 'refund.held', v: 1, reasons: ['notice-unreadable'], legs: [], until, seen: {} };
  const appended = await appendToRefund(needs, loaded, { author, at, events: [held] });
  if (appended.is !== 'appended') return undefined;
  alarmIfHeld(needs, loaded.id, author, held);
  return 'done';
}
