import type { Instant } from '../time.ts';
import { type Leg, liveEvidence } from './leg.ts';

/** What of a leg's amount is out of its payment and with the customer, on the gateway's word, whoever has closed the leg. */

/** A second refund of the gateway's that nobody wanted lives beside it, or in its place. */
export const hasSurplus = (leg: Leg): boolean => Object.values(leg.evidence).includes('surplus');

/** Whether the leg's amount is part of what its payment has `refunded`. */
export function counted(leg: Leg): boolean {
  const state = leg.now.is === 'held' ? leg.now.from : leg.now;
  return state.is === 'refunded' || (state.is === 'closed' && Object.values(leg.evidence).includes('succeeded'));
}

/** What the gateway calls succeeded of this leg, as much as it says that is (F78). */
export function succeededMinor({ evidence, confirmedMinor, amountMinor }: Leg): bigint {
  const theirs = Object.keys(evidence).find((one) => evidence[one] === 'succeeded');
  return theirs === undefined ? 0n : (confirmedMinor[theirs] ?? amountMinor);
}

/** The same, as far as it is part of what its payment has `refunded`. */
export const countedMinor = (leg: Leg): bigint => (counted(leg) ? succeededMinor(leg) : 0n);

/** What a leg takes for which the gateway says `confirmedMinor`: of two amounts the larger, since that may be what has moved. */
export const atLeast = ({ amountMinor }: Leg, confirmedMinor: bigint): bigint =>
  confirmedMinor > amountMinor ? confirmedMinor : amountMinor;

/** What a leg whose amount is promised takes out of its payment. */
export function heldBackMinor(leg: Leg): bigint {
  const live = liveEvidence(leg);
  return atLeast(leg, (live === undefined ? undefined : leg.confirmedMinor[live]) ?? leg.amountMinor);
}

/** Whether the customer has money through this leg: by the refund that was wanted, or by one that was not and lives. */
export const gaveBack = (leg: Leg): boolean => counted(leg) || hasSurplus(leg);

/**
 * Since when the customer has it and nobody looks at it: by the gateway's word, or by a person's who closed it as theirs. Of two refunds that
 * were closed so the first may have failed since.
 */
export function backSince(leg: Leg): Instant | undefined {
  const { now } = leg;
  if (now.is === 'refunded') return now.since;
  return (now.is === 'closed' || now.is === 'failed') && gaveBack(leg) ? now.since : undefined;
}

/** How much the customer has through this leg, as its payment counts it: a second refund of it is theirs too (F103). */
export function gaveBackMinor(leg: Leg): bigint {
  const surplus = Object.entries(leg.surplusMinor).filter(([theirs]) => leg.evidence[theirs] === 'surplus');
  return surplus.reduce((all, [, amountMinor]) => all + amountMinor, countedMinor(leg));
}

/** Whether the customer has through this leg all that was to be given back by it. */
export const gaveAllBack = (leg: Leg): boolean => gaveBack(leg) && gaveBackMinor(leg) >= leg.amountMinor;
