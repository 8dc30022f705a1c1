import { describe, expect, it } from 'vitest';
import { hour, minute } from '../time.ts';
import type { RefundEvent } from './event.ts';
import { amount, clock, fact, givenLeg, legHistories, legStates, legThatIs, planned, t0 } from './given.ts';
import type { HoldReason } from './hold-reason.ts';
import { onlyDisputed } from './hold-reason.ts';
import { type Leg, type LegState, liveEvidence, mayHaveMoved, untouched, waitsForDispute } from './leg.ts';
import { hasSurplus } from './money-back.ts';
import { evolve, freshLeg, legOf, type Refund } from './state.ts';

const later = clock(hour);
const changed = (refund: Refund, event: RefundEvent) => legOf(evolve(refund, event, later), 1);
const legAfter = (...history: readonly RefundEvent[]): Leg => legOf(givenLeg(...history), 1);
const succeeded = fact('leg.accepted', { state: 'succeeded' });
const heldFor = (from: readonly RefundEvent[], reasons: readonly HoldReason[]) =>
  givenLeg(...from, fact('leg.held', { reasons }));
const refused = (more: object) => fact('leg.unknown', { why: 'ambiguous-refusal', refusal: 'declined', ...more });

describe('what a leg is', () => {
  it('at its approval', () => {
    expect(freshLeg(planned(), later)).toEqual({
      ...planned(),
      epoch: 1,
      sendings: 0,
      doubtSince: undefined,
      spoiled: false,
      evidence: {},
      surplusMinor: {},
      confirmedMinor: {},
      keys: [],
      unseenSince: later,
      now: { is: 'ready', notBefore: later },
    });
  });

  it('F44 held for what others refunded: nobody was shown what comes after that, and another hold shows nothing', () => {
    const since = (reasons: readonly HoldReason[]) =>
      legOf(evolve(legThatIs('unknown'), fact('leg.held', { reasons }), later), 1).unseenSince;
    expect(since(['refunded-elsewhere'])).toBe(later);
    expect(since(['no-answer'])).toBe(legOf(legThatIs('ready'), 1).unseenSince);
  });

  it('F44 held again: what is said anew is shown anew, what only goes on being a reason is not', () => {
    const before = givenLeg(fact('leg.held', { reasons: ['refunded-elsewhere'] }));
    const since = (reasons: readonly HoldReason[]) =>
      legOf(evolve(before, fact('leg.held', { reasons }), later), 1).unseenSince;
    expect(since(['return-shrank', 'refunded-elsewhere'])).toBe(later);
    expect(since(['refunded-elsewhere', 'return-shrank'])).toBe(t0);
  });

  it('what its shop said while it was held for something else, until that is what a person lets it go for', () => {
    const told = [fact('leg.held'), fact('leg.restated'), fact('leg.released')];
    expect(legAfter(...told).unseen).toEqual(['return-shrank']);
    const other = [fact('leg.held', { reasons: ['no-proof'] }), fact('leg.released')];
    expect(legAfter(...told, ...other).unseen).toEqual(['return-shrank']);
    const shown = [fact('leg.held', { reasons: ['return-shrank'] }), fact('leg.released')];
    expect(legAfter(...told, ...shown).unseen).toEqual([]);
    expect(legAfter(fact('leg.held'), fact('leg.released'))).not.toHaveProperty('unseen');
  });

  const inSending = legThatIs('sending');
  const again = givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }));
  const reason = fact('leg.accepted', { reason: 'processing' });
  it.each<[string, Refund, RefundEvent, LegState]>([
    [
      'with a request under way',
      legThatIs('ready'),
      fact('leg.sending'),
      { is: 'sending', sending: 1, leaseUntil: clock(minute), latestStart: clock(5000) },
    ],
    [
      'without an answer',
      inSending,
      fact('leg.unknown'),
      { is: 'unknown', since: later, why: 'timeout', absentAt: [] },
    ],
    [
      'without an answer again: in doubt since the first',
      again,
      fact('leg.unknown'),
      { is: 'unknown', since: t0, why: 'timeout', absentAt: [] },
    ],
    [
      'F64 refused in words that could be about itself',
      inSending,
      refused({}),
      { is: 'unknown', since: later, why: 'ambiguous-refusal', refusal: 'declined', absentAt: [] },
    ],
    [
      'F64 so refused, in a way that a person can change',
      inSending,
      refused({ forPerson: true, because: 'disputed' }),
      {
        is: 'unknown',
        since: later,
        why: 'ambiguous-refusal',
        refusal: 'declined',
        forPerson: true,
        because: 'disputed',
        absentAt: [],
      },
    ],
    ['put off', inSending, fact('leg.deferred'), { is: 'ready', notBefore: clock(minute) }],
    [
      'put off while an earlier request is in doubt',
      again,
      fact('leg.deferred'),
      { is: 'unknown', since: t0, why: 'no-outcome', absentAt: [] },
    ],
    [
      'asked about in vain',
      givenLeg(...legHistories.unknown, fact('leg.absent')),
      fact('leg.absent', { askedAt: clock(9) }),
      { is: 'unknown', since: t0, why: 'timeout', absentAt: [t0, clock(9)] },
    ],
    ['under a new key', legThatIs('unknown'), fact('leg.renewed'), { is: 'ready', notBefore: later }],
    ['taken', inSending, fact('leg.accepted'), { is: 'pending', theirs: 're_1', since: later }],
    ['taken, with a reason', inSending, reason, { is: 'pending', theirs: 're_1', since: later, reason: 'processing' }],
    [
      'F77 pending for another reason, and no shorter',
      legThatIs('pending'),
      reason,
      { is: 'pending', theirs: 're_1', since: t0, reason: 'processing' },
    ],
    [
      'pending as another refund of theirs',
      legThatIs('pending'),
      fact('leg.accepted', { theirs: 're_2' }),
      { is: 'pending', theirs: 're_2', since: later },
    ],
    [
      'pending again after a success: since then',
      legThatIs('refunded'),
      fact('leg.accepted'),
      { is: 'pending', theirs: 're_1', since: later },
    ],
    ['refunded', legThatIs('pending'), succeeded, { is: 'refunded', theirs: 're_1', since: later }],
    ['refused', inSending, fact('leg.refused'), { is: 'refused', code: 'declined' }],
    [
      'failed',
      legThatIs('pending'),
      fact('leg.failed'),
      { is: 'failed', theirs: 're_1', reason: 'expired-card', since: later },
    ],
    [
      'F102 lost',
      legThatIs('refunded'),
      fact('leg.lost'),
      { is: 'unknown', since: later, why: 'lost', absentAt: [], lost: true },
    ],
    [
      'held',
      inSending,
      fact('leg.held'),
      { is: 'held', reasons: ['no-answer'], since: later, until: clock(hour), from: legOf(inSending, 1).now as never },
    ],
    [
      'released without an answer: the time begins anew, and so do the proofs',
      givenLeg(...legHistories.unknown, fact('leg.absent'), fact('leg.held')),
      fact('leg.released'),
      { is: 'unknown', since: later, why: 'timeout', absentAt: [] },
    ],
    [
      'F77 released while pending: the time begins anew',
      heldFor(legHistories.pending, ['no-proof']),
      fact('leg.released'),
      { is: 'pending', theirs: 're_1', since: later },
    ],
    [
      'F76 F102 released while refunded: looked for anew, since nobody did while it was held',
      heldFor(legHistories.refunded, ['no-proof']),
      fact('leg.released'),
      { is: 'refunded', theirs: 're_1', since: later },
    ],
    [
      'F79 released after a failure',
      heldFor(legHistories.failed, ['no-proof']),
      fact('leg.released'),
      { is: 'ready', notBefore: later },
    ],
  ])('%s', (_, before, event, now) => {
    expect(changed(before, event).now).toStrictEqual(now);
  });
});

