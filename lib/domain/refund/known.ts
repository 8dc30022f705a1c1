import type { Instant } from '../time.ts';
import type { HoldReason } from './hold-reason.ts';

/** What a person knows who lets a leg go on that was held for these reasons, and is not asked about again. */
export const knownOf = (reasons: readonly HoldReason[], at: Instant, unseen: readonly HoldReason[] = []) => ({
  ...(reasons.includes('charged-back') && { chargebackKnown: true as const }),
  ...(reasons.includes('return-cancelled') && { cancelKnown: true as const }),
  ...(reasons.includes('forgotten-refund') && { forgottenKnown: at }),
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
