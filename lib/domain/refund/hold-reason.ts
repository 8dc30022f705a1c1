/** Holds that no further news from the gateway may lift: a person compares the two accounts. */
export const incidents: ReadonlySet<HoldReason> = new Set(['two-refunds', 'echo-mismatch']);

export const onlyDisputed = (reasons: readonly HoldReason[]): boolean =>
  reasons.length > 0 && reasons.every((reason) => reason === 'payment-disputed');

/** Why a refund or a leg waits for a person. */
export type HoldReason =
  | 'over-limit'
  /** The machine has approved as many this hour, or as much, as it may, whatever the policy says. */
  | 'velocity-limit'
  | 'return-shrank'
  | 'return-changed'
  | 'return-cancelled'
  | 'notice-conflict'
  | 'notice-unreadable'
  | 'other-order'
  /** The payment was found by the order's reference alone, and another shop of the merchant may have such an order. */
  | 'other-shop'
  | 'other-currency'
  | 'payment-not-found'
  | 'payment-disputed'
  /** A dispute on the payment was lost: the customer may have this money already. */
  | 'charged-back'
  /** Nothing was captured and nothing will be: there is nothing to refund. */
  | 'payment-voided'
  | 'payment-overdrawn'
  | 'exceeds-available'
  | 'not-expressible'
  | 'no-answer'
  /** For days nothing could be sent, and nothing was: not for want of an answer. */
  | 'not-sent'
  /** What was last written of it has a time that is days away by the clock of everybody who came since. */
  | 'clock-wrong'
  | 'no-proof'
  | 'pending-too-long'
  | 'refused-by-gateway'
  | 'failed-at-gateway'
  /** The gateway called it refunded, and has nothing. */
  | 'lost-at-gateway'
  | 'echo-mismatch'
  | 'key-reused'
  | 'reference-unreadable'
  /** The credential leads to another account than the connection states. */
  | 'wrong-account'
  /** Our own code failed on it again and again. */
  | 'cannot-process'
  | 'two-refunds'
  /** The gateway has a refund of ours for its order that this journal, which was restored, knows nothing of: it may be this money. */
  | 'forgotten-refund'
  /** The shop, or its own payment provider, moved part of this money itself. */
  | 'moved-by-shop'
  /** The shop's record has corrections or duties whose meaning for the amount is not certain. */
  | 'adjusted-by-shop'
  /** The order was paid in part by something that is no gateway connection of ours. */
  | 'unknown-tender'
  /** A refund record of the shop carries a reference of ours that no refund of ours explains. */
  | 'strange-reference'
  /** The shop has a record, of no return, of goods that came back by a return as well: it may be the same parcel told twice. */
  | 'beside-return'
  /** The customer gets other goods for some of what came back: only the shop knows how much of it is owed in money. */
  | 'exchanged'
  /** The shop's own calculation comes to another amount. */
  | 'quote-differs'
  /** While it waited somebody else refunded on a payment of its order, in the dashboard say: that may be this money. */
  | 'refunded-elsewhere'
  /** Another source was first to refund this order. */
  | 'other-source';
