import { describe, expect, it } from 'vitest';
import { hour, minute, plus } from '../time.ts';
import type { RefundEvent } from './event.ts';
import { amount, approved, clock, fact, following, given, planned, requested, t0, tempo, words } from './given.ts';
import { reasonsOf } from './status.ts';
import { afterAbsent, beginTelling, giveUpTelling, owesTelling, type TellRules, tellStep, told } from './tell.ts';

const rules: TellRules = { keyWindowMs: 24 * hour, lateArrivalMs: 10 * minute };
const wanted = { ...requested(), tell: true } as RefundEvent;
const sent = [fact('leg.sending'), fact('leg.accepted', { state: 'succeeded' })];
const done = given(wanted, approved(), ...sent);
const failed = fact('leg.failed');
const telling = (attempts = 1) =>
  Array.from({ length: attempts }).reduce<typeof done>(
    (refund) => following(refund, beginTelling(refund, 'ref'), t0),
    done,
  );

describe('telling the shop of a refund', () => {
  it('is owed once money is back, and only where the shop has no record', () => {
    expect(owesTelling(done)).toBe(true);
    expect(owesTelling(given(wanted, approved()))).toBe(false);
    expect(owesTelling(given(requested(), approved(), ...sent))).toBe(false);
    expect(owesTelling(given(wanted, approved(), ...sent, failed))).toBe(false);
  });

  it('begins with the right to tell, and asks before anything is repeated', () => {
    expect(tellStep(done, t0, tempo)).toEqual({ do: 'tell' });
    expect(tellStep(telling(), clock(1000), tempo)).toEqual({ do: 'find' });
    expect(tellStep(telling(), clock(tempo.unknownLimitMs), tempo)).toMatchObject({ do: 'give-up' });
  });

  it('is given up in words that say why, at the limit and not before', () => {
    expect(tellStep(telling(), clock(tempo.unknownLimitMs - 1), tempo)).toEqual({ do: 'find' });
    expect(tellStep(telling(), clock(tempo.unknownLimitMs), tempo)).toEqual({ do: 'give-up', code: 'no-answer' });
    const gone = following(telling(), { is: 'events', events: [failed] });
    const settled = tempo.latestStartMs + tempo.gatewayLimitMs + rules.lateArrivalMs + tempo.skewMs;
    expect(afterAbsent(gone, clock(settled - 1), rules, tempo)).toEqual({ do: 'wait' });
    expect(afterAbsent(gone, clock(settled), rules, tempo)).toEqual({ do: 'give-up', code: 'not-refunded' });
  });

  it('is written down in full', () => {
    const event = { type: 'refund.telling', v: 1, attempt: 1, reference: 'ref', amountMinor: amount };
    expect(beginTelling(done, 'ref')).toEqual({ is: 'events', events: [event] });
    expect(beginTelling(telling(2), 'ref')).toEqual({ is: 'events', events: [{ ...event, attempt: 3 }] });
    expect(told(telling(), 'x')).toEqual({ is: 'events', events: [{ type: 'refund.told', v: 1, theirs: 'x' }] });
    const givenUp = { type: 'refund.tell-given-up', v: 1, code: 'c' };
    expect(giveUpTelling(telling(), 'c')).toEqual({ is: 'events', events: [givenUp] });
  });

  it('does nothing where nothing is owed', () => {
    const unasked = given(requested(), approved(), ...sent);
    for (const refund of [unasked, given(wanted), given(wanted, approved())]) {
      expect(owesTelling(refund)).toBe(false);
      expect(tellStep(refund, t0, tempo)).toEqual({ do: 'nothing' });
      expect(afterAbsent(refund, clock(hour), rules, tempo)).toEqual({ do: 'wait' });
      expect([words(beginTelling(refund, 'ref')), words(giveUpTelling(refund, 'c'))]).toEqual(['nothing', 'nothing']);
    }
    expect(afterAbsent(done, clock(hour), rules, tempo)).toEqual({ do: 'wait' });
  });

  it('waits longer before it is repeated a second time', () => {
    expect(afterAbsent(telling(), clock(2000), rules, tempo).do).toBe('tell');
    expect(afterAbsent(telling(), clock(1999), rules, tempo).do).toBe('wait');
    expect(afterAbsent(telling(2), clock(9999), rules, tempo).do).toBe('wait');
    expect(afterAbsent(telling(2), clock(10_000), rules, tempo).do).toBe('tell');
  });

  it('is repeated inside the window only where there is room for the request itself', () => {
    const settled = tempo.latestStartMs + tempo.gatewayLimitMs + rules.lateArrivalMs + tempo.skewMs;
    const short = { ...rules, keyWindowMs: settled + minute };
    expect(afterAbsent(telling(), clock(minute - 1), short, tempo).do).toBe('tell');
    expect(afterAbsent(telling(), clock(minute), short, tempo).do).toBe('wait');
    expect(afterAbsent(telling(), clock(settled), short, tempo).do).toBe('tell');
  });

  it('ends with the shop’s id, or given up, once', () => {
    const heard = following(telling(), told(telling(), 'theirs'));
    expect(tellStep(heard, t0, tempo)).toEqual({ do: 'nothing' });
    expect(words(giveUpTelling(heard, 'late'))).toBe('nothing');
    expect(words(told(done, 'theirs'))).toBe('nothing');
  });

  it.each([
    ['at once waits', 0, 'wait'],
    ['after a moment, inside the key’s window, tells again', 3000, 'tell'],
    ['near the end of the window tells again: the last request is settled', 24 * hour - minute, 'tell'],
    ['after the window tells again', 30 * hour, 'tell'],
  ])('an absence %s', (_when, ms, then) => {
    expect(afterAbsent(telling(), clock(ms), rules, tempo).do).toBe(then);
  });

  it('an absence outside the window counts only when the last request can have no effect any more', () => {
    const late = following(telling(), beginTelling(telling(), 'ref'), plus(t0, 25 * hour));
    expect(afterAbsent(late, clock(25 * hour + minute), rules, tempo).do).toBe('wait');
    expect(afterAbsent(late, clock(25 * hour + 12 * minute), rules, tempo).do).toBe('tell');
  });

  it('F101 of a refund that failed meanwhile is found out, and not begun again', () => {
    const gone = following(telling(), { is: 'events', events: [failed] });
    expect(owesTelling(gone)).toBe(true);
    expect(afterAbsent(gone, clock(hour), rules, tempo)).toMatchObject({ do: 'give-up' });
  });

  describe('given up because nothing was refunded', () => {
    const held = fact('leg.held', { reasons: ['failed-at-gateway'] });
    const gone = following(telling(), { is: 'events', events: [failed, held] });
    const givenUp = following(gone, giveUpTelling(gone, 'not-refunded'), clock(hour));
    const again = [fact('leg.released'), fact('leg.sending', { epoch: 2, key: 'k2' })];
    const late = fact('leg.accepted', { theirs: 're_2', state: 'succeeded' });
    const paid = following(givenUp, { is: 'events', events: [...again, late] }, clock(100 * hour));

    it('F101 is owed again once money is back, and begins with the question whether the shop has it', () => {
      expect(owesTelling(givenUp)).toBe(false);
      expect(owesTelling(paid)).toBe(true);
      expect(tellStep(paid, clock(100 * hour), tempo)).toEqual({ do: 'find' });
      expect(afterAbsent(paid, clock(100 * hour), rules, tempo)).toEqual({ do: 'tell' });
      expect(words(told(paid, 'theirs'))).toEqual(['refund.told']);
    });

    it('F101 goes on where it stood: the next attempt, the first request’s key window, a time of its own', () => {
      const begun = beginTelling(paid, 'ref');
      expect(begun).toMatchObject({ events: [{ type: 'refund.telling', attempt: 2, reference: 'ref' }] });
      const now = following(paid, begun, clock(100 * hour));
      expect(afterAbsent(now, clock(100 * hour + minute), rules, tempo)).toEqual({ do: 'wait' });
      expect(tellStep(now, clock(100 * hour + minute), tempo)).toEqual({ do: 'find' });
      expect(tellStep(now, clock(100 * hour + tempo.unknownLimitMs), tempo)).toMatchObject({ do: 'give-up' });
      expect(tellStep(paid, clock(100 * hour + tempo.unknownLimitMs), tempo)).toMatchObject({ do: 'give-up' });
    });

    it('for another reason stays given up: a person tells', () => {
      const silent = following(telling(), giveUpTelling(telling(), 'no-answer'), clock(hour));
      expect(owesTelling(silent)).toBe(false);
      expect(words(beginTelling(silent, 'ref'))).toBe('nothing');
      expect(tellStep(silent, clock(hour), tempo)).toEqual({ do: 'nothing' });
      expect(afterAbsent(silent, clock(hour), rules, tempo)).toEqual({ do: 'wait' });
      expect([words(told(silent, 'theirs')), words(giveUpTelling(silent, 'late'))]).toEqual(['nothing', 'nothing']);
    });
  });

  it('of one leg of two is given up as long after its money came back, whatever became of the other', () => {
    const begun = fact('leg.sending', { leg: 2 });
    const partly = given(wanted, approved(planned(1), planned(2)), ...sent, begun, fact('leg.refused', { leg: 2 }));
    const asked = following(partly, beginTelling(partly, 'ref'));
    expect(tellStep(asked, clock(tempo.unknownLimitMs - 1), tempo)).toEqual({ do: 'find' });
    expect(tellStep(asked, clock(tempo.unknownLimitMs), tempo)).toEqual({ do: 'give-up', code: 'no-answer' });
    const later = following(asked, { is: 'events', events: [fact('leg.held', { leg: 2 })] }, clock(hour));
    expect(tellStep(later, clock(tempo.unknownLimitMs), tempo)).toEqual({ do: 'give-up', code: 'no-answer' });
  });

  it('F76 F101 whose amount shrank after it was told says so to people', () => {
    const both = [...sent, fact('leg.sending', { leg: 2 })];
    const second = fact('leg.accepted', { leg: 2, theirs: 're_9', state: 'succeeded' });
    const all = given(wanted, approved(planned(1), planned(2)), ...both, second);
    const begun = following(all, beginTelling(all, 'ref'));
    const heard = following(begun, told(begun, 'theirs'));
    expect(reasonsOf(heard)).toEqual([]);
    const less = following(heard, { is: 'events', events: [fact('leg.failed', { leg: 2, theirs: 're_9' })] });
    expect(reasonsOf(less)).toEqual(['expired-card', 'shop-record-differs']);
  });

  it('F76 F101 of which nothing is left after it was told says so to people, once the last part is closed', () => {
    const begun = following(done, beginTelling(done, 'ref'));
    const heard = following(begun, told(begun, 'theirs'));
    const gone = following(heard, { is: 'events', events: [failed, fact('leg.held')] });
    const closed = following(gone, { is: 'events', events: [fact('leg.closed')] });
    expect(reasonsOf(closed)).toEqual(['closed-by-person', 'shop-record-differs']);
  });

  describe('F103 that a person closed although the customer has it', () => {
    const days = tempo.unknownLimitMs;
    const twice = [fact('leg.surplus'), fact('leg.held', { reasons: ['two-refunds'] }), fact('leg.surplus-failed')];
    const closing = { is: 'events', events: [...twice, fact('leg.closed')] } as const;

    it('is told to the shop, for as long as any other from then on', () => {
      const closed = following(done, closing, clock(days));
      expect(owesTelling(closed)).toBe(true);
      const begun = following(closed, beginTelling(closed, 'ref'), clock(days));
      expect(beginTelling(begun, 'ref')).toMatchObject({ events: [{ amountMinor: amount }] });
      const before = following(following(done, beginTelling(done, 'ref')), closing, clock(days));
      expect(tellStep(before, clock(days), tempo)).toEqual({ do: 'find' });
      expect(tellStep(before, clock(2 * days), tempo)).toEqual({ do: 'give-up', code: 'no-answer' });
    });

    it('does not call a record of the shop’s wrong that is right', () => {
      const begun = following(done, beginTelling(done, 'ref'));
      const heard = following(begun, told(begun, 'theirs'));
      expect(reasonsOf(following(heard, closing))).toEqual(['closed-by-person']);
      const left = { is: 'events', events: [...twice.slice(0, 2), fact('leg.closed')] } as const;
      expect(reasonsOf(following(heard, left))).toEqual(['closed-by-person', 'shop-record-differs']);
    });
  });

  describe('whose amount grew after it was told', () => {
    const two = given(wanted, approved(planned(1), planned(2)), ...sent, fact('leg.sending', { leg: 2 }));
    const partly = following(two, { is: 'events', events: [fact('leg.refused', { leg: 2 })] });
    const begun = following(partly, beginTelling(partly, 'ref'));
    const more = fact('leg.accepted', { leg: 2, theirs: 're_9', state: 'succeeded' });

    it('F101 says so to people, whether the amount came before the shop’s answer or after', () => {
      const heard = following(begun, told(begun, 'theirs'));
      expect(beginTelling(partly, 'ref')).toMatchObject({ events: [{ amountMinor: amount }] });
      expect(reasonsOf(heard)).not.toContain('shop-record-differs');
      expect(reasonsOf(following(heard, { is: 'events', events: [more] }))).toContain('shop-record-differs');
      const grown = following(begun, { is: 'events', events: [more] });
      expect(reasonsOf(following(grown, told(grown, 'theirs')))).toContain('shop-record-differs');
      const twice = following(grown, beginTelling(grown, 'ref'));
      expect(reasonsOf(following(twice, told(twice, 'theirs')))).toContain('shop-record-differs');
    });

    it('is not said while a part is under way or held: that is seen as such', () => {
      const heard = following(begun, told(begun, 'theirs'));
      const gone = following(heard, { is: 'events', events: [failed, fact('leg.held')] });
      expect(reasonsOf(gone)).not.toContain('shop-record-differs');
    });

    it('is not judged where the amount was not recorded', () => {
      const old: RefundEvent = { type: 'refund.telling', v: 1, attempt: 1, reference: 'ref' };
      const grown = following(partly, { is: 'events', events: [old, more] });
      expect(reasonsOf(following(grown, told(grown, 'theirs')))).not.toContain('shop-record-differs');
    });
  });
});
