import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Balance, empty, learn as learnPayment, type PaymentEvent } from './balance.ts';
import { type PaymentId, parsePaymentId } from './ids.ts';
import { apply, type Effect, effectsOf, holder, promised } from './payment.ts';
import type { RefundEvent } from './refund/event.ts';
import {
  amount,
  approved,
  at,
  connection,
  eur,
  fact,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  legStates,
  legThatIs,
  planned,
  requested,
  seeded,
  t0,
} from './refund/given.ts';
import * as people from './refund/people.ts';
import { evolve, legOf, type Refund } from './refund/state.ts';

const payment = parsePaymentId('pay_0123456789') as PaymentId;
const balance = (more: Partial<Balance> = {}): Balance => ({
  ...empty,
  capturedMinor: 1000n,
  availableMinor: 1000n,
  ...more,
});
const effect = (more: Partial<Effect>): Effect => ({
  payment,
  reserveMinor: 0n,
  moveMinor: 0n,
  refundedMinor: 0n,
  ...more,
});

describe('an effect on a balance', () => {
  it.each<[string, Balance, Partial<Effect>, string | Partial<Balance>]>([
    ['F35 reserves all that is left', balance(), { reserveMinor: 1000n }, { availableMinor: 0n }],
    ['F35 reserves not one cent more', balance(), { reserveMinor: 1001n }, 'exceeds-available'],
    ['F45 moves below zero what the gateway says', balance(), { moveMinor: -1001n }, { availableMinor: -1n }],
    ['F108 takes the one place', balance(), { lock: 'a' }, { inFlight: 'a' }],
    ['F57 keeps the place for a resend', balance({ inFlight: 'a' }), { lock: 'a' }, { inFlight: 'a' }],
    ['F67 finds the place taken', balance({ inFlight: 'b' }), { lock: 'a' }, 'in-flight'],
    ['gives its own place up', balance({ inFlight: 'a' }), { unlock: 'a' }, { availableMinor: 1000n }],
    ['F70 never gives up the place of another', balance({ inFlight: 'b' }), { unlock: 'a' }, { inFlight: 'b' }],
    ['F46 sends nothing on a disputed payment', balance({ disputes: 1 }), { lock: 'a' }, 'disputed'],
    [
      'F46 sends nothing where money was charged back',
      balance({ chargedBackMinor: 1n }),
      { lock: 'a' },
      'charged-back',
    ],
    [
      'F46 sends where a person knows of the chargeback',
      balance({ chargedBackMinor: 1n }),
      { lock: 'a', despiteChargeback: true },
      { inFlight: 'a' },
    ],
    ['F45 sends nothing on an overdrawn payment', balance({ availableMinor: -1n }), { lock: 'a' }, 'overdrawn'],
    ['sends the last cent', balance({ availableMinor: 0n }), { lock: 'a' }, { inFlight: 'a' }],
  ])('%s', (_, before, change, after) => {
    const result = apply(before, effect(change));
    if (typeof after === 'string') expect(result).toBe(after);
    else expect(result).toMatchObject(after);
    if (change.unlock !== undefined && change.unlock === before.inFlight) expect(result).not.toHaveProperty('inFlight');
  });

  it('F44 of a fact is guarded by nothing: captures, adoptions and their reversal', () => {
    const facts: PaymentEvent[] = [
      { type: 'payment.captured', v: 1, theirs: 'c', amountMinor: 100n, at: t0 },
      { type: 'payment.refund-adopted', v: 1, theirs: 'r', amountMinor: 150n },
    ];
    const after = facts.reduce(learnPayment, empty);
    expect(after).toMatchObject({ capturedMinor: 100n, availableMinor: -50n, refundedMinor: 150n });
    const reversed = learnPayment(after, { type: 'payment.adoption-reversed', v: 1, theirs: 'r', amountMinor: 150n });
    expect(reversed).toMatchObject({ availableMinor: 100n, refundedMinor: 0n });
  });

  it('F48 is one for each payment, however many legs it has', () => {
    const split = given(
      requested(),
      heldRefund(['over-limit'], [{ ...planned(1), payment }, { ...planned(2), payment }, planned(3)]),
    );
    const decision = people.approve(split, at(0));
    const effects = decision.is === 'events' ? effectsOf('rf_1', split, decision.events, t0) : [];
    expect(effects.map((one) => one.reserveMinor)).toEqual([8400n, 4200n]);
  });
});

