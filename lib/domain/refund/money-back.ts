import { hasSurplus, type Leg } from './leg.ts';

/** Whether the leg's amount is part of what its payment has `refunded`. A person who closes it changes nothing about what the customer has. */
export function counted(leg: Leg): boolean {
  const state = leg.now.is === 'held' ? leg.now.from : leg.now;
  return state.is === 'refunded' || (state.is === 'closed' && Object.values(leg.evidence).includes('succeeded'));
}

/** Whether the customer has money through this leg: by the refund that was wanted, or by one that was not and lives. */
export const gaveBack = (leg: Leg): boolean => counted(leg) || hasSurplus(leg);

/** How much the customer has through this leg, as its payment counts it: a second refund of it is theirs too (F103). */
export function gaveBackMinor(leg: Leg): bigint {
  const surplus = Object.entries(leg.surplusMinor).filter(([theirs]) => leg.evidence[theirs] === 'surplus');
  return surplus.reduce((all, [, amountMinor]) => all + amountMinor, counted(leg) ? leg.amountMinor : 0n);
}

/** Whether the customer has through this leg all that was to be given back by it. */
export const gaveAllBack = (leg: Leg): boolean => gaveBack(leg) && gaveBackMinor(leg) >= leg.amountMinor;
