import { parsePaymentId } from '../domain/ids.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import { holder, promised } from '../domain/payment.ts';
import { hold } from '../domain/refund/decide.ts';
import { type Decision, nothing } from '../domain/refund/decision.ts';
import type { RefundEvent, Source } from '../domain/refund/event.ts';
import { learn } from '../domain/refund/learn.ts';
import type { Leg } from '../domain/refund/leg.ts';
import type { Refund } from '../domain/refund/state.ts';
import { refundStream } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { adopt, alarmIfOverdrawn, reverseAdoption } from './adopt.ts';
import { stopAccount } from './control.ts';
import { markIfDisputed } from './disputed-legs.ts';
import type { Also } from './journal.ts';
import type { PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import { type Author, appendToRefund, changeRefund, claimName, type Loaded } from './refunds.ts';

/** A leg of a loaded refund, and on whose behalf it changes. */
export interface OfLeg {
  readonly loaded: Pick<Loaded, 'merchant' | 'id'>;
  readonly leg: Leg;
  readonly connection: Connection;
  readonly author: Author;
  readonly also?: readonly Also[];
}

/** Appends what `decide` says, on whatever the refund is by then. */
export async function change(
  needs: PaymentNeeds,
  of: OfLeg,
  decide: (refund: Refund, now: Instant) => Decision,
): Promise<'done' | 'busy'> {
  const { merchant, id } = of.loaded;
  const changed = await changeRefund(needs, { merchant, id, author: of.author }, decide);
  return changed.is === 'busy' || changed.is === 'blocked' ? 'busy' : 'done';
}

/**
 * Appends what was decided from the refund as this turn read it, and only if it still is so: a decision to renew, to believe a refusal or
 * to take an absence for one is about that state and no later one. Somebody was first: nothing is done, the caller looks again.
 */
export async function changeAsRead(
  needs: Omit<PaymentNeeds, 'vault'>,
  of: { readonly loaded: Loaded; readonly author: Author },
  decide: (refund: Refund, now: Instant) => Decision,
  at = needs.clock.now(),
): Promise<'done' | 'busy'> {
  const decision = decide(of.loaded.refund, at);
  if (decision.is !== 'events') return 'done';
  const appended = await appendToRefund(needs, of.loaded, { author: of.author, at, events: decision.events });
  return appended.is === 'busy' || appended.is === 'blocked' ? 'busy' : 'done';
}

/**
 * Takes one piece of evidence about a leg: from the gateway's answer, a lookup or a webhook. The gateway's id is claimed for the leg
 * in the same transaction; where it was adopted as somebody else's before, the adoption is reversed first. Where it is a second
 * refund for the leg, the account is stopped first (F103).
 */
export async function takeEvidence(
  needs: PaymentNeeds,
  of: Told & { readonly source: Source },
): Promise<'done' | 'busy'> {
  const { merchant, id } = of.loaded;
  const { evidence, source, author, leg } = of;
  const decide = (refund: Refund, now: Instant) =>
    refund.is === 'approved' ? learn(refund, leg.leg, evidence, source, { now, tempo: needs.tempo }) : nothing;
  const before = async (events: readonly RefundEvent[]) =>
    (await giveBackBeforeNote(needs, of, events)) && (await stopBeforeSurplus(needs, of, events));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const changed = await changeRefund(needs, { merchant, id, author, also: of.also ?? [], before }, decide);
    if (changed.is === 'changed') {
      alarms(needs, of, changed.events);
      // Its amount was free before, and may have been given away.
      if (!promised(leg)) await alarmIfOverdrawn(needs, targetOf(of));
      const accepted = changed.events.some((event) => event.type === 'leg.accepted');
      return accepted ? markIfDisputed(needs, of) : 'done';
    }
    if (changed.is === 'unchanged' && changed.loaded.refund.is !== 'approved') return asMadeElsewhere(needs, of);
    if (changed.is !== 'blocked') return changed.is === 'busy' ? 'busy' : 'done';
    if (changed.by !== claimName) return 'busy';
    const reversed = await reverse(needs, of, holder(id, leg.leg), [unlessWithdrawn(of.loaded)]);
    if (reversed === 'returned' && isLate(of)) return 'done';
    if (reversed === 'busy') return 'busy';
    if (reversed !== 'reversed') return foreign(needs, of);
  }
  return 'busy';
}

