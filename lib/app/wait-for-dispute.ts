import { holdInstead, resume } from '../domain/refund/decide.ts';
import type { Seen } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import type { Leg } from '../domain/refund/leg.ts';
import type { Work } from '../domain/refund/work.ts';
import type { Instant } from '../domain/time.ts';
import { postpone, triesOf } from './heads.ts';
import { lookAgain } from './look-again.ts';
import { getPayment } from './payments.ts';
import { dueAtOf } from './refund-due.ts';
import { type Author, changeRefund, type Loaded } from './refunds.ts';
import { alarmHeld, type ExecuteNeeds } from './turn.ts';

/** A gateway that refuses a payment as disputed and, when asked, calls no dispute open is believed so many times. */
const mostEpochs = 3;

/**
 * A leg that only a dispute holds. The payment's head says whether it goes on: won, it is released; lost, it stays in front of a person for
 * that. While the head says "disputed", or the gateway said so in a refusal, the gateway is asked too, since its webhook may never come.
 * Sends nothing: a released leg is sent by its own next turn, whose right to send has the same condition.
 */
export async function waitForDispute(
  needs: ExecuteNeeds,
  work: Work,
  loaded: Loaded,
  leg: Leg,
): Promise<'done' | 'busy'> {
  const { merchant } = loaded;
  const correlation = loaded.entries[0]?.correlation ?? work.correlation;
  const author: Author = { actor: 'execute', cause: work.stream, correlation };
  const refused = leg.now.is === 'held' && leg.now.from.is === 'refused';
  const head = () => getPayment(needs, merchant, leg.payment);
  let stored = await head();
  if (refused || (stored?.balance.disputes ?? 0) > 0) {
    const looked = await lookAgain(needs, { merchant, payment: leg.payment, author });
    if (looked === undefined) return later(needs, work, loaded);
    stored = await head();
    const odd = refused && (looked.disputes.length === 0 || leg.epoch >= mostEpochs);
    if (odd && stored?.balance.disputes === 0) return holdFor(needs, { loaded, leg, author }, 'refused-by-gateway');
  }
  if (stored === undefined || stored.balance.disputes > 0) return later(needs, work, loaded);
  const { balance, version } = stored;
  if (balance.chargedBackMinor > 0n && leg.chargebackKnown !== true)
    return holdFor(needs, { loaded, leg, author }, 'charged-back', { [leg.payment]: version });
  if (balance.availableMinor < 0n) return holdFor(needs, { loaded, leg, author }, 'payment-overdrawn');
  const changed = await changeRefund(needs, { merchant, id: loaded.id, author }, (refund, now) =>
    resume(refund, leg.leg, now),
  );
  if (changed.is === 'blocked') return holdFor(needs, { loaded, leg, author }, 'exceeds-available');
  return changed.is === 'busy' ? 'busy' : 'done';
}

async function holdFor(
  needs: ExecuteNeeds,
  of: { readonly loaded: Loaded; readonly leg: Leg; readonly author: Author },
  reason: HoldReason,
  seen?: Seen,
): Promise<'done' | 'busy'> {
  const { loaded, leg, author } = of;
  const moment = (now: Instant) => ({ now, tempo: needs.tempo, ...(seen && { seen }) });
  const changed = await changeRefund(needs, { merchant: loaded.merchant, id: loaded.id, author }, (refund, now) =>
    holdInstead(refund, leg.leg, reason, moment(now)),
  );
  if (changed.is === 'changed') alarmHeld(needs, of, reason);
  return changed.is === 'busy' || changed.is === 'blocked' ? 'busy' : 'done';
}

/** No fact: the waits grow by how long it has been held. */
async function later(needs: ExecuteNeeds, work: Work, { refund, end }: Loaded): Promise<'done'> {
  const item = await needs.table.get({ table: 'state', pk: work.stream });
  const until = dueAtOf(refund, needs.clock.now(), needs.tempo);
  await postpone(needs.table, work.stream, { version: end.version, until, tries: triesOf(item) });
  return 'done';
}