describe('what a leg remembers', () => {
  it('F62 of its requests: how many, what was asked, and every key once', () => {
    const { now: _, ...first } = legAfter(fact('leg.sending'));
    expect(first).toMatchObject({ sendings: 1, firstSentAt: t0, lastSentAt: t0, tryingSince: t0, request: 'r1' });
    const second = changed(legThatIs('unknown'), fact('leg.sending', { sending: 2, request: 'r2' }));
    expect(second).toMatchObject({ sendings: 2, firstSentAt: t0, lastSentAt: later, tryingSince: t0, request: 'r2' });
    expect(second.keys).toEqual(['k1']);
    const renewed = givenLeg(...legHistories.unknown, fact('leg.renewed'));
    const third = changed(renewed, fact('leg.sending', { sending: 2, epoch: 2, key: 'k2' }));
    expect(third).toMatchObject({ epoch: 2, firstSentAt: later, tryingSince: t0, keys: ['k1', 'k2'] });
  });

  it('since when it is in doubt, until it has an answer', () => {
    expect(changed(legThatIs('sending'), fact('leg.unknown')).doubtSince).toBe(later);
    expect(changed(legThatIs('sending'), refused({})).doubtSince).toBeUndefined();
    const again = givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }));
    expect(changed(again, refused({})).doubtSince).toBe(t0);
    expect(changed(again, fact('leg.deferred')).doubtSince).toBe(t0);
    for (const answer of [fact('leg.accepted'), succeeded, fact('leg.refused'), fact('leg.failed')])
      expect(changed(again, answer).doubtSince).toBeUndefined();
    expect(changed(legThatIs('refunded'), fact('leg.lost')).doubtSince).toBe(later);
  });

  it('F63 that its key is spoiled, for as long as it has that key', () => {
    expect(legAfter(...legHistories.unknown).spoiled).toBe(false);
    const spoiled = [fact('leg.sending'), fact('leg.unknown', { spoiled: true })];
    const again = [...spoiled, fact('leg.sending', { sending: 2 }), fact('leg.unknown')];
    expect([legAfter(...spoiled).spoiled, legAfter(...again).spoiled]).toEqual([true, true]);
    expect(legAfter(...again, fact('leg.renewed')).spoiled).toBe(false);
  });

  it('F102 that the key of what was lost answers with a success that is no more', () => {
    const lost = [...legHistories.refunded, fact('leg.lost')];
    expect(legAfter(...lost).spoiled).toBe(true);
    expect(legAfter(...lost, fact('leg.renewed')).spoiled).toBe(false);
  });

  it('what the gateway has for it', () => {
    expect(legAfter(...legHistories.refunded, fact('leg.lost')).evidence).toEqual({ re_1: 'lost' });
    expect(legAfter(...legHistories.failed).evidence).toEqual({ re_1: 'failed' });
    const two = legAfter(...legHistories.pending, fact('leg.surplus'));
    expect([two.evidence, two.surplusMinor]).toEqual([{ re_1: 'pending', re_2: 'surplus' }, { re_2: amount }]);
    const three = legAfter(
      ...legHistories.pending,
      fact('leg.surplus'),
      fact('leg.surplus', { theirs: 're_3', amountMinor: 1n }),
    );
    expect(three.surplusMinor).toEqual({ re_2: amount, re_3: 1n });
  });

  it('F46 of disputes what was heard last', () => {
    const open = legAfter(...legHistories.refunded, fact('leg.disputed'));
    expect(open).toEqual({ ...legAfter(...legHistories.refunded), disputed: 'open' });
    expect(
      legAfter(...legHistories.refunded, fact('leg.disputed'), fact('leg.disputed', { stage: 'lost' })),
    ).toMatchObject({
      disputed: 'lost',
    });
  });

  it('F46 that a person let it go on despite a chargeback, where it was held for one', () => {
    const release = fact('leg.released');
    expect(changed(heldFor([], ['charged-back']), release)).toMatchObject({ chargebackKnown: true });
    expect(changed(heldFor([], ['no-proof']), release)).not.toHaveProperty('chargebackKnown');
  });

  it('F117 that a person let it go on despite a refund that a restored journal forgot, by when and by which restore', () => {
    const released = (restored: { restored?: number }) =>
      changed(heldFor([], ['forgotten-refund']), fact('leg.released', restored)).forgottenKnown;
    expect(released({ restored: 2 })).toEqual({ at: later, restored: 2 });
    expect(released({})).toEqual({ at: later });
    expect(changed(heldFor([], ['no-proof']), fact('leg.released'))).not.toHaveProperty('forgottenKnown');
  });

  it('as ready as before, released with no request of its own', () => {
    expect(legAfter(fact('leg.held'), fact('leg.released')).now).toEqual(legAfter().now);
  });

  it('F46 up to which entry of its payment a person knew of chargebacks: what they were shown, whatever else held it then', () => {
    const { payment } = planned();
    const held = (reasons: readonly HoldReason[], last?: number) =>
      fact('leg.held', { reasons, ...(last !== undefined && { seen: { [payment]: last } }) });
    const release = fact('leg.released');
    const known = (...history: RefundEvent[]) => legAfter(...history).chargebacksSeen;
    expect(known(held(['charged-back'], 4), release)).toBe(4);
    expect(known(held(['charged-back'], 4), held(['charged-back', 'return-shrank']), release)).toBe(4);
    expect(known(held(['charged-back'], 4), held(['return-shrank', 'charged-back'], 6), release)).toBe(6);
    expect(known(held(['refunded-elsewhere'], 4), release)).toBeUndefined();
    expect(known(held(['charged-back'], 4), release, held(['charged-back'], 6))).toBe(4);
    expect(known(held(['charged-back']), release)).toBeUndefined();
    expect(legAfter(fact('leg.held', { reasons: ['charged-back'], seen: {} }), release).chargebacksSeen).toBe(0);
  });

  it('F44 up to which entries what others refunded was shown, and no other hold shows anything of it', () => {
    const seen = { [planned().payment]: 4 };
    const known = (...reasons: HoldReason[]) => legAfter(fact('leg.held', { reasons, seen })).seen;
    expect(known('refunded-elsewhere')).toEqual(seen);
    expect(known('charged-back')).toBeUndefined();
  });

  it('nothing of how long it was tried before a person released it', () => {
    const released = changed(legThatIs('held'), fact('leg.released'));
    expect(released).not.toHaveProperty('tryingSince');
    expect(released).toMatchObject({ firstSentAt: t0, sendings: 1 });
  });
});