/**
 * News of what has failed since, as everybody knew before this leg was decided (F11). What the gateway says of it when it is asked, as it is
 * before anything is sent, is no late news: a person compares.
 */
const isLate = ({ source, evidence }: Told & { readonly source: Source }): boolean =>
  source === 'webhook' && evidence.state !== 'failed';

/**
 * Whatever let this gateway account pay one leg twice may do it again: nothing more is sent through it until a person has looked. The
 * stop comes before the fact it follows from, so that no death in between leaves a surplus on an account that goes on; where the fact is
 * never appended after all, one stop too many is what a person resumes.
 */
async function stopBeforeSurplus(
  needs: PaymentNeeds,
  { loaded, leg, author }: OfLeg,
  events: readonly RefundEvent[],
): Promise<boolean> {
  if (!events.some((event) => event.type === 'leg.surplus')) return true;
  const { merchant, id } = loaded;
  return stopAccount(needs, merchant, author, { connection: leg.connection, reason: 'two-refunds', by: id });
}

type Told = OfLeg & { readonly evidence: RefundEvidence };

const targetOf = ({ leg, connection, author }: OfLeg) => ({
  connection,
  payment: parsePaymentId(leg.payment) ?? leg.payment,
  author,
});

const reverse = (needs: PaymentNeeds, of: Told, claimant: string, only: readonly Also[] = []) =>
  reverseAdoption(needs, targetOf(of), of.evidence.theirs, claimant, only);

/** Whoever withdraws a refund looks afterwards for what was reversed for it before: nothing is reversed for it later. */
const unlessWithdrawn = ({ merchant, id }: OfLeg['loaded']): Also => ({
  name: 'withdrawn',
  write: {
    check: { table: 'state', pk: refundStream(merchant, id) },
    only: [{ attribute: 'status', is: 'not-equal', value: 'cancelled' }],
  },
});

/**
 * A note that an earlier try failed claims nothing. A restored journal may have taken that try in as somebody else's before its return was
 * decided anew (F117): it is given back first, since the same news that comes again tells the leg nothing new.
 */
async function giveBackBeforeNote(needs: PaymentNeeds, of: Told, events: readonly RefundEvent[]): Promise<boolean> {
  if (!events.some((event) => event.type === 'leg.noted')) return true;
  return (await reverse(needs, of, 'returned')) !== 'busy';
}

/** Its return was withdrawn while the gateway was asked (F53): no leg answers to this refund any more, and the money is gone all the same. */
async function asMadeElsewhere(needs: PaymentNeeds, of: Told): Promise<'done' | 'busy'> {
  const adopted = await adopt(needs, targetOf(of), of.evidence);
  return adopted === 'busy' || adopted === 'in-flight' ? 'busy' : 'done';
}

/** The gateway's id belongs to another leg (F79): a mix-up of ours or theirs that no program should untangle. */
function foreign(needs: PaymentNeeds, of: OfLeg): Promise<'done' | 'busy'> {
  needs.log.alarm('two-refunds-for-one-leg', {
    stream: of.loaded.id,
    leg: of.leg.leg,
    correlation: of.author.correlation,
    code: 'foreign-id',
  });
  return change(needs, of, (refund, now) =>
    refund.is === 'approved' ? hold(refund, of.leg.leg, ['two-refunds'], { now, tempo: needs.tempo }) : nothing,
  );
}

function alarms(needs: PaymentNeeds, of: OfLeg, events: readonly RefundEvent[]): void {
  const about = { stream: of.loaded.id, leg: of.leg.leg, correlation: of.author.correlation };
  for (const event of events) {
    if (event.type === 'leg.surplus') needs.log.alarm('two-refunds-for-one-leg', about);
    if (event.type === 'leg.accepted' && event.reason === 'insufficient_funds') needs.log.alarm('funds-missing', about);
    if (event.type !== 'leg.held') continue;
    const code = event.reasons[0] ?? '';
    needs.log.alarm(code === 'echo-mismatch' ? 'echo-mismatch' : 'refund-held', { ...about, code });
  }
}
