import { describe, expect, it } from 'vitest';
import type { PaymentId } from '../ids.ts';
import {
  approved,
  at,
  fact,
  following,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  nowOf,
  planned,
  requested,
  words,
} from './given.ts';
import type { HoldReason } from './hold-reason.ts';
import { approve, deny, showNews } from './people.ts';
import { legOf, type Refund } from './state.ts';

const doubtful = (...reasons: HoldReason[]) => givenLeg(...legHistories.unknown, fact('leg.held', { reasons }));
const absent = { word: 'absent' } as const;
/** What is shown before this yes counts. */
const shown = (refund: Refund) => {
  const yes = approve(refund, at(0));
  const news = { elsewhere: true, chargedBack: [], seen: { pay_1: 2 } };
  return showNews(refund, yes.is === 'events' ? yes.events : [], news);
};

describe('a person who lets something go on while others refunded', () => {
  it.each(['ready', 'unknown', 'refused', 'failed'] as const)('F44 is shown that first where it was %s', (state) => {
    const refund = givenLeg(...legHistories[state], fact('leg.held', { reasons: ['no-answer'] }));
    const held = { type: 'leg.held', leg: 1, reasons: ['no-answer', 'refunded-elsewhere'] };
    expect(shown(refund)).toMatchObject({ events: [held] });
    expect(shown(following(refund, shown(refund)))).toMatchObject({ events: [held] });
  });

  it('F44 F77 is shown nothing where that asks about what the gateway has', () => {
    expect(shown(givenLeg(...legHistories.pending, fact('leg.held')))).toEqual({ is: 'nothing' });
  });

  it('F46 is shown a dispute that was lost on its payment, beside what held it, and no other', () => {
    const refund = givenLeg(fact('leg.held', { reasons: ['charged-back', 'return-shrank'] }));
    const yes = approve(refund, at(0));
    const { payment } = planned();
    const seen = { [payment]: 6 };
    const news = (...chargedBack: PaymentId[]) =>
      showNews(refund, yes.is === 'events' ? yes.events : [], { elsewhere: false, chargedBack, seen });
    const held = { type: 'leg.held', reasons: ['return-shrank', 'charged-back'], seen };
    expect(news(payment)).toMatchObject({ events: [held] });
    expect(news(planned(2).payment)).toEqual({ is: 'nothing' });
  });

  it('F44 is shown it beside the plan that they would approve', () => {
    const refund = given(requested(), heldRefund(['over-limit'], [planned()]));
    const held = { type: 'refund.held', reasons: ['over-limit', 'refunded-elsewhere'], legs: [planned()] };
    expect(shown(refund)).toMatchObject({ events: [held] });
  });
});

describe('a person who decides about a doubt', () => {
  it('F64 can’t let go on what nobody can prove: it would be held again, for ever', () => {
    expect(words(approve(doubtful('no-proof'), at(0)))).toBe('not-proved');
    expect(words(deny(doubtful('no-proof')))).toEqual(['leg.closed']);
    expect(nowOf(following(doubtful('no-proof'), deny(doubtful('no-proof'))))).toBe('closed');
  });

  it('F64 ends it with the word that the gateway has nothing: a new key, and the old ones kept', () => {
    const after = following(doubtful('no-proof'), approve(doubtful('no-proof'), at(0), absent));
    expect(words(approve(doubtful('no-proof'), at(0), absent))).toEqual(['leg.released', 'leg.renewed']);
    expect(legOf(after, 1)).toMatchObject({ epoch: 2, keys: ['k1'], doubtSince: undefined, now: { is: 'ready' } });
  });

  it.each<[HoldReason, readonly string[]]>([
    ['no-answer', ['leg.released']],
    ['cannot-process', ['leg.released']],
    ['refunded-elsewhere', ['leg.released']],
  ])('held as %s may have it asked again, or give their word', (reason, plain) => {
    expect(words(approve(doubtful(reason), at(0)))).toEqual(plain);
    expect(words(approve(doubtful(reason), at(0), absent))).toEqual(['leg.released', 'leg.renewed']);
  });

  it.each<HoldReason>(['key-reused', 'echo-mismatch', 'reference-unreadable'])(
    'has no such word for %s, which is about something else',
    (reason) => expect(words(approve(doubtful(reason), at(0), absent))).toEqual(['leg.released']),
  );

  it('has none for what was never sent, refused or pending', () => {
    for (const state of ['ready', 'refused', 'failed', 'pending'] as const) {
      const refund = givenLeg(...legHistories[state], fact('leg.held'));
      expect(words(approve(refund, at(0), absent))).toEqual(['leg.released']);
    }
  });

  it('lets the other legs go on', () => {
    const other = { ...fact('leg.held'), leg: 2 } as ReturnType<typeof fact>;
    const legs = [approved(planned(1), planned(2)), ...legHistories.unknown];
    const two = given(requested(), ...legs, fact('leg.held', { reasons: ['no-proof'] }), other);
    expect(approve(two, at(0))).toMatchObject({ events: [{ type: 'leg.released', leg: 2 }] });
  });
});
