import type { HoldReason } from './hold-reason.ts';

/** What a person knows who lets a leg go on that was held for these reasons, and is not asked about again. */
export const knownOf = (reasons: readonly HoldReason[]) => ({
  ...(reasons.includes('charged-back') && { chargebackKnown: true as const }),
  ...(reasons.includes('return-cancelled') && { cancelKnown: true as const }),
  ...(reasons.includes('forgotten-refund') && { forgottenKnown: true as const }),
});
