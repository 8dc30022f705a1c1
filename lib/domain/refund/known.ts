import type { HoldReason } from './hold-reason.ts';

/** What a person knows who lets a leg go on that was held for these reasons, and is not asked about again. */
export const knownOf = (reasons: readonly HoldReason[], unseen: readonly HoldReason[] = []) => ({
  ...(reasons.includes('charged-back') && { chargebackKnown: true as const }),
  ...(reasons.includes('return-cancelled') && { cancelKnown: true as const }),
  ...(reasons.includes('forgotten-refund') && { forgottenKnown: true as const }),
  ...(unseen.length > 0 && { unseen: unseen.filter((one) => !reasons.includes(one)) }),
});

/** One more thing that whoever lets the leg go on must know. */
export const restated = (unseen: readonly HoldReason[] = [], reason: HoldReason): readonly HoldReason[] =>
  unseen.includes(reason) ? unseen : [...unseen, reason];
/** Whoever decides on what is held for these reasons is told that somebody else refunded on its payments (F44). */
export const shows = (reasons: readonly HoldReason[]): boolean => reasons.includes('refunded-elsewhere');
