import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RefundEvidence } from '../notice.ts';
import { promised } from '../payment.ts';
import { hold, lose } from './decide.ts';
import {
  amount,
  at,
  currency,
  evidence,
  fact,
  following,
  givenLeg,
  legHistories,
  legStates,
  legThatIs,
  nowOf,
  seeded,
  words,
} from './given.ts';
import { learn } from './learn.ts';
import type { Leg } from './leg.ts';
import { deny } from './people.ts';
import { legOf, type Refund } from './state.ts';

const told = (refund: Refund, news: readonly RefundEvidence[]): Refund =>
  news.reduce((now, one) => following(now, learn(now, 1, one, 'webhook', at(0))), refund);
const pending = evidence();
const succeeded = evidence({ state: 'succeeded' });
const failed = evidence({ state: 'failed' });
const second = (state: RefundEvidence['state'], of = amount) => evidence({ theirs: 're_2', state, amountMinor: of });

describe('a piece of evidence', () => {
  it.each([
    [
      'pending',
      pending,
      ['leg.accepted'],
      {
        ready: ['leg.accepted'],
        refused: ['leg.accepted'],
        pending: 'nothing',
        refunded: 'nothing',
        failed: 'nothing',
      },
    ],
    ['success', succeeded, ['leg.accepted'], { refunded: 'nothing', failed: 'nothing' }],
    [
      'failure',
      failed,
      ['leg.failed', 'leg.held'],
      // Nothing was sent: it is not about this leg's one try, and kept only. A refused or closed one is not held again.
      { ready: ['leg.noted'], refused: ['leg.failed'], failed: 'nothing', closed: ['leg.failed'] },
    ],
  ] as const)(
    'F92 of %s is taken in every state it can change',
    (_, news, usual, otherwise: Partial<Record<string, string | readonly string[]>>) => {
      for (const state of legStates) {
        expect([state, words(learn(legThatIs(state), 1, news, 'webhook', at(0)))]).toEqual([
          state,
          otherwise[state] ?? usual,
        ]);
      }
    },
  );

  it('F76 of a failure after success takes the success back and holds', () => {
    const refund = told(legThatIs('sending'), [succeeded, failed]);
    expect(legOf(refund, 1).now).toMatchObject({ is: 'held', reasons: ['failed-at-gateway'], from: { is: 'failed' } });
  });

  it('F77 of another reason is taken while it is pending, keeps the clock running, and lifts no hold', () => {
    const reason = (word: string) => evidence({ reason: word });
    const refund = told(legThatIs('sending'), [reason('processing')]);
    const decision = learn(refund, 1, reason('insufficient_funds'), 'lookup', at(1000));
    expect(words(decision)).toEqual(['leg.accepted']);
    const after = following(refund, decision, at(1000).now);
    expect(legOf(after, 1).now).toMatchObject({ is: 'pending', since: at(0).now, reason: 'insufficient_funds' });
    expect(words(learn(after, 1, reason('insufficient_funds'), 'lookup', at(2000)))).toBe('nothing');
    const heldOne = following(after, hold(after, 1, ['pending-too-long'], at(0)));
    expect(words(learn(heldOne, 1, reason('processing'), 'lookup', at(0)))).toBe('nothing');
  });

  it("F103 F76 that the last of two failed, which a person closed as the customer's, puts it in front of a person again", () => {
    const two = told(legThatIs('refunded'), [second('succeeded'), failed]);
    const closed = following(two, deny(two));
    const gone = [second('failed')];
    expect(words(learn(closed, 1, second('failed'), 'webhook', at(0)))).toEqual([
      'leg.surplus-failed',
      'leg.failed',
      'leg.held',
    ]);
    expect(legOf(told(closed, gone), 1).now).toMatchObject({ is: 'held', reasons: ['failed-at-gateway'] });
    const third = told(closed, [evidence({ theirs: 're_3', state: 'succeeded' })]);
    expect(Object.values(legOf(third, 1).evidence)).toContain('succeeded');
    // The first one failed after it was closed.
    const both = told(legThatIs('refunded'), [second('succeeded')]);
    const after = told(following(both, deny(both)), [failed]);
    expect(nowOf(after)).toBe('failed');
    expect(legOf(told(after, gone), 1).now).toMatchObject({ is: 'held', reasons: ['failed-at-gateway'] });
    // While the first one lives, or a person compares, nothing changes.
    expect(nowOf(told(following(both, deny(both)), gone))).toBe('closed');
    expect(legOf(told(two, gone), 1).now).toMatchObject({ is: 'held', reasons: ['two-refunds'] });
  });

  it("F76 F103 that both of two failed which a person closed as the customer's, the first before it was ever a success, puts it in front of a person again", () => {
    const two = told(legThatIs('pending'), [second('succeeded')]);
    const closed = following(two, deny(two));
    expect(nowOf(closed)).toBe('closed');
    const after = { is: 'held', reasons: ['failed-at-gateway'] };
    expect(legOf(told(closed, [failed, second('failed')]), 1).now).toMatchObject(after);
    expect(legOf(told(closed, [second('failed'), failed]), 1).now).toMatchObject(after);
  });

  it("F76 of a failure of what a person closed as the customer's puts it in front of a person again; of what they closed in doubt it does not", () => {
    const other = told(legThatIs('sending'), [evidence({ state: 'succeeded', amountMinor: 1n })]);
    const closed = following(other, deny(other));
    expect(nowOf(closed)).toBe('closed');
    const after = told(closed, [failed]);
    expect(legOf(after, 1).now).toMatchObject({ is: 'held', reasons: ['failed-at-gateway'], from: { is: 'failed' } });
    expect(promised(legOf(after, 1))).toBe(false);
    expect(words(learn(legThatIs('closed'), 1, failed, 'webhook', at(0)))).toEqual(['leg.failed']);
    // The second of two lives, and is the customer's.
    const two = told(legThatIs('refunded'), [second('succeeded')]);
    expect(words(learn(following(two, deny(two)), 1, failed, 'webhook', at(0)))).toEqual(['leg.failed']);
  });

  describe('F102 about a refund that was lost', () => {
    const lost = () => {
      const before = legThatIs('refunded');
      return following(before, lose(before, 1, at(1).now, at(1)));
    };
    it('restores it, however it stands by then', () => {
      expect(words(learn(lost(), 1, succeeded, 'webhook', at(2)))).toEqual(['leg.accepted']);
      expect(nowOf(told(lost(), [succeeded]))).toBe('refunded');
      expect(nowOf(told(lost(), [pending]))).toBe('pending');
      const closed = following(lost(), deny(lost()));
      expect(nowOf(told(closed, [succeeded]))).toBe('refunded');
    });
    it('ends it, when it failed', () => {
      const failedNow = told(lost(), [failed]);
      expect(legOf(failedNow, 1).now).toMatchObject({ is: 'held', reasons: ['failed-at-gateway'] });
      expect(promised(legOf(failedNow, 1))).toBe(false);
    });
    it('keeps the amount while nobody knows, and is asked for once only', () => {
      expect(promised(legOf(lost(), 1))).toBe(true);
      expect(promised(legOf(following(lost(), deny(lost())), 1))).toBe(true);
      expect(words(lose(lost(), 1, at(5).now, at(5)))).toBe('nothing');
      expect(words(lose(legThatIs('refunded'), 1, at(0).now, at(5)))).toBe('nothing');
    });
  });

  it('F76 of a failure of what was refused before leaves the person with what they look at', () => {
    const refused = givenLeg(...legHistories.refused, fact('leg.held', { reasons: ['refused-by-gateway'] }));
    const refund = told(refused, [second('failed'), second('succeeded')]);
    expect(legOf(refund, 1).now).toMatchObject({ is: 'held', reasons: ['refused-by-gateway'], from: { is: 'failed' } });
  });

  it.each([
    ['another amount', { amountMinor: amount - 1n }],
    ['a larger amount', { amountMinor: amount + 1n }],
    ['another currency', { currency: currency('USD') }],
  ])('F78 with %s holds, however far it is', (_, other) => {
    for (const [state, is] of [
      ['pending', 'pending'],
      ['succeeded', 'refunded'],
    ] as const) {
      const refund = told(legThatIs('sending'), [evidence({ state, ...other })]);
      expect(legOf(refund, 1).now).toMatchObject({ is: 'held', reasons: ['echo-mismatch'], from: { is } });
    }
  });

  it('F78 with another amount, after the right one was pending, holds too, once', () => {
    const other = evidence({ state: 'succeeded', amountMinor: 1n });
    const refund = told(legThatIs('pending'), [other]);
    expect(legOf(refund, 1).now).toMatchObject({ is: 'held', reasons: ['echo-mismatch'] });
    expect(words(learn(refund, 1, other, 'lookup', at(0)))).toBe('nothing');
  });

  it('F103 of a second refund is counted once, and everything about the leg stops', () => {
    const decision = learn(legThatIs('refunded'), 1, second('pending', 4300n), 'webhook', at(0));
    expect(decision).toMatchObject({
      events: [{ type: 'leg.surplus', theirs: 're_2', amountMinor: 4300n }, { reasons: ['two-refunds'] }],
    });
    const refund = told(legThatIs('refunded'), [second('pending')]);
    for (const again of [second('pending'), second('succeeded')])
      expect(words(learn(refund, 1, again, 'webhook', at(0)))).toBe('nothing');
    const third = evidence({ theirs: 're_3', state: 'succeeded' });
    expect(words(learn(refund, 1, third, 'webhook', at(0)))).toEqual(['leg.surplus']);
  });

  it('F103 that the second of two failed gives its amount back once, and leaves the leg held', () => {
    const refund = told(legThatIs('refunded'), [second('pending', 4300n)]);
    const decision = learn(refund, 1, second('failed', 4300n), 'webhook', at(0));
    expect(decision).toEqual({ is: 'events', events: [fact('leg.surplus-failed', { amountMinor: 4300n })] });
    const after = following(refund, decision);
    expect(legOf(after, 1).now).toMatchObject({ is: 'held', reasons: ['two-refunds'], from: { is: 'refunded' } });
    expect(legOf(after, 1).evidence).toEqual({ re_1: 'succeeded', re_2: 'failed' });
    for (const state of ['pending', 'succeeded', 'failed'] as const)
      expect(words(learn(after, 1, second(state, 4300n), 'webhook', at(0)))).toBe('nothing');
  });

  it('F103 that the first of two failed does not take the incident off the table', () => {
    const refund = told(legThatIs('refunded'), [second('succeeded'), failed]);
    expect(legOf(refund, 1).now).toMatchObject({ is: 'held', reasons: ['two-refunds'], from: { is: 'failed' } });
  });

  it('F59 that an older try failed changes nothing about the one under way', () => {
    const renewed = givenLeg(
      ...legHistories.unknown,
      fact('leg.renewed'),
      fact('leg.sending', { sending: 2, epoch: 2, key: 'k2' }),
    );
    expect(learn(renewed, 1, failed, 'webhook', at(0))).toEqual({ is: 'events', events: [fact('leg.noted')] });
    expect(nowOf(told(renewed, [failed]))).toBe('sending');
    expect(words(learn(told(renewed, [failed]), 1, failed, 'webhook', at(0)))).toBe('nothing');
    expect(nowOf(told(renewed, [evidence({ theirs: 're_2', key: 'k2', state: 'failed' })]))).toBe('held');
  });

  it('F11 F59 that an older try succeeded is old news once it is known to have failed', () => {
    const renewed = givenLeg(...legHistories.unknown, fact('leg.renewed'));
    expect(nowOf(told(renewed, [failed, succeeded, pending]))).toBe('ready');
    expect(legOf(told(renewed, [failed, succeeded]), 1).evidence).toEqual({ re_1: 'failed' });
  });

  it('F59 that an older try succeeded after all ends the leg before its new key is used', () => {
    expect(nowOf(told(givenLeg(...legHistories.unknown, fact('leg.renewed')), [succeeded]))).toBe('refunded');
  });
});

