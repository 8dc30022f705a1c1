import type { PaymentId } from '../ids.ts';
import type { Instant } from '../time.ts';
import type { Seen } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import type { Leg } from './leg.ts';

/** By which restore a person knew what it forgot. Only what an older version wrote is told by its time: clocks may be wrong (F26). */
export interface ForgottenKnown {
  readonly at: Instant;
  readonly restored?: number;
}

/** What a person knows who lets a leg go on that was held for these reasons, and is not asked about again. */
export const knownOf = (
  { reasons, chargebacks }: { readonly reasons: readonly HoldReason[]; readonly chargebacks?: number },
  { at, restored }: ForgottenKnown,
  unseen: readonly HoldReason[] = [],
) => ({
  ...(reasons.includes('charged-back') && { chargebackKnown: true as const }),
  ...(chargebacks !== undefined && { chargebacksSeen: chargebacks }),
  ...(reasons.includes('return-cancelled') && { cancelKnown: true as const }),
  ...(reasons.includes('forgotten-refund') && { forgottenKnown: { at, ...(restored !== undefined && { restored }) } }),
  ...(unseen.length > 0 && { unseen: unseen.filter((one) => !reasons.includes(one)) }),
});

/** One more thing that whoever lets the leg go on must know. */
export const restated = (unseen: readonly HoldReason[] = [], reason: HoldReason): readonly HoldReason[] =>
  unseen.includes(reason) ? unseen : [...unseen, reason];

/**
 * Whether a hold tells that somebody else refunded on its payments (F44): it is a new reason, or is said anew, as the last one. One that only
 * goes on being a reason, beside another that came since, says nothing of what was refunded meanwhile.
 */
export const shows = (reasons: readonly HoldReason[], before: readonly HoldReason[]): boolean =>
  reasons.at(-1) === elsewhere || (reasons.includes(elsewhere) && !before.includes(elsewhere));
const elsewhere: HoldReason = 'refunded-elsewhere';

/** From here on nobody was shown anything: after the entries that were seen, or, where an older version wrote it, after its time. */
export const unseenFrom = (at: Instant, seen: Seen | undefined) => ({ unseenSince: at, ...(seen && { seen }) });

/** The same of a leg that is held, where that shows anything. */
export const shownBy = ({ now }: Pick<Leg, 'now'>, { reasons, seen }: Hold, at: Instant) =>
  shows(reasons, now.is === 'held' ? now.reasons : []) ? unseenFrom(at, seen) : {};

/** Which chargebacks a hold tells of (F46): those of the entries that it names, where it is for any. */
export const chargebacksOf = ({ reasons, seen }: Hold): Seen | undefined =>
  reasons.includes('charged-back') ? seen : undefined;

/** The same on the payment of a leg; what was told before goes on being told. */
export function chargebacksIn({ now, payment }: Leg, hold: Hold): { readonly chargebacks?: number } {
  const told = chargebacksOf(hold);
  const before = now.is === 'held' ? now.chargebacks : undefined;
  const chargebacks = told === undefined ? before : lastSeen(told, payment);
  return chargebacks === undefined ? {} : { chargebacks };
}
interface Hold {
  readonly reasons: readonly HoldReason[];
  readonly seen?: Seen;
}

/** The last entry of this payment that was seen; of a payment that was not looked at, none. */
export const lastSeen = (seen: Seen, payment: PaymentId): number => seen[payment] ?? 0;