describe('F78 a refund of another amount than was asked for', () => {
  const moves = (history: readonly RefundEvent[]) =>
    history.map((event, n) => {
      const [one] = effectsOf('rf_1', givenLeg(...history.slice(0, n)), [event], t0);
      return [one?.moveMinor ?? 0n, one?.refundedMinor ?? 0n];
    });
  const more = amount + 70n;
  const still = [0n, 0n] as const;
  const [sent, closed] = [fact('leg.sending'), fact('leg.closed')];
  const stopped = fact('leg.held', { reasons: ['echo-mismatch'] });
  const said = (state: 'pending' | 'succeeded', amountMinor?: bigint) =>
    fact('leg.accepted', { state, ...(amountMinor !== undefined && { amountMinor }) });
  const arrived = said('succeeded', more);

  it.each<[string, readonly RefundEvent[], readonly (readonly [bigint, bigint])[]]>([
    ['takes as much as that is', [arrived], [[-70n, more]]],
    ['takes no less than was asked for', [said('succeeded', 1n)], [[0n, 1n]]],
    ['takes it once', [said('pending', more), stopped, arrived], [[-70n, 0n], still, [0n, more]]],
    ['gives back all of it', [arrived, stopped, fact('leg.failed')], [[-70n, more], still, [more, -more]]],
    [
      'stays taken when a person closes it',
      [said('pending', more), stopped, closed, arrived],
      [[-70n, 0n], still, still, [0n, more]],
    ],
    [
      'is what was asked for once that is said',
      [arrived, stopped, said('succeeded')],
      [[-70n, more], still, [70n, -70n]],
    ],
    [
      'is what was asked for once it is nowhere',
      [arrived, fact('leg.lost')],
      [
        [-70n, more],
        [70n, -more],
      ],
    ],
  ])('%s', (_, history, expected) => expect(moves([sent, ...history]).slice(1)).toEqual(expected));
});

describe('a refund that nobody wanted', () => {
  const effects = (event: RefundEvent) => effectsOf('rf_1', legThatIs('refunded'), [event], t0);
  it('F103 takes its own amount, and gives it back when it fails', () => {
    const before = balance({ refundedMinor: 300n });
    const taken = apply(before, effects(fact('leg.surplus', { amountMinor: 70n }))[0]!);
    expect(taken).toMatchObject({ availableMinor: 930n, refundedMinor: 370n });
    expect(apply(taken as Balance, effects(fact('leg.surplus-failed', { amountMinor: 70n }))[0]!)).toEqual(before);
  });

  it.each(legStates)('F59 that only is noted moves nothing, in a leg that is %s', (state) => {
    expect(effectsOf('rf_1', legThatIs(state), [fact('leg.noted')], t0)).toEqual([]);
  });
});

describe('what happened to a payment', () => {
  const disputed = balance({ disputes: 2, refundedMinor: 10n, inFlight: 'a' });
  const dispute = { v: 1, theirs: 'dp_1' } as const;
  it.each<[PaymentEvent, Partial<Balance>]>([
    [{ type: 'payment.learned', v: 1, connection: connection('stripe-demo'), currency: eur, sealed: '' }, {}],
    [{ type: 'payment.fraud-warned', ...dispute, actionable: true }, {}],
    [{ type: 'payment.dispute-opened', ...dispute, kind: 'formal' }, { disputes: 3 }],
    [{ type: 'payment.dispute-won', ...dispute }, { disputes: 1 }],
    [
      { type: 'payment.dispute-lost', ...dispute, amountMinor: 300n },
      { disputes: 1, chargedBackMinor: 300n, availableMinor: 700n },
    ],
  ])('F46 changes what it is about, and nothing else: %#', (event, changed) => {
    expect(learnPayment(disputed, event)).toEqual({ ...disputed, ...changed });
  });
});

