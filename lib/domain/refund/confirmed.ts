import type { LegEvent } from './event.ts';
import type { Leg } from './leg.ts';

/** The leg, with what the gateway says that its refund is: without a word of it, as much as was asked for. */
export const confirmedBy = (leg: Leg, event: Extract<LegEvent, { type: 'leg.accepted' }>): Leg => ({
  ...leg,
  confirmedMinor: { ...leg.confirmedMinor, [event.theirs]: event.amountMinor ?? leg.amountMinor },
});
