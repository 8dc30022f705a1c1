import type { PaymentEvent } from './balance.ts';
import type { PaymentId } from './ids.ts';
import type { Seen } from './refund/event.ts';
import { lastSeen } from './refund/known.ts';
import type { Instant } from './time.ts';

/** How much of payments was shown to whoever let something go on. */
export interface Shown {
  readonly unseenSince: Instant;
  readonly seen?: Seen;
  /** Of which payments chargebacks are known, and those up to which entry; of no other is it asked. */
  readonly chargebacks?: Seen;
}

/** What came to one payment that was not shown: when the newest was counted, by the clock of whoever counted it. */
export interface Unseen {
  /** Refunded by somebody else, and not given back. */
  readonly elsewhere?: Instant;
  /** Lost to the customer's bank. */
  readonly chargedBack?: Instant;
}

interface History {
  readonly payment: PaymentId;
  readonly entries: readonly { readonly at: Instant; readonly events: readonly PaymentEvent[] }[];
}

/**
 * By the place of its entry in the payment's stream: clocks may be apart, and a clock that is ahead would hide what came after it. Only what
 * an older version decided is told by time. What we promise, send and hear of our own refunds is no entry of that stream.
 */
export function unseenOn({ payment, entries }: History, { unseenSince, seen, chargebacks }: Shown): Unseen {
  const adopted = new Map<string, Found>();
  const lost: Found[] = [];
  for (const [index, { at, events }] of entries.entries())
    for (const event of events) {
      if (event.type === 'payment.refund-adopted') adopted.set(event.theirs, { number: index + 1, at });
      if (event.type === 'payment.adoption-reversed') adopted.delete(event.theirs);
      if (event.type === 'payment.dispute-lost') lost.push({ number: index + 1, at });
    }
  const after = (from: Seen) => {
    const last = lastSeen(from, payment);
    // A stream that a restore made shorter is not the one that was seen: nobody can tell what was.
    const known = last > entries.length ? 0 : last;
    return ({ number }: Found) => number > known;
  };
  const isUnseen = seen === undefined ? ({ at }: Found) => at > unseenSince : after(seen);
  const elsewhere = newest([...adopted.values()].filter(isUnseen));
  const asked = chargebacks !== undefined && chargebacks[payment] !== undefined;
  const chargedBack = asked ? newest(lost.filter(after(chargebacks))) : undefined;
  return { ...(elsewhere !== undefined && { elsewhere }), ...(chargedBack !== undefined && { chargedBack }) };
}

interface Found {
  readonly number: number;
  readonly at: Instant;
}

const newest = (found: readonly Found[]): Instant | undefined =>
  found.reduce<Instant | undefined>((last, { at }) => (last === undefined || at > last ? at : last), undefined);