describe('a fact about a leg', () => {
  const place = 'rf_1/1';
  const chargedBack = givenLeg(fact('leg.held', { reasons: ['charged-back'] }), fact('leg.released'));
  const succeeded = fact('leg.accepted', { state: 'succeeded' });
  const unknownAndHeld = legThatIs('held');
  const closedAfterSuccess = givenLeg(...legHistories.refunded, fact('leg.held'), fact('leg.closed'));
  const closedWhilePending = givenLeg(...legHistories.pending, fact('leg.held'), fact('leg.closed'));
  const refusedAndHeld = givenLeg(...legHistories.refused, fact('leg.held'));
  it.each<[string, Refund, RefundEvent, Partial<Effect>]>([
    ['takes its place to send', legThatIs('ready'), fact('leg.sending'), { lock: place }],
    ['F44 takes it on one entry only', legThatIs('ready'), fact('leg.sending', { asOf: 3 }), { lock: place, asOf: 3 }],
    [
      'F46 takes it despite a chargeback a person knows of',
      chargedBack,
      fact('leg.sending'),
      { lock: place, despiteChargeback: true },
    ],
    ['is not counted while it is pending', legThatIs('sending'), fact('leg.accepted'), { unlock: place }],
    ['is counted once', legThatIs('sending'), succeeded, { unlock: place, refundedMinor: amount }],
    ['is not counted twice', legThatIs('refunded'), fact('leg.accepted', { state: 'succeeded', theirs: 're_9' }), {}],
    ['is counted from a hold, too', unknownAndHeld, succeeded, { unlock: place, refundedMinor: amount }],
    [
      'F60 takes again what a refusal gave back',
      legThatIs('refused'),
      succeeded,
      { moveMinor: -amount, refundedMinor: amount },
    ],
    ['gives the place up for a new key', legThatIs('unknown'), fact('leg.renewed'), { unlock: place }],
    ['gives its amount back', legThatIs('sending'), fact('leg.refused'), { unlock: place, moveMinor: amount }],
    ['gives back what was pending', legThatIs('pending'), fact('leg.failed'), { moveMinor: amount }],
    [
      'F79 gives back what was counted',
      legThatIs('refunded'),
      fact('leg.failed'),
      { moveMinor: amount, refundedMinor: -amount },
    ],
    [
      'F79 gives back what was counted and closed',
      closedAfterSuccess,
      fact('leg.failed'),
      { moveMinor: amount, refundedMinor: -amount },
    ],
    ['gives back what was closed in doubt', closedWhilePending, fact('leg.failed'), { moveMinor: amount }],
    ['gives nothing back twice', refusedAndHeld, fact('leg.failed'), {}],
    [
      'F102 is not counted while it is lost, and stays reserved',
      legThatIs('refunded'),
      fact('leg.lost'),
      { refundedMinor: -amount },
    ],
    ['F79 reserves anew after a failure', refusedAndHeld, fact('leg.released'), { reserveMinor: amount }],
    ['keeps what may have moved', unknownAndHeld, fact('leg.closed'), { unlock: place }],
    ['gives back what can not have moved', givenLeg(fact('leg.held')), fact('leg.closed'), { moveMinor: amount }],
  ])('%s', (_, before, event, expected) => {
    const { payment: of } = legOf(before, 1);
    expect(effectsOf('rf_1', before, [event], t0)).toEqual([{ ...effect(expected), payment: of }]);
  });

  const inDoubt = givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }));
  it.each<[string, Refund, RefundEvent]>([
    ['is still reserved where it is released', unknownAndHeld, fact('leg.released')],
    ['keeps its place while an earlier request is in doubt', inDoubt, fact('leg.deferred')],
    ['does not know', legThatIs('sending'), fact('leg.unknown')],
    ['is absent', legThatIs('unknown'), fact('leg.absent')],
    ['is disputed', legThatIs('refunded'), fact('leg.disputed')],
    ['is held', legThatIs('unknown'), fact('leg.held')],
    ['is about the shop', legThatIs('refunded'), { type: 'refund.told', v: 1, theirs: 'x' }],
  ])('%s, and nothing moves', (_, before, event) => {
    expect(effectsOf('rf_1', before, [event], t0)).toEqual([]);
  });

  it('F36 of a leg that does not exist is a bug', () => {
    expect(() =>
      effectsOf('rf_1', legThatIs('sending'), [{ ...fact('leg.refused'), leg: 2 } as RefundEvent], t0),
    ).toThrow('no leg 2');
  });

  it('F48 of several legs of one payment is added up', () => {
    const two = given(requested(), approved({ ...planned(1), payment }, { ...planned(2), payment, amountMinor: 800n }));
    const both = [fact('leg.accepted', { state: 'succeeded' }), { ...fact('leg.refused'), leg: 2 } as RefundEvent];
    const sent = [fact('leg.sending'), { ...fact('leg.sending'), leg: 2 } as RefundEvent].reduce(
      (refund, event) => evolve(refund, event, t0),
      two,
    );
    expect(effectsOf('rf_1', sent, both, t0)).toEqual([
      effect({ moveMinor: 800n, refundedMinor: amount, unlock: 'rf_1/2' }),
    ]);
    const counted = [1, 2].map((leg) => ({ ...fact('leg.accepted', { state: 'succeeded' }), leg }) as RefundEvent);
    expect(effectsOf('rf_1', sent, counted, t0)[0]?.refundedMinor).toBe(amount + 800n);
    expect(effectsOf('rf_1', two, [{ type: 'refund.cancelled', v: 1 }], t0)[0]?.moveMinor).toBe(amount + 800n);
  });
});

