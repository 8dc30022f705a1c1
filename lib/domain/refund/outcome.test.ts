import { describe, expect, it } from 'vitest';
import { hour, second } from '../time.ts';
import { record, refuse } from './decide.ts';
import {
  at,
  clock,
  evidence,
  fact,
  following,
  givenLeg,
  legHistories,
  legStates,
  legThatIs,
  nowOf,
  rules,
  t0,
  tempo,
  words,
} from './given.ts';
import type { Outcome } from './outcome.ts';
import { evolve, legOf } from './state.ts';
import { nextStep } from './step.ts';

type Words = string | readonly string[];

describe('an outcome', () => {
  const sending = { leg: 1, sending: 1 };
  const refusedAs = (more: Partial<Extract<Outcome, { is: 'refused' }>>): Outcome => ({
    is: 'refused',
    code: 'c',
    again: 'final',
    couldBeOurs: false,
    ...more,
  });
  const unknown: Outcome = { is: 'unknown', why: 'timeout', spoiled: false };
  const accepted: Outcome = { is: 'accepted', evidence: evidence({ state: 'succeeded' }) };
  const first = legThatIs('sending');
  const resent = givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }));

  it.each<[string, Outcome, Words, Words]>([
    ['success', accepted, ['leg.accepted'], ['leg.accepted']],
    ['silence', unknown, ['leg.unknown'], ['leg.unknown']],
    ['F60 a stored failure', { ...unknown, spoiled: true } as Outcome, ['leg.unknown'], ['leg.unknown']],
    ['F61 not now', refusedAs({ again: 'not-now' }), ['leg.deferred'], ['leg.deferred']],
    [
      'F61 not now, in words of our own success',
      refusedAs({ again: 'not-now', couldBeOurs: true }),
      ['leg.deferred'],
      ['leg.deferred'],
    ],
    ['F82 the credential', refusedAs({ again: 'account' }), ['leg.deferred'], ['leg.deferred']],
    ['a final refusal', refusedAs({}), ['leg.refused'], ['leg.unknown']],
    ['a refusal that a person can mend', refusedAs({ again: 'person' }), ['leg.refused', 'leg.held'], ['leg.unknown']],
    ['a refusal that could be our own success', refusedAs({ couldBeOurs: true }), ['leg.unknown'], ['leg.unknown']],
    [
      'a mendable one that could be our own success',
      refusedAs({ couldBeOurs: true, again: 'person' }),
      ['leg.unknown'],
      ['leg.unknown'],
    ],
  ])('of %s is believed of a first request, and doubted after an earlier one', (_, outcome, ofFirst, ofSecond) => {
    expect(words(record(first, sending, outcome, at(0)))).toEqual(ofFirst);
    expect(words(record(resent, { leg: 1, sending: 2 }, outcome, at(0)))).toEqual(ofSecond);
  });

  it.each([refusedAs({}), refusedAs({ again: 'person' }), refusedAs({ again: 'not-now' }), unknown])(
    'F70 that comes late changes nothing that is settled: %j',
    (outcome) => {
      for (const state of legStates.filter((one) => one !== 'sending'))
        expect(words(record(legThatIs(state), sending, outcome, at(0)))).toBe('nothing');
      expect(words(record(resent, sending, outcome, at(0)))).toBe('nothing');
    },
  );

  it('F70 F92 of success is believed however late it comes', () => {
    expect(words(record(resent, sending, accepted, at(0)))).toEqual(['leg.accepted']);
    expect(nowOf(following(legThatIs('held'), record(legThatIs('held'), sending, accepted, at(0))))).toBe('refunded');
    expect(words(record(legThatIs('refunded'), sending, accepted, at(0)))).toBe('nothing');
  });

  it.each([
    [undefined, 2 * second],
    [0, 2 * second],
    [-5, 2 * second],
    [2 * second - 1, 2 * second],
    [2 * second + 0.5, 2 * second + 1],
    [30 * second, 30 * second],
    [Number.MAX_SAFE_INTEGER, hour],
    [1e300, hour],
    [0.4, 2 * second],
    [hour, hour],
    [hour + 1, hour],
    [Number.NaN, 2 * second],
  ])('F61 of "not now, in %s ms" waits %i ms', (retryAfterMs, wait) => {
    const outcome = refusedAs({ again: 'not-now', ...(retryAfterMs !== undefined && { retryAfterMs }) });
    expect(record(first, sending, outcome, at(0))).toMatchObject({ events: [{ until: clock(wait) }] });
  });

  it('that a person can mend still goes to one when it is believed later', () => {
    const outcome = refusedAs({ couldBeOurs: true, again: 'person' });
    const asked = [fact('leg.absent')].reduce(
      (now, event) => evolve(now, event, t0),
      following(first, record(first, sending, outcome, at(0))),
    );
    expect(nextStep(legOf(asked, 1), t0, rules, tempo)).toEqual({ do: 'refuse', code: 'c', forPerson: true });
    expect(words(refuse(asked, 1, { code: 'c' }, at(0)))).toEqual(['leg.refused', 'leg.held']);
  });

  it('an ambiguous refusal of a first request leaves no doubt about an earlier one, and is remembered', () => {
    const refund = following(first, record(first, sending, refusedAs({ couldBeOurs: true }), at(0)));
    expect(legOf(refund, 1)).toMatchObject({ doubtSince: undefined, now: { is: 'unknown', refusal: 'c', since: t0 } });
  });
});
