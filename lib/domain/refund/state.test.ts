import { describe, expect, it } from 'vitest';
import { hour, type Instant, minute } from '../time.ts';
import type { RefundEvent } from './event.ts';
import {
  approved,
  clock,
  fact,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  legStates,
  legThatIs,
  nowOf,
  planned,
  quoteOf,
  requested,
  t0,
} from './given.ts';
import { mayHaveMoved } from './leg.ts';
import { attemptsOf, backMinor, evolve, freshLeg, legOf, none, type Refund, replay } from './state.ts';

const waiting: RefundEvent = { type: 'refund.waiting', v: 1, reason: 'capture-pending', until: clock(hour) };
const resumed: RefundEvent = { type: 'refund.resumed', v: 1, cleared: ['over-limit'], until: clock(hour) };
const denied: RefundEvent = { type: 'refund.denied', v: 1, reasons: ['by-person'] };
const cancelled: RefundEvent = { type: 'refund.cancelled', v: 1 };
const cancelRefused: RefundEvent = { type: 'refund.cancel-refused', v: 1, reason: 'already-sent' };
const over = heldRefund(['over-limit']);

const refunds: Record<Refund['is'], Refund> = {
  none,
  requested: given(requested()),
  waiting: given(requested(), waiting),
  held: given(requested(), over),
  denied: given(requested(), denied),
  cancelled: given(requested(), cancelled),
  approved: givenLeg(),
};
const states = Object.keys(refunds) as Refund['is'][];

describe('a refund', () => {
  const open = ['requested', 'waiting', 'held'] as const;
  it.each<[RefundEvent, readonly Refund['is'][], Refund['is']]>([
    [requested(), ['none'], 'requested'],
    [waiting, ['requested', 'waiting'], 'waiting'],
    [over, open, 'held'],
    [resumed, ['held'], 'waiting'],
    [approved(), open, 'approved'],
    [denied, open, 'denied'],
    [cancelled, [...open, 'approved'], 'cancelled'],
    [cancelRefused, ['approved'], 'approved'],
  ])('takes each event only from the states it can follow: %#', (event, from, to) => {
    for (const state of states) {
      const told = () => evolve(refunds[state], event, t0);
      if (from.includes(state)) expect(told().is).toBe(to);
      else expect(told).toThrow(Error);
    }
  });

  it('F89 is never approved twice: the legs that were sent are not forgotten', () => {
    expect(() => evolve(legThatIs('unknown'), approved(), t0)).toThrow('refund.approved for a refund that is approved');
  });

  it('keeps what was requested, and what a person put aside', () => {
    const refund = given(requested(), over, resumed, heldRefund(['other-order']), {
      ...resumed,
      cleared: ['other-order'],
    });
    expect(refund).toMatchObject({ is: 'waiting', order: '1001', number: 1, cleared: ['over-limit', 'other-order'] });
  });

  it('F53 remembers that the shop was told it is too late, whatever its legs do after', () => {
    expect(givenLeg(fact('leg.sending'))).not.toHaveProperty('cancelRefused');
    expect(givenLeg(fact('leg.sending'), cancelRefused, fact('leg.accepted'))).toHaveProperty('cancelRefused', true);
  });

  it('is not changed by telling what happened to it', () => {
    const before = legThatIs('unknown');
    const copy = structuredClone(before);
    evolve(before, fact('leg.absent'), t0);
    expect(before).toEqual(copy);
  });
});