const stateOfNews = fc.constantFrom('pending', 'succeeded', 'failed');
const rank = { pending: 0, succeeded: 1, failed: 2 };
/** Some news, and two deliveries of it: any order, any repetition, nothing lost. */
const deliveries = (
  theirs: fc.Arbitrary<string>,
  states: fc.Arbitrary<RefundEvidence['state']> = stateOfNews,
  maxLength = 5,
) =>
  fc
    .array(
      fc.record({ theirs, state: states }).map((one) => evidence(one)),
      { minLength: 1, maxLength },
    )
    .chain((news) => {
      const twice = [...news, ...news];
      const order = fc.shuffledSubarray(twice, { minLength: twice.length });
      return fc.record({ news: fc.constant(news), a: order, b: order });
    });
const sentStates = fc.constantFrom('sending', 'unknown', 'refused', 'held', 'closed');
const withoutClocks = (leg: Leg) => ({ evidence: leg.evidence, now: leg.now });
const counts = (leg: Leg) =>
  (promised(leg) ? 1 : 0) + Object.values(leg.evidence).filter((one) => one === 'surplus').length;

describe('any order and any repetition of news', () => {
  it('F11 about one refund of theirs converges: the same evidence, the same state, the last word absorbs', () => {
    const converges = fc.property(sentStates, deliveries(fc.constant('re_1')), (state, { news, a, b }) => {
      const [left, right] = [legOf(told(legThatIs(state), a), 1), legOf(told(legThatIs(state), b), 1)];
      const strongest = news.map((one) => one.state).reduce((x, y) => (rank[x] > rank[y] ? x : y));
      expect(left.evidence).toEqual({ re_1: strongest });
      expect(right.evidence).toEqual({ re_1: strongest });
      expect(promised(left)).toBe(strongest !== 'failed');
      expect(promised(right)).toBe(strongest !== 'failed');
      const ended = { pending: ['pending'], succeeded: ['refunded'], failed: ['held', 'failed'] }[strongest];
      expect(ended).toContain(left.now.is);
      if (state === 'sending' || state === 'unknown') expect(withoutClocks(left)).toEqual(withoutClocks(right));
    });
    fc.assert(converges, { ...seeded, numRuns: 200 });
  });

  it('F11 F59 about an earlier try converges on the evidence, and never counts what failed', () => {
    const renewed = givenLeg(...legHistories.unknown, fact('leg.renewed'));
    const later = following(renewed, {
      is: 'events',
      events: [fact('leg.sending', { sending: 2, epoch: 2, key: 'k2' })],
    });
    const converges = fc.property(
      fc.constantFrom(givenLeg(), renewed, later),
      deliveries(fc.constant('re_1')),
      (before, { news, a, b }) => {
        const [left, right] = [legOf(told(before, a), 1), legOf(told(before, b), 1)];
        const strongest = news.map((one) => one.state).reduce((x, y) => (rank[x] > rank[y] ? x : y));
        expect([left.evidence, right.evidence]).toEqual([{ re_1: strongest }, { re_1: strongest }]);
        const ended = { pending: ['pending'], succeeded: ['refunded'], failed: ['held', nowOf(before)] }[strongest];
        for (const leg of [left, right]) expect(ended).toContain(leg.now.is);
      },
    );
    fc.assert(converges, { ...seeded, numRuns: 200 });
  });

  it('F11 F45 F103 about three refunds converges: each that lives is counted once, and none that failed', () => {
    const some = deliveries(fc.constantFrom('re_1', 're_2', 're_3'), stateOfNews, 9);
    const converges = fc.property(sentStates, some, (state, { news, a, b }) => {
      const ids = [...new Set(news.map((one) => one.theirs))];
      const last = (theirs: string) =>
        news
          .filter((one) => one.theirs === theirs)
          .map((one) => one.state)
          .reduce((x, y) => (rank[x] > rank[y] ? x : y));
      const living = ids.filter((theirs) => last(theirs) !== 'failed');
      for (const leg of [a, b].map((order) => legOf(told(legThatIs(state), order), 1))) {
        expect(counts(leg)).toBe(living.length);
        expect(Object.keys(leg.evidence).sort()).toEqual([...ids].sort());
        for (const theirs of ids)
          expect([last(theirs), living.includes(theirs) && 'surplus']).toContain(leg.evidence[theirs]);
        if (living.length > 1) expect(leg.now).toMatchObject({ is: 'held', reasons: ['two-refunds'] });
      }
    });
    fc.assert(converges, { ...seeded, numRuns: 500 });
  });

  it('F103 about two refunds that both live always ends at a person, with both counted', () => {
    const both = deliveries(fc.constantFrom('re_1', 're_2'), fc.constantFrom('pending', 'succeeded')).filter(
      ({ news }) => new Set(news.map((one) => one.theirs)).size === 2,
    );
    const stops = fc.property(fc.constantFrom('sending', 'unknown', 'refused'), both, (state, { a, b }) => {
      for (const order of [a, b]) {
        const leg = legOf(told(legThatIs(state), order), 1);
        expect(leg.now).toMatchObject({ is: 'held', reasons: ['two-refunds'] });
        expect(counts(leg)).toBe(2);
        expect(Object.keys(leg.evidence).sort()).toEqual(['re_1', 're_2']);
      }
    });
    fc.assert(stops, { ...seeded, numRuns: 300 });
  });

  it('F11 about one refund that lives and one that only ever failed converges to the one that lives', () => {
    const pair = deliveries(fc.constant('re_1'), fc.constantFrom('pending', 'succeeded')).chain(({ news }) => {
      const all = [...news, ...news, second('failed'), second('failed')];
      return fc.tuple(fc.constant(news), fc.shuffledSubarray(all, { minLength: all.length }));
    });
    const lives = fc.property(fc.constantFrom('sending', 'unknown', 'refused'), pair, (state, [news, order]) => {
      const leg = legOf(told(legThatIs(state), order), 1);
      expect(leg.now.is).toBe(news.some((one) => one.state === 'succeeded') ? 'refunded' : 'pending');
      expect(counts(leg)).toBe(1);
    });
    fc.assert(lives, { ...seeded, numRuns: 300 });
  });
});