describe('a hold about the evidence itself', () => {
  it.each([['two-refunds'], ['echo-mismatch'], ['no-proof', 'two-refunds']] as const)(
    'F78 F103 stays whatever is heard: %j',
    (...reasons) => {
      const before = givenLeg(...legHistories.pending, fact('leg.held', { reasons }));
      expect(changed(before, succeeded).now).toEqual({
        is: 'held',
        reasons,
        since: t0,
        until: clock(hour),
        from: { is: 'refunded', theirs: 're_1', since: later },
      });
    },
  );
});

describe('what can not follow', () => {
  it('F89 is a bug that says what followed what', () => {
    expect(() => changed(legThatIs('pending'), fact('leg.sending'))).toThrow('leg.sending for a leg that is pending');
    expect(() => changed(legThatIs('ready'), fact('leg.absent'))).toThrow('leg.absent for a leg that is ready');
    expect(() => changed(legThatIs('ready'), fact('leg.released'))).toThrow('leg.released for a leg that is ready');
    expect(() => changed(legThatIs('pending'), fact('leg.lost'))).toThrow('leg.lost for a leg that is pending');
    expect(() => changed(legThatIs('closed'), fact('leg.held'))).toThrow('a closed leg is not held');
  });

  it.each([1, 3])('F59 is the epoch %i after the first', (epoch) => {
    expect(() => changed(legThatIs('unknown'), fact('leg.renewed', { epoch }))).toThrow(`epoch ${epoch} after 1`);
  });
});

