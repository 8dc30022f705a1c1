import { describe, expect, it } from 'vitest';
import type { PaymentEvent } from './balance.ts';
import { paymentId } from './ids.ts';
import { clock } from './refund/given.ts';
import { type Shown, unseenOn } from './unseen.ts';

const payment = paymentId('pay1');
const other = paymentId('pay2');
const adopted = (theirs: string): PaymentEvent => ({ type: 'payment.refund-adopted', v: 1, theirs, amountMinor: 1n });
const back = (theirs: string): PaymentEvent => ({ type: 'payment.adoption-reversed', v: 1, theirs, amountMinor: 1n });
const lost = (theirs: string): PaymentEvent => ({ type: 'payment.dispute-lost', v: 1, theirs, amountMinor: 1n });
const captured: PaymentEvent = { type: 'payment.captured', v: 1, theirs: 'c', amountMinor: 9n, at: clock(0) };

/** What is found among these entries, each a second after the one before. */
const found = (shown: Partial<Shown>, ...entries: PaymentEvent[]) =>
  unseenOn(
    { payment, entries: entries.map((event, index) => ({ at: clock(1000 * index), events: [event] })) },
    { unseenSince: clock(3_600_000), ...shown },
  );

describe('what came to a payment and nobody was shown', () => {
  it('F26 F44 is what somebody else refunded in a later entry, whatever any clock says', () => {
    expect(found({ seen: { [payment]: 1 } }, captured, adopted('r'))).toEqual({ elsewhere: clock(1000) });
    expect(found({ seen: { [payment]: 2 }, unseenSince: clock(0) }, captured, adopted('r'))).toEqual({});
  });

  it('F44 is all of it on a payment that was not looked at', () => {
    expect(found({ seen: { [other]: 7 } }, adopted('r'))).toEqual({ elsewhere: clock(0) });
  });

  it('F117 is all of it where the stream is shorter than what was seen', () => {
    expect(found({ seen: { [payment]: 3 } }, captured, adopted('r'))).toEqual({ elsewhere: clock(1000) });
    const chargebacks = { [payment]: 3 };
    expect(found({ seen: { [payment]: 2 }, chargebacks }, captured, lost('d'))).toEqual({ chargedBack: clock(1000) });
  });

  it('F44 is nothing that was given back, and what was counted anew after it', () => {
    const shown = { seen: { [payment]: 1 } };
    expect(found(shown, captured, adopted('r'), back('r'))).toEqual({});
    expect(found({ seen: { [payment]: 2 } }, captured, adopted('r'), back('r'), adopted('r'))).toEqual({
      elsewhere: clock(3000),
    });
  });

  it('F44 is told by time where an older version decided', () => {
    expect(found({ unseenSince: clock(0) }, captured, adopted('r'), adopted('s'))).toEqual({ elsewhere: clock(2000) });
    expect(found({ unseenSince: clock(1000) }, captured, adopted('r'))).toEqual({});
  });

  it('F46 is a dispute that was lost after those that were shown, where it is asked of this payment', () => {
    const seen = { [payment]: 9 };
    const both = [captured, lost('d'), lost('e')];
    expect(found({ seen, chargebacks: { [payment]: 2 } }, ...both)).toEqual({ chargedBack: clock(2000) });
    expect(found({ seen, chargebacks: { [payment]: 3 } }, ...both)).toEqual({});
    expect(found({ seen, chargebacks: { [other]: 0 } }, ...both)).toEqual({});
    expect(found({ seen }, ...both)).toEqual({});
  });
});