describe('what a refund is', () => {
  const asked = { type: 'refund.telling', v: 1, attempt: 1, reference: 'ref', amountMinor: 4200n } as const;
  const later = (refund: Refund, event: RefundEvent) => evolve(refund, event, clock(hour));
  const request = {
    return: { connection: 'generic-demo', id: 'RMA-1' },
    number: 1,
    order: '1001',
    currency: 'EUR',
    quote: quoteOf(4200n),
    notice: 'demo#notice#generic-demo#1',
    cleared: [],
  };
  it.each<[string, Refund, RefundEvent, object]>([
    ['requested', none, requested(), { is: 'requested' }],
    ['waiting', refunds.requested, waiting, { is: 'waiting', reason: 'capture-pending', until: clock(hour) }],
    [
      'held',
      refunds.requested,
      heldRefund(['over-limit'], [planned()]),
      {
        ...{ is: 'held', reasons: ['over-limit'], since: clock(hour), until: clock(hour), plan: [planned()] },
        unseenSince: clock(hour),
      },
    ],
    [
      'resumed',
      refunds.held,
      resumed,
      { is: 'waiting', reason: 'payment-unknown', until: clock(hour), cleared: ['over-limit'], unseenSince: t0 },
    ],
    ['denied', refunds.held, denied, { is: 'denied', reasons: ['by-person'], unseenSince: t0 }],
    ['cancelled', refunds.held, cancelled, { is: 'cancelled', unseenSince: t0 }],
    ['approved', refunds.waiting, approved(), { is: 'approved', legs: [freshLeg(planned(), clock(hour))] }],
  ])('%s: what was requested, and what belongs to that state', (_, before, event, state) => {
    expect(later(before, event)).toEqual({ ...request, ...state });
  });

  it('F44 knows since when nobody was shown what others refunded: since its first hold, or one that showed it', () => {
    const at = (ms: number, event: RefundEvent) => ({ at: clock(ms), events: [event] });
    const since = (...more: { at: Instant; events: RefundEvent[] }[]) => {
      const refund = replay([at(0, requested()), at(1, heldRefund(['over-limit'])), ...more, at(9, approved())]);
      return legOf(refund, 1).unseenSince;
    };
    expect(since()).toBe(clock(1));
    expect(since(at(2, heldRefund(['over-limit', 'return-shrank'])))).toBe(clock(1));
    expect(since(at(2, heldRefund(['over-limit', 'refunded-elsewhere'])))).toBe(clock(2));
    // It was shown by the hold before, and is only said on.
    const shown = at(2, heldRefund(['refunded-elsewhere']));
    expect(since(shown, at(3, heldRefund(['refunded-elsewhere', 'return-shrank'])))).toBe(clock(2));
    expect(since(at(2, heldRefund(['refunded-elsewhere', 'return-shrank'])))).toBe(clock(2));
    expect(since(at(2, resumed))).toBe(clock(1));
    expect(legOf(replay([at(0, requested()), at(1, waiting), at(9, approved())]), 1).unseenSince).toBe(clock(9));
  });

  it('F44 F46 knows of each payment up to which entry that was: of its first hold, of the decision, or of what was shown', () => {
    const { payment } = planned();
    const upTo = (event: RefundEvent, last: number) => ({ ...event, seen: { [payment]: last } }) as RefundEvent;
    const leg = (...history: RefundEvent[]) => legOf(given(requested(), ...history), 1);
    const over = upTo(heldRefund(['over-limit']), 2);
    const elsewhere = upTo(heldRefund(['over-limit', 'refunded-elsewhere']), 5);
    const chargedBack = upTo(heldRefund(['charged-back']), 4);
    expect(leg(upTo(approved(), 3)).seen).toEqual({ [payment]: 3 });
    expect(leg(over, approved()).seen).toEqual({ [payment]: 2 });
    expect(leg(over, resumed, upTo(approved(), 3)).seen).toEqual({ [payment]: 2 });
    expect(leg(over, elsewhere, approved()).seen).toEqual({ [payment]: 5 });
    // What an older version held is told by its time.
    expect(leg(heldRefund(['over-limit']), upTo(approved(), 3))).not.toHaveProperty('seen');
    expect(leg(chargedBack, approved())).toMatchObject({ chargebackKnown: true, chargebacksSeen: 4 });
    const cleared = { ...resumed, cleared: ['charged-back'] } as RefundEvent;
    expect(leg(chargedBack, cleared, upTo(approved(), 6))).toMatchObject({ chargebackKnown: true, chargebacksSeen: 4 });
    expect(leg(over, chargedBack, approved())).toMatchObject({ seen: { [payment]: 2 }, chargebacksSeen: 4 });
    expect(leg(heldRefund(['charged-back']), approved())).not.toHaveProperty('chargebacksSeen');
  });

  it('of a shop that is to be told stays so', () => {
    const wanted = { ...requested(), tell: true } as RefundEvent;
    expect(given(wanted, waiting, approved())).toHaveProperty('tell', true);
    expect(givenLeg()).not.toHaveProperty('tell');
  });

  it('F46 approved by who saw that money was charged back', () => {
    const seen = (...history: RefundEvent[]) => legOf(given(requested(), ...history, approved()), 1).chargebackKnown;
    expect(seen(heldRefund(['charged-back']))).toBe(true);
    expect(seen(heldRefund(['charged-back']), { ...resumed, cleared: ['charged-back'] } as RefundEvent)).toBe(true);
    expect([seen(), seen(over), seen(over, resumed)]).toEqual([undefined, undefined, undefined]);
  });

  it('F101 told of: since when, how often, under which reference, and every amount that may be what the record says', () => {
    const once = evolve(givenLeg(), asked, t0);
    const attempts = { attempts: 1, reference: 'ref', firstAt: t0, lastAt: t0, amountsMinor: [4200n] };
    expect(once).toMatchObject({ telling: { is: 'telling', ...attempts } });
    const twice = later(once, { ...asked, attempt: 2, amountMinor: 5000n });
    const all = { attempts: 2, reference: 'ref', firstAt: t0, lastAt: clock(hour), amountsMinor: [4200n, 5000n] };
    expect(twice).toHaveProperty('telling', { is: 'telling', ...all });
    expect(later(twice, { ...asked, attempt: 3 })).toHaveProperty('telling.amountsMinor', [4200n, 5000n]);
    expect(later(twice, { type: 'refund.told', v: 1, theirs: 'x' })).toHaveProperty('telling', {
      is: 'told',
      theirs: 'x',
      amountsMinor: [4200n, 5000n],
    });
    const givenUp = later(twice, { type: 'refund.tell-given-up', v: 1, code: 'no-answer' });
    expect(givenUp).toHaveProperty('telling', { ...all, is: 'given-up', code: 'no-answer' });
    expect(attemptsOf((givenUp as Extract<Refund, { is: 'approved' }>).telling)).toMatchObject(all);
  });

  it('told of without ever having been asked, or without an amount', () => {
    const { amountMinor: _, ...old } = asked;
    expect(later(givenLeg(), old)).toHaveProperty('telling.amountsMinor', []);
    expect(later(givenLeg(), { type: 'refund.told', v: 1, theirs: 'x' })).toHaveProperty('telling.amountsMinor', []);
    expect(later(givenLeg(), { type: 'refund.tell-given-up', v: 1, code: 'c' })).toHaveProperty('telling', {
      is: 'given-up',
      code: 'c',
      attempts: 0,
      reference: '',
      firstAt: clock(hour),
      lastAt: clock(hour),
      amountsMinor: [],
    });
    expect(attemptsOf({ is: 'told', theirs: 'x', amountsMinor: [] })).toBeUndefined();
    expect(attemptsOf(undefined)).toBeUndefined();
  });

  it('worth what its legs gave back', () => {
    const two = [approved(planned(1), planned(2, 'pay2', 800n)), ...legHistories.refunded];
    const second = legHistories.refunded.map((event) => ({ ...event, leg: 2 }) as RefundEvent);
    expect(backMinor(given(requested(), ...two))).toBe(4200n);
    expect(backMinor(given(requested(), ...two, ...second))).toBe(5000n);
    expect(backMinor(legThatIs('pending'))).toBe(0n);
    expect(backMinor(refunds.held)).toBe(0n);
  });

  it('F78 not worth what a leg gave back that a person still compares: the shop would be told of it', () => {
    const compared = [...legHistories.refunded, fact('leg.held', { reasons: ['echo-mismatch'] })];
    expect(backMinor(givenLeg(...compared))).toBe(0n);
    expect(backMinor(givenLeg(...compared, fact('leg.released')))).toBe(4200n);
  });

  it('told from its whole history, each entry at its own time', () => {
    const told = replay([
      { at: t0, events: [requested(), approved()] },
      { at: clock(hour), events: [fact('leg.sending')] },
    ]);
    expect(legOf(told, 1)).toMatchObject({ firstSentAt: clock(hour), now: { is: 'sending' } });
    expect(replay([])).toBe(none);
  });

  it('never what can not follow, and the bug says why', () => {
    expect(() => evolve(given(requested()), requested(), t0)).toThrow('a refund is requested once');
    expect(() => evolve(none, approved(), t0)).toThrow('refund.approved before refund.requested');
    expect(() => evolve(refunds.held, fact('leg.sending'), t0)).toThrow('leg.sending in a refund that is held');
    expect(() => legOf(refunds.held, 1)).toThrow('no leg 1 in a refund that is held');
    expect(() => evolve(legThatIs('sending'), cancelled, t0)).toThrow('refund.cancelled after a request');
    for (const event of [asked, { type: 'refund.told', v: 1, theirs: 'x' } as const])
      expect(() => evolve(refunds.held, event, t0)).toThrow(`${event.type} for a refund that is held`);
  });

  it('cancelled only while no leg was touched', () => {
    const two = given(requested(), approved(planned(1), planned(2)), fact('leg.sending'));
    expect(() => evolve(two, cancelled, t0)).toThrow('refund.cancelled after a request');
  });
});