describe('a question about a leg', () => {
  it.each<[readonly ('payment-disputed' | 'no-proof')[], boolean]>([
    [[], false],
    [['payment-disputed'], true],
    [['payment-disputed', 'payment-disputed'], true],
    [['payment-disputed', 'no-proof'], false],
    [['no-proof'], false],
  ])('F46 held for %j waits for nothing but a dispute: %s', (reasons, waits) => {
    expect(onlyDisputed(reasons)).toBe(waits);
    expect(waitsForDispute(legAfter(fact('leg.held', { reasons })))).toBe(waits);
  });

  it.each(legStates)('F46 one that is %s is not held for a dispute', (state) => {
    expect(waitsForDispute(legOf(legThatIs(state), 1))).toBe(false);
  });

  it.each<[string, readonly RefundEvent[], boolean]>([
    ['was never sent', [], true],
    ['was held unsent', [fact('leg.held')], true],
    ['was sent', legHistories.sending, false],
    ['was put off', [fact('leg.sending'), fact('leg.deferred')], false],
    ['F117 is known from the gateway only', [fact('leg.noted')], false],
    ['was closed unsent', [fact('leg.held'), fact('leg.closed')], false],
  ])('whether it %s and nothing was heard', (_, history, expected) => {
    expect(untouched(legAfter(...history))).toBe(expected);
  });

  it.each<[string, readonly RefundEvent[], string | undefined]>([
    ['nothing', [], undefined],
    ['what is pending', legHistories.pending, 're_1'],
    ['what succeeded', legHistories.refunded, 're_1'],
    ['nothing that failed', legHistories.failed, undefined],
    ['nothing that was lost', [...legHistories.refunded, fact('leg.lost')], undefined],
    ['nothing that nobody wanted', [fact('leg.surplus')], undefined],
    ['the second where the first failed', [...legHistories.failed, fact('leg.accepted', { theirs: 're_2' })], 're_2'],
  ])('which refund of theirs lives: %s', (_, history, theirs) => {
    const leg = legAfter(...history);
    expect(liveEvidence(leg)).toBe(theirs);
  });

  it('F103 whether a refund lives that nobody wanted', () => {
    expect(hasSurplus(legAfter(...legHistories.refunded))).toBe(false);
    expect(hasSurplus(legAfter(...legHistories.refunded, fact('leg.surplus')))).toBe(true);
    expect(hasSurplus(legAfter(fact('leg.surplus'), fact('leg.surplus-failed')))).toBe(false);
  });

  it('whether money may have moved, also while it is held', () => {
    expect(mayHaveMoved(legAfter(fact('leg.held')))).toBe(false);
    expect(mayHaveMoved(legAfter(...legHistories.held))).toBe(true);
    expect(mayHaveMoved(legAfter(...legHistories.sending, fact('leg.held')))).toBe(true);
    expect(mayHaveMoved(legAfter(...legHistories.sending, refused({}), fact('leg.held')))).toBe(true);
    expect(mayHaveMoved(legAfter(...legHistories.refused, fact('leg.held')))).toBe(false);
    expect(mayHaveMoved(legAfter(fact('leg.accepted')))).toBe(true);
  });
});
