import { describe, expect, it } from 'vitest';
import { dayMs, hour } from '../time.ts';
import type { RefundEvent } from './event.ts';
import { clock, fact, givenLeg, legHistories, rules, t0, tempo } from './given.ts';
import { evolve, legOf } from './state.ts';
import { nextStep } from './step.ts';

/** By everybody else's clock all that was written before lies ten days ahead. */
const early = clock(-10 * dayMs);
const heldAt = (history: readonly RefundEvent[], at = early) =>
  evolve(givenLeg(...history), fact('leg.held', { reasons: ['clock-wrong'] }), at);
const held = (history: readonly RefundEvent[], at = early) => legOf(heldAt(history, at), 1);
const released = (history: readonly RefundEvent[]) =>
  legOf(evolve(heldAt(history), fact('leg.released', { at: early }), early), 1);

describe('F26 a leg that is held since what was written of it lies far ahead', () => {
  it('goes on from then: it was ready by then, and its request was sent by then', () => {
    expect(held([]).now).toMatchObject({ is: 'held', from: { is: 'ready', notBefore: early } });
    expect(held([])).not.toHaveProperty('firstSentAt');
    expect(held([])).toMatchObject({ spoiled: false, doubtSince: undefined });
    const unknown = held([...legHistories.unknown, fact('leg.absent')]);
    expect(unknown).toMatchObject({ firstSentAt: early, lastSentAt: early, doubtSince: early, spoiled: true });
    expect(unknown.now).toMatchObject({ from: { is: 'unknown', since: early, absentAt: [] } });
  });

  it('whose request nobody told the outcome of is in doubt: whoever had the right to it has it no more', () => {
    const now = { from: { is: 'unknown', why: 'no-outcome', since: early, absentAt: [] } };
    expect(held(legHistories.sending)).toMatchObject({ doubtSince: early, now });
  });

  it('keeps the times that are not ahead', () => {
    const late = clock(hour);
    expect(held([], late).now).toMatchObject({ from: { notBefore: t0 } });
    const unknown = { firstSentAt: t0, lastSentAt: t0, doubtSince: t0, now: { from: { since: t0 } } };
    expect(held(legHistories.unknown, late)).toMatchObject(unknown);
    expect(held(legHistories.pending, late).now).toMatchObject({ from: { is: 'pending', since: t0 } });
  });

  it('goes back to what it was held from first, where it is held already', () => {
    const from = { is: 'unknown', since: t0 };
    const twice = held(legHistories.held);
    expect(twice).toMatchObject({ firstSentAt: t0, doubtSince: t0, spoiled: false, now: { since: early, from } });
  });

  it('is sent when a person says yes, and only asked about where it was sent: nobody knows what its key is worth', () => {
    const step = (history: readonly RefundEvent[], of = rules) => nextStep(released(history), early, of, tempo);
    expect(step([])).toEqual({ do: 'send' });
    expect(step(legHistories.unknown)).toEqual({ do: 'find' });
    const none = { ...rules, lookup: 'none' } as const;
    expect(step(legHistories.unknown, none)).toEqual({ do: 'hold', reasons: ['no-proof'] });
  });
});