describe('a leg', () => {
  const anyButClosed = legStates.filter((state) => state !== 'closed');
  it.each<[RefundEvent, readonly string[], string | undefined]>([
    [fact('leg.sending'), ['ready', 'unknown'], 'sending'],
    [fact('leg.accepted'), legStates, 'pending'],
    [fact('leg.accepted', { state: 'succeeded' }), legStates, 'refunded'],
    [fact('leg.unknown'), ['sending'], 'unknown'],
    [fact('leg.deferred'), ['sending'], 'ready'],
    [fact('leg.absent'), ['unknown'], 'unknown'],
    [fact('leg.renewed'), ['unknown'], 'ready'],
    [fact('leg.refused'), ['sending', 'unknown'], 'refused'],
    [fact('leg.failed'), legStates, 'failed'],
    [fact('leg.noted'), legStates, undefined],
    [fact('leg.surplus'), legStates, undefined],
    [fact('leg.surplus-failed'), legStates, undefined],
    [fact('leg.held'), anyButClosed, 'held'],
    [fact('leg.released'), ['held'], undefined],
    [fact('leg.closed'), ['held'], 'closed'],
  ])('takes each event only from the states it can follow: %#', (event, from, to) => {
    for (const state of legStates) {
      const told = () => evolve(legThatIs(state), event, t0);
      if (!from.includes(state)) expect(told).toThrow(Error);
      else if (to !== undefined) expect(nowOf(told())).toBe(to);
    }
  });

  it.each(states.filter((state) => state !== 'approved'))('does not exist in a refund that is %s', (state) => {
    expect(() => evolve(refunds[state], fact('leg.sending'), t0)).toThrow(Error);
    expect(() => legOf(refunds[state], 1)).toThrow(Error);
  });

  it('that was never planned does not exist', () => {
    expect(() => evolve(givenLeg(), { ...fact('leg.sending'), leg: 2 } as RefundEvent, t0)).toThrow('no leg 2');
  });

  it.each([
    ['leg.noted', 're_1'],
    ['leg.surplus-failed', 're_2'],
  ] as const)('F103 %s is kept as a failure of %s, and nothing else about it changes, in any state', (word, theirs) => {
    for (const state of legStates) {
      const before = legThatIs(state);
      const { evidence, ...rest } = legOf(before, 1);
      const after = legOf(evolve(before, fact(word), clock(hour)), 1);
      expect(after).toEqual({ ...rest, evidence: { ...evidence, [theirs]: 'failed' } });
    }
  });

  it('F48 is changed alone', () => {
    const two = given(requested(), approved(planned(1), planned(2)), fact('leg.sending'));
    expect([nowOf(two, 1), nowOf(two, 2)]).toEqual(['sending', 'ready']);
  });

  it('F63 counts its window from the first request of an epoch and its waits from the last', () => {
    const first = evolve(givenLeg(), fact('leg.sending'), t0);
    const second = [fact('leg.unknown'), fact('leg.sending', { sending: 2 })].reduce(
      (now, event) => evolve(now, event, clock(minute)),
      first,
    );
    expect(legOf(second, 1)).toMatchObject({ firstSentAt: t0, lastSentAt: clock(minute), sendings: 2, keys: ['k1'] });
    const renewed = [fact('leg.unknown'), fact('leg.renewed')].reduce(
      (now, event) => evolve(now, event, clock(hour)),
      second,
    );
    const leg = legOf(renewed, 1);
    expect(leg).toMatchObject({ epoch: 2, sendings: 2, spoiled: false, keys: ['k1'], now: { is: 'ready' } });
    expect([leg.firstSentAt, leg.lastSentAt, leg.request, leg.doubtSince]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('F59 forgets proofs of absence at every new request', () => {
    const again = givenLeg(
      ...legHistories.unknown,
      fact('leg.absent'),
      fact('leg.sending', { sending: 2 }),
      fact('leg.unknown'),
    );
    expect(legOf(again, 1).now).toMatchObject({ is: 'unknown', absentAt: [] });
  });

  it('F61 that was deferred is in doubt only where an earlier request is', () => {
    expect(nowOf(givenLeg(fact('leg.sending'), fact('leg.deferred')))).toBe('ready');
    expect(nowOf(givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }), fact('leg.deferred')))).toBe(
      'unknown',
    );
  });

  it.each([
    ['ready', [fact('leg.held')], 'ready', 1],
    ['unknown', legHistories.held, 'unknown', 1],
    ['pending', [...legHistories.pending, fact('leg.held')], 'pending', 1],
    ['refused', [...legHistories.refused, fact('leg.held')], 'ready', 2],
    ['failed', [...legHistories.failed, fact('leg.held')], 'ready', 2],
  ] as const)('released from a hold that was %s goes on with the right key', (_, history, state, epoch) => {
    const released = evolve(givenLeg(...history), fact('leg.released'), clock(hour));
    expect(nowOf(released)).toBe(state);
    expect(legOf(released, 1).epoch).toBe(epoch);
  });

  it('F77 released while pending is given time again', () => {
    const released = evolve(givenLeg(...legHistories.pending, fact('leg.held')), fact('leg.released'), clock(hour));
    expect(legOf(released, 1).now).toMatchObject({ is: 'pending', since: clock(hour) });
  });

  it('held twice remembers what it was before the first hold', () => {
    const twice = givenLeg(...legHistories.held, fact('leg.held', { reasons: ['no-answer'] }));
    expect(legOf(twice, 1).now).toMatchObject({ is: 'held', reasons: ['no-answer'], from: { is: 'unknown' } });
  });

  it.each([
    ['two-refunds', 'held'],
    ['echo-mismatch', 'held'],
    ['no-answer', 'refunded'],
  ] as const)('F103 held for %s is %s after good news', (reason, state) => {
    const news = givenLeg(
      ...legHistories.pending,
      fact('leg.held', { reasons: [reason] }),
      fact('leg.accepted', { state: 'succeeded' }),
    );
    expect(nowOf(news)).toBe(state);
  });

  it.each([
    ['ready', false],
    ['sending', true],
    ['unknown', true],
    ['pending', true],
    ['refunded', true],
    ['refused', false],
    ['failed', false],
  ] as const)('that is %s and given up leaves money moved: %s', (state, moved) => {
    expect(mayHaveMoved(legOf(legThatIs(state), 1))).toBe(moved);
    const closed = givenLeg(...legHistories[state], fact('leg.held'), fact('leg.closed'));
    expect(legOf(closed, 1).now).toEqual({ is: 'closed', inDoubt: moved, since: t0 });
  });
});
