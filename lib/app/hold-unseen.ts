import { hold } from '../domain/refund/decide.ts';
import type { Seen } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import type { Refund } from '../domain/refund/state.ts';
import { type Instant, plus } from '../domain/time.ts';
import type { Unseen } from '../domain/unseen.ts';
import { waitForEpoch } from './ask-before.ts';
import type { StoredPayment } from './balances.ts';
import { controlHead } from './control.ts';
import { changeAsRead } from './evidence.ts';
import type { KnownOrder } from './payments.ts';
import { datedAfter, lookAt, newestOf, ofLeg, paymentsOf } from './refunded-elsewhere.ts';
import { type Acted, alarmHeld, type ExecuteNeeds, type Turn } from './turn.ts';

/** The entries of payments that were looked at, and the order by which there were no others to look at. */
export interface Looked {
  readonly seen: Seen;
  readonly order?: KnownOrder;
}

/**
 * Before a request of which the gateway has nothing: a leg whose payments have more on them than was shown to whoever let it go on is held
 * once. Where it is itself the question whether there is something, what others refunded holds nothing. Answers with what
 * was looked at otherwise: on other entries, or beside a payment that became known since, it is not sent.
 */
export async function holdUnseen(needs: ExecuteNeeds, turn: Turn, payment: StoredPayment): Promise<Acted | Looked> {
  const { leg, loaded, gateway } = turn;
  const now = needs.clock.now();
  const shown = ofLeg(leg);
  const asks = leg.now.is !== 'ready' && gateway.capabilities.lookup !== 'authoritative';
  // By time nothing is known so soon: what an older version approved a moment ago compares nothing.
  const tooSoon = shown.seen === undefined && now <= plus(leg.unseenSince, needs.tempo.graceMs);
  const all = asks || tooSoon ? undefined : await paymentsOf(needs, loaded.merchant, loaded.refund);
  const looks = await Promise.all([
    lookAt(needs, loaded.merchant, shown, { payment: leg.payment, version: payment.version }),
    ...(all?.payments ?? [])
      .filter((one) => one !== leg.payment)
      .map((one) => lookAt(needs, loaded.merchant, shown, { payment: one })),
  ]);
  const unseen = looks.map((look): Unseen => (asks || tooSoon ? only('chargedBack', look.unseen) : look.unseen));
  const newest = newestOf(unseen);
  if (newest === undefined) {
    const known = looks.filter(({ version }) => version > 0);
    const seen = Object.fromEntries(known.map(({ payment: of, version }) => [of, version]));
    return { seen, ...(all?.order && { order: all.order }) };
  }
  // A deployment of another restore epoch has not asked whether the leg's own money is there: it decides nothing.
  const control = await controlHead(needs, loaded.merchant);
  const other = await waitForEpoch(needs, turn, control);
  if (other !== undefined) return other;
  const reasons: HoldReason[] = [
    ...(unseen.some(({ chargedBack }) => chargedBack !== undefined) ? (['charged-back'] as const) : []),
    ...(unseen.some(({ elsewhere }) => elsewhere !== undefined) ? (['refunded-elsewhere'] as const) : []),
  ];
  alarmHeld(needs, turn, reasons[0]);
  const seen = Object.fromEntries(looks.map(({ payment: of, length }) => [of, length]));
  const holding = (refund: Refund, at: Instant) =>
    hold(refund, leg.leg, reasons, { now: at, tempo: needs.tempo, seen });
  return changeAsRead(needs, turn, holding, datedAfter(newest, now, needs.tempo));
}

const only = (is: keyof Unseen, unseen: Unseen): Unseen => (unseen[is] === undefined ? {} : { [is]: unseen[is] });