describe('the place for requests', () => {
  const unlocks = (refund: Refund, event: RefundEvent) =>
    effectsOf('rf_1', refund, [event], t0).some((one) => one.unlock === holder('rf_1', 1));
  it.each(['leg.accepted', 'leg.deferred', 'leg.refused', 'leg.failed'] as const)(
    'is given up by a known outcome: %s',
    (word) => {
      expect(unlocks(legThatIs('sending'), fact(word))).toBe(true);
    },
  );
  it('F102 is not held by a leg that was lost, so that nothing it hears takes it from another', () => {
    const lost = givenLeg(...legHistories.refunded, fact('leg.lost', { askedAt: at(1).now }), fact('leg.held'));
    expect(unlocks(lost, fact('leg.accepted', { state: 'succeeded' }))).toBe(false);
    expect(unlocks(lost, fact('leg.failed'))).toBe(false);
  });
  it('is kept while an earlier request is in doubt, whatever the later one came to', () => {
    expect(unlocks(legThatIs('sending'), fact('leg.unknown'))).toBe(false);
    expect(unlocks(givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 })), fact('leg.deferred'))).toBe(
      false,
    );
    expect(unlocks(legThatIs('unknown'), fact('leg.held'))).toBe(false);
  });
});

describe('an amount that was reserved', () => {
  it.each(legStates)(
    'F76 is taken out of what is available while a leg is %s, unless it can have done nothing',
    (state) => {
      expect(promised(legOf(legThatIs(state), 1))).toBe(state !== 'refused' && state !== 'failed');
    },
  );

  it('is not, once a leg was closed that was never sent', () => {
    expect(promised(legOf(givenLeg(fact('leg.held'), fact('leg.closed')), 1))).toBe(false);
  });

  it.each(legStates)('F53 is given back at most once by whatever ends a leg that is %s', (state) => {
    const endings = fc.array(
      fc.constantFrom('leg.refused', 'leg.failed', 'leg.held', 'leg.closed', 'refund.cancelled'),
      { maxLength: 6 },
    );
    const once = fc.property(endings, (types) => {
      let refund = legThatIs(state);
      let back = promised(legOf(refund, 1)) ? 0 : 1;
      for (const type of types) {
        const event = (type === 'refund.cancelled' ? { type, v: 1 } : fact(type)) as RefundEvent;
        const told = possible(refund, event);
        if (told === undefined) continue;
        back += effectsOf('rf_1', refund, [event], t0).filter((one) => one.moveMinor > 0n).length;
        refund = told;
      }
      expect(back).toBeLessThanOrEqual(1);
    });
    fc.assert(once, { ...seeded, numRuns: 50 });
  });
});

/** Undefined where the event can not follow. */
function possible(refund: Refund, event: RefundEvent): Refund | undefined {
  try {
    return evolve(refund, event, t0);
  } catch {
    return undefined;
  }
}
