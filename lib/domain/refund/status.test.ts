import { describe, expect, it } from 'vitest';
import type { RefundEvent } from './event.ts';
import {
  amount,
  approved,
  clock,
  fact,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  legStates,
  legThatIs,
  planned,
  requested,
} from './given.ts';
import { backMinor, none } from './state.ts';
import { final, reasonsOf, statuses, statusOf } from './status.ts';

const waiting: RefundEvent = { type: 'refund.waiting', v: 1, reason: 'payment-unknown', until: clock(1) };

describe('the status of a refund', () => {
  it.each([
    ['nothing', none, 'waiting', []],
    ['a request', given(requested()), 'waiting', []],
    ['a wait', given(requested(), waiting), 'waiting', ['payment-unknown']],
    ['a hold', given(requested(), heldRefund(['over-limit'])), 'held', ['over-limit']],
    [
      'a denial',
      given(requested(), { type: 'refund.denied', v: 1, reasons: ['exceeds-capture'] }),
      'denied',
      ['exceeds-capture'],
    ],
    ['a cancellation', given(requested(), { type: 'refund.cancelled', v: 1 }), 'cancelled', []],
    ['a leg to be sent', legThatIs('ready'), 'approved', []],
    ['a leg being sent', legThatIs('sending'), 'sending', []],
    ['a leg without an answer', legThatIs('unknown'), 'unknown', ['timeout']],
    ['a pending leg', legThatIs('pending'), 'pending', []],
    ['a refunded leg', legThatIs('refunded'), 'refunded', []],
    ['a refused leg', legThatIs('refused'), 'failed', ['declined']],
    ['a failed leg', legThatIs('failed'), 'failed', ['expired-card']],
    ['a held leg', legThatIs('held'), 'held', ['no-answer']],
    ['a closed leg', legThatIs('closed'), 'failed', ['closed-by-person']],
    [
      'a pending leg with a reason',
      givenLeg(fact('leg.accepted', { reason: 'insufficient-funds' })),
      'pending',
      ['insufficient-funds'],
    ],
  ] as const)('of %s is a word', (_, refund, status, reasons) => {
    expect(statusOf(refund)).toBe(status);
    expect(reasonsOf(refund)).toEqual(reasons);
    expect(statuses).toContain(status);
  });

  /** Of two legs, the one that most needs attention speaks; one refunded beside one that never will be is partly. */
  const order = ['held', 'unknown', 'sending', 'ready', 'pending'] as const;
  const word = { held: 'held', unknown: 'unknown', sending: 'sending', ready: 'approved', pending: 'pending' } as const;
  const ofTwo = (a: (typeof legStates)[number], b: (typeof legStates)[number]) => {
    const first = order.find((state) => state === a || state === b);
    if (first !== undefined) return word[first];
    if (a === 'refunded' && b === 'refunded') return 'refunded';
    return a === 'refunded' || b === 'refunded' ? 'partly-refunded' : 'failed';
  };
  const pairs = legStates.flatMap((a) => legStates.map((b) => [a, b] as const));

  it.each(pairs)('F48 of a leg that is %s and one that is %s', (a, b) => {
    const second = legHistories[b].map((event) => ({ ...event, leg: 2 }) as RefundEvent);
    const refund = given(requested(), approved(planned(1), planned(2)), ...legHistories[a], ...second);
    expect(statusOf(refund)).toBe(ofTwo(a, b));
    expect(statuses).toContain(ofTwo(a, b));
  });

  it.each<[string, readonly RefundEvent[], readonly string[]]>([
    ['that is disputed', [fact('leg.disputed')], ['disputed']],
    ['whose dispute was lost', [fact('leg.disputed', { stage: 'lost' })], ['charged-back']],
    ['whose dispute was won', [fact('leg.disputed', { stage: 'won' })], []],
  ])('F46 of a refunded leg %s says so', (_, history, reasons) => {
    expect(reasonsOf(givenLeg(...legHistories.refunded, ...history))).toEqual(reasons);
  });

  const second = fact('leg.surplus');
  const noMore = fact('leg.surplus-failed');
  const [stopped, closed] = [fact('leg.held', { reasons: ['two-refunds'] }), fact('leg.closed')];
  const late = fact('leg.failed');

  it.each<[string, readonly RefundEvent[], string, bigint]>([
    ['and its second refund settled', [second, stopped, noMore, closed], 'refunded', amount],
    ['and its second refund left', [second, stopped, closed], 'refunded', 2n * amount],
    ['and the first of its two failed', [second, late, stopped, closed], 'refunded', amount],
    ['after which the first failed', [second, stopped, closed, late], 'refunded', amount],
    [
      'and a smaller second one left',
      [fact('leg.surplus', { amountMinor: 1n }), late, stopped, closed],
      'partly-refunded',
      1n,
    ],
    ['and both of its two failed', [second, stopped, late, noMore, closed], 'failed', 0n],
    ['and then it failed', [second, stopped, noMore, closed, late], 'failed', 0n],
    ['and the gateway had it no more', [fact('leg.lost'), fact('leg.held'), closed], 'failed', 0n],
  ])('F103 of a refunded leg that a person closed, %s, is what the customer has', (_, history, status, back) => {
    const refund = givenLeg(...legHistories.refunded, ...history);
    expect(statusOf(refund)).toBe(status);
    expect(backMinor(refund)).toBe(back);
  });

  it.each([
    [amount + 1n, 'refunded'],
    [amount - 1n, 'partly-refunded'],
  ])(
    'F78 of a leg of which the gateway gave back %i, once a person has said yes or no to that, is %s',
    (amountMinor, status) => {
      const said = fact('leg.accepted', { state: 'succeeded', amountMinor });
      const compared = [fact('leg.sending'), said, fact('leg.held', { reasons: ['echo-mismatch'] })];
      for (const word of [fact('leg.closed'), fact('leg.released')]) {
        const refund = givenLeg(...compared, word);
        expect([statusOf(refund), backMinor(refund)]).toEqual([status, amountMinor]);
      }
    },
  );

  it('F48 of two legs for one reason says it once', () => {
    const both = [1, 2].flatMap((leg) => legHistories.refused.map((event) => ({ ...event, leg }) as RefundEvent));
    expect(reasonsOf(given(requested(), approved(planned(1), planned(2)), ...both))).toEqual(['declined']);
  });

  it('says that the shop could not be told', () => {
    const givenUp: RefundEvent = { type: 'refund.tell-given-up', v: 1, code: 'no-answer' };
    expect(reasonsOf(givenLeg(...legHistories.refunded, givenUp))).toEqual(['shop-not-told']);
  });

  it('is final only where nothing more is owed by us', () => {
    expect([...final].sort()).toEqual(['cancelled', 'denied', 'failed', 'partly-refunded', 'refunded']);
  });
});
