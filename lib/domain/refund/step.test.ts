import { describe, expect, it } from 'vitest';
import { dayMs, hour, minute, second } from '../time.ts';
import type { RefundEvent } from './event.ts';
import { clock, fact, givenLeg, legHistories, rules, t0, tempo } from './given.ts';
import type { Leg } from './leg.ts';
import { evolve, legOf } from './state.ts';
import {
  heldInDoubt,
  heldUnfinished,
  type KeyRules,
  legDueAt,
  nextCheck,
  nextPoll,
  nextReminder,
  nextStep,
  overdue,
  overdueAt,
  provisional,
  stillAsked,
} from './step.ts';

/** Leg 1 after facts that happened at these times. */
const leg = (...history: readonly (readonly [number, RefundEvent])[]): Leg =>
  legOf(
    history.reduce((now, [ms, event]) => evolve(now, event, clock(ms)), givenLeg()),
    1,
  );
const sent = [0, fact('leg.sending')] as const;
const timedOut = [20 * second, fact('leg.unknown')] as const;
const absentAt = (ms: number) => [ms, fact('leg.absent', { askedAt: clock(ms) })] as const;
const refusedAt = (ms: number) =>
  [ms, fact('leg.unknown', { why: 'ambiguous-refusal', refusal: 'too-large' })] as const;
const step = (of: Leg, ms: number, more: Partial<KeyRules> = {}) =>
  nextStep(of, clock(ms), { ...rules, ...more }, tempo);

/** From when on an absence says that the only request did nothing and will do nothing: start, our patience, lateness, clocks. */
const settled = 5 * second + 20 * second + rules.lateArrivalMs + minute;
const windowEnd = rules.keyWindowMs - (5 * second + 20 * second + rules.lateArrivalMs + minute);
const silent = leg(sent, timedOut);
const absentOnce = leg(sent, timedOut, absentAt(30 * second));
const provedOnce = leg(sent, timedOut, absentAt(settled));
const spoiled = leg(sent, [20 * second, fact('leg.unknown', { spoiled: true })]);

describe('the next step', () => {
  it('on a person’s word is to send, not before the last request that they speak for can do nothing any more', () => {
    const history = [fact('leg.held'), fact('leg.released'), fact('leg.renewed')].map((one) => [minute, one] as const);
    const vouched = leg(sent, timedOut, ...history);
    expect(vouched).toMatchObject({ epoch: 2, vouchedFor: t0, now: { is: 'ready' } });
    expect(step(vouched, settled - 1)).toEqual({ do: 'wait', until: clock(settled) });
    expect(step(vouched, settled)).toEqual({ do: 'send' });
    const again = leg(sent, timedOut, ...history, [settled, fact('leg.sending', { sending: 2, epoch: 2, key: 'k2' })]);
    expect(again).not.toHaveProperty('vouchedFor');
    expect(leg(sent, timedOut, absentAt(1), absentAt(2), [3, fact('leg.renewed')])).not.toHaveProperty('vouchedFor');
  });

  it.each([
    ['ready', leg(), 0, { do: 'send' }],
    [
      'deferred',
      leg(sent, [1, fact('leg.deferred', { until: clock(hour) })]),
      hour - 1,
      { do: 'wait', until: clock(hour) },
    ],
    ['deferred long enough', leg(sent, [1, fact('leg.deferred', { until: clock(hour) })]), hour, { do: 'send' }],
    [
      'F61 deferred for too long',
      leg(sent, [1, fact('leg.deferred', { until: clock(4 * dayMs) })]),
      3 * dayMs,
      { do: 'hold', reasons: ['no-answer'] },
    ],
    [
      'F61 deferred for almost too long',
      leg(sent, [1, fact('leg.deferred', { until: clock(4 * dayMs) })]),
      3 * dayMs - 1,
      { do: 'wait', until: clock(4 * dayMs) },
    ],
    ['ready for long and never sent', leg(), 30 * dayMs, { do: 'send' }],
    ['F67 being sent', leg(sent), minute - 1, { do: 'wait', until: clock(minute) }],
    ['F88 left by its sender', leg(sent), minute, { do: 'give-up-lease' }],
    ['F91 pending', leg(sent, [0, fact('leg.accepted')]), 14 * dayMs - 1, { do: 'poll' }],
    [
      'F77 pending too long',
      leg(sent, [0, fact('leg.accepted')]),
      14 * dayMs,
      { do: 'hold', reasons: ['pending-too-long'] },
    ],
    ['F91 without an answer for too long', silent, 20 * second + 3 * dayMs, { do: 'hold', reasons: ['no-answer'] }],
    ...(['refunded', 'refused', 'failed', 'held', 'closed'] as const).map(
      (state) => [state, legOf(givenLeg(...legHistories[state]), 1), 0, { do: 'nothing' }] as const,
    ),
  ] as const)('of a leg that is %s', (_, of, ms, expected) => expect(step(of, ms)).toEqual(expected));

  it.each([
    ['F57 asks before anything else', silent, 21 * second, { do: 'find' }],
    ['F58 resends under the same key', absentOnce, 31 * second, { do: 'send' }],
    [
      'F58 not faster than it may ask again',
      leg(sent, [second, fact('leg.unknown')], absentAt(second)),
      second,
      { do: 'wait', until: clock(2 * second) },
    ],
    ['F63 to the last instant at which the answer is inside the window', absentOnce, windowEnd - 1, { do: 'send' }],
    ['F63 and not one later', absentOnce, windowEnd, { do: 'find' }],
    [
      'F63 after the window makes no new key on one proof',
      leg(sent, timedOut, absentAt(windowEnd)),
      windowEnd,
      { do: 'wait', until: clock(windowEnd + rules.lateArrivalMs) },
    ],
    [
      'F63 asks for the second proof when it can be one',
      leg(sent, timedOut, absentAt(windowEnd)),
      windowEnd + rules.lateArrivalMs,
      { do: 'find' },
    ],
    [
      'F63 takes two answers at once for one proof',
      leg(sent, timedOut, absentAt(windowEnd), absentAt(windowEnd + rules.lateArrivalMs - 1)),
      windowEnd + rules.lateArrivalMs,
      { do: 'find' },
    ],
    [
      'F63 renews on two proofs',
      leg(sent, timedOut, absentAt(windowEnd), absentAt(windowEnd + rules.lateArrivalMs)),
      windowEnd + rules.lateArrivalMs,
      { do: 'renew' },
    ],
  ] as const)('where keys remember everything: %s', (_, of, ms, expected) => expect(step(of, ms)).toEqual(expected));

  it.each([
    [
      'does not loop the same key',
      leg(sent, [20 * second, fact('leg.unknown', { spoiled: true })], absentAt(30 * second)),
      31 * second,
      { do: 'wait', until: clock(settled) },
    ],
    ['asks first', spoiled, 30 * second, { do: 'find' }],
    [
      'renews on two proofs, inside the window too',
      leg(
        sent,
        [20 * second, fact('leg.unknown', { spoiled: true })],
        absentAt(settled),
        absentAt(settled + rules.lateArrivalMs),
      ),
      hour,
      { do: 'renew' },
    ],
  ] as const)('F60 under a key that replays a stored failure: %s', (_, of, ms, expected) =>
    expect(step(of, ms)).toEqual(expected),
  );

  it.each([
    ['waits until the first could not arrive any more', absentOnce, minute, { do: 'wait', until: clock(settled) }],
    ['F59 counts no absence from before that', absentOnce, settled, { do: 'find' }],
    [
      'F59 counts lateness from when the request was given up',
      leg(sent, timedOut, absentAt(settled - 1)),
      settled,
      { do: 'find' },
    ],
    ['resends on one proof', provedOnce, settled, { do: 'send' }],
    [
      'renews after the window on two',
      leg(sent, timedOut, absentAt(settled), absentAt(settled + rules.lateArrivalMs)),
      windowEnd,
      { do: 'renew' },
    ],
  ] as const)('where keys remember successes only: %s', (_, of, ms, expected) => {
    expect(step(of, ms, { keyRemembers: 'successes' })).toEqual(expected);
  });

  it.each([
    ['asks', silent, 21 * second, { do: 'find' }],
    ['waits for a proof', absentOnce, minute, { do: 'wait', until: clock(settled) }],
    ['holds when it has one: never again by itself', provedOnce, settled, { do: 'hold', reasons: ['no-proof'] }],
  ] as const)('where keys remember nothing: %s', (_, of, ms, expected) => {
    expect(step(of, ms, { keyRemembers: 'nothing' })).toEqual(expected);
  });

  describe.each(['none', 'eventual'] as const)('F64 where the lookup is %s', (lookup) => {
    it.each([
      ['resends in the window', silent, 21 * second, 'all', { do: 'send' }],
      ['holds after it', silent, windowEnd, 'all', { do: 'hold', reasons: ['no-proof'] }],
      ['holds under a spoiled key', spoiled, settled, 'all', { do: 'hold', reasons: ['no-proof'] }],
      ['holds where keys remember successes only', silent, settled, 'successes', { do: 'hold', reasons: ['no-proof'] }],
      ['holds where keys remember nothing', silent, settled, 'nothing', { do: 'hold', reasons: ['no-proof'] }],
    ] as const)('%s', (_, of, ms, keyRemembers, expected) =>
      expect(step(of, ms, { lookup, keyRemembers })).toEqual(expected),
    );

    it('waits half as long again as it took so far, whenever it is looked at', () => {
      const twice = leg(
        sent,
        timedOut,
        [hour, fact('leg.sending', { sending: 2 })],
        [hour + second, fact('leg.unknown')],
      );
      const next = (ms: number) => step(twice, ms, { lookup, keyRemembers: 'all' });
      expect(next(hour + minute)).toEqual({ do: 'wait', until: clock(1.5 * hour) });
      expect(next(1.5 * hour - 1)).toEqual({ do: 'wait', until: clock(1.5 * hour) });
      expect(next(1.5 * hour)).toEqual({ do: 'send' });
    });

    it.each([
      [spoiled, 'all'],
      [silent, 'successes'],
      [silent, 'nothing'],
    ] as const)(
      'asks for as long as the last request may arrive, if there is somebody to ask (%#)',
      (of, keyRemembers) =>
        expect(step(of, settled - 1, { lookup, keyRemembers })).toEqual(
          lookup === 'eventual' ? { do: 'find' } : { do: 'hold', reasons: ['no-proof'] },
        ),
    );

    it('waits longer each time: days of silence are dozens of requests, not thousands', () => {
      const history: [number, RefundEvent][] = [];
      let ms = 0;
      for (let sending = 1; ms < 3 * dayMs && sending <= 100; sending += 1) {
        history.push([ms, fact('leg.sending', { sending })], [ms, fact('leg.unknown')]);
        const next = step(leg(...history), ms, { lookup, keyRemembers: 'all', keyWindowMs: 30 * dayMs });
        ms = next.do === 'wait' ? next.until - t0 : ms;
      }
      expect(history.length / 2).toBeGreaterThan(10);
      expect(history.length / 2).toBeLessThan(40);
    });
  });

  const refusedFirst = [sent, refusedAt(second)] as const;
  const refusedLater = [
    sent,
    timedOut,
    [minute, fact('leg.sending', { sending: 2 })],
    refusedAt(minute + second),
  ] as const;
  it.each([
    ['is asked about first', leg(...refusedFirst), second, { do: 'find' }],
    [
      'is believed where nothing is found and no request was lost',
      leg(...refusedFirst, absentAt(second)),
      second,
      { do: 'refuse', code: 'too-large' },
    ],
    [
      'is not believed yet where an earlier request may still arrive',
      leg(...refusedLater, absentAt(2 * minute)),
      2 * minute,
      { do: 'wait', until: clock(minute + settled) },
    ],
    [
      'is believed after the last could have arrived',
      leg(...refusedLater, absentAt(minute + settled)),
      minute + settled,
      { do: 'refuse', code: 'too-large' },
    ],
    [
      "of a key used for other content is a person's matter",
      leg(sent, [second, fact('leg.unknown', { why: 'ambiguous-refusal', refusal: 'key-reused' })], absentAt(second)),
      second,
      { do: 'hold', reasons: ['key-reused'] },
    ],
  ] as const)('after a refusal that could be our own success: it %s', (_, of, ms, expected) =>
    expect(step(of, ms)).toEqual(expected),
  );
});

describe('a leg is due', () => {
  it.each([
    ['ready', legOf(givenLeg(), 1), tempo.graceMs],
    ['sending', leg(sent), minute],
    ['unknown', silent, tempo.graceMs],
    ['pending', leg(sent, [0, fact('leg.accepted')]), minute],
    ['held, and never sent', legOf(givenLeg(fact('leg.held')), 1), hour],
    ['held in doubt', legOf(givenLeg(...legHistories.held), 1), minute],
    ['closed in doubt', legOf(givenLeg(...legHistories.closed), 1), minute],
    ['held for a dispute', legOf(givenLeg(fact('leg.held', { reasons: ['payment-disputed'] })), 1), minute],
    ['refunded', legOf(givenLeg(...legHistories.refunded), 1), 24 * hour],
  ] as const)('when %s', (_, of, ms) => expect(legDueAt(of, t0, tempo)).toBe(clock(ms)));

  it('F91 when held in doubt for a person alone in the end, whom it reminds each day', () => {
    const of = legOf(givenLeg(...legHistories.held), 1);
    expect(stillAsked(of, clock(14 * dayMs - 1), tempo)).toBe(true);
    expect(stillAsked(of, clock(14 * dayMs), tempo)).toBe(false);
    expect(legDueAt(of, clock(14 * dayMs), tempo)).toBe(clock(14 * dayMs + hour));
  });

  it.each([
    ['pending', 'pending', true],
    ['succeeded', 'refunded', false],
  ] as const)('F91 as held in doubt, when held while the gateway says that it is %s', (state, is, asked) => {
    const facts = [fact('leg.sending'), fact('leg.accepted', { state })];
    expect(legOf(givenLeg(...facts), 1).now.is).toBe(is);
    const of = legOf(givenLeg(...facts, fact('leg.held')), 1);
    expect(of.now.is).toBe('held');
    expect([heldUnfinished(of), stillAsked(of, clock(14 * dayMs - 1), tempo)]).toEqual([asked, asked]);
    expect(stillAsked(of, clock(14 * dayMs), tempo)).toBe(false);
  });

  it('F78 F91 as held in doubt, when held for another amount, whether that is pending or not', () => {
    for (const state of ['pending', 'succeeded'] as const) {
      const facts = [fact('leg.sending'), fact('leg.accepted', { state, amountMinor: 1n })];
      const of = legOf(givenLeg(...facts, fact('leg.held', { reasons: ['echo-mismatch'] })), 1);
      expect([heldUnfinished(of), stillAsked(of, clock(14 * dayMs - 1), tempo)]).toEqual([true, true]);
    }
  });

  it('F77 as held in doubt, when held while a request may be under way', () => {
    const of = legOf(givenLeg(fact('leg.sending'), fact('leg.held')), 1);
    expect([heldInDoubt(of), heldUnfinished(of), stillAsked(of, clock(14 * dayMs - 1), tempo)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['refused', legHistories.refused],
    ['failed', legHistories.failed],
    ['closed without a doubt', [fact('leg.held'), fact('leg.closed')]],
  ] as const)('never more when %s', (_, facts) => {
    expect(legDueAt(legOf(givenLeg(...facts), 1), t0, tempo)).toBeUndefined();
  });

  it('F91 when closed in doubt for as long as a pending one would be, and then never more', () => {
    const of = legOf(givenLeg(...legHistories.closed), 1);
    expect(stillAsked(of, clock(14 * dayMs - 1), tempo)).toBe(true);
    expect(stillAsked(of, clock(14 * dayMs), tempo)).toBe(false);
    expect(legDueAt(of, clock(14 * dayMs), tempo)).toBeUndefined();
  });

  const succeeded = [fact('leg.sending'), fact('leg.accepted', { state: 'succeeded' })];
  const both = [...succeeded, fact('leg.surplus'), fact('leg.held', { reasons: ['two-refunds'] })];
  const ofOther = [fact('leg.sending'), fact('leg.accepted', { state: 'succeeded', amountMinor: 1n })];

  it.each([
    ['with another amount', [...ofOther, fact('leg.held'), fact('leg.closed')], 14 * 24 * hour],
    ['with the second of two', [...both, fact('leg.failed'), fact('leg.closed')], 0],
    ['with two, of which the first failed since', [...both, fact('leg.closed'), fact('leg.failed')], 0],
  ] as const)(
    "F76 F78 F103 at the ages of a success when a person closed it %s as the customer's",
    (_, facts, polled) => {
      const of = legOf(givenLeg(...facts), 1);
      expect([provisional(of), stillAsked(of, t0, tempo)]).toEqual([true, polled > 0]);
      expect(legDueAt(of, t0, tempo)).toBe(clock(polled > 0 ? minute : 24 * hour));
      expect(legDueAt(of, clock(14 * 24 * hour), tempo)).toBe(clock(30 * 24 * hour));
      expect(legDueAt(of, clock(30 * 24 * hour), tempo)).toBeUndefined();
    },
  );

  it.each([
    [0, 24 * hour],
    [24 * hour, 7 * 24 * hour],
    [7 * 24 * hour, 30 * 24 * hour],
    [30 * 24 * hour, undefined],
  ])('F102 after its success, at the age of %i ms, for a check at %s', (age, next) => {
    expect(nextCheck(t0, clock(age), tempo)).toBe(next === undefined ? undefined : clock(next));
  });

  it.each([
    [0, minute],
    [minute - 1, minute],
    [minute, 6 * minute],
    [6 * minute, 21 * minute],
    [21 * minute, 81 * minute],
    [7 * hour + 21 * minute, 31 * hour + 21 * minute],
    [31 * hour + 21 * minute, 55 * hour + 21 * minute],
  ])('F91 for a poll, %i ms after it became pending, at %i: the schedule never ends', (now, next) => {
    expect(nextPoll(t0, clock(now), tempo)).toBe(clock(next));
  });
});

describe('a leg without an end', () => {
  it.each<[string, Leg, number | undefined]>([
    ['ready and never sent', leg(), 3 * dayMs],
    ['put off', leg(sent, [1, fact('leg.deferred', { until: clock(hour) })]), 3 * dayMs],
    ['being sent', leg([hour, fact('leg.sending')]), 3 * dayMs + hour],
    [
      'being sent, and held and let go by a person meanwhile',
      leg(sent, [second, fact('leg.held')], [2 * second, fact('leg.released')]),
      3 * dayMs + minute,
    ],
    ['without an answer', silent, 3 * dayMs],
    [
      'known from the gateway only, and lost',
      leg([0, fact('leg.accepted', { state: 'succeeded' })], [hour, fact('leg.lost')]),
      3 * dayMs + hour,
    ],
    ['pending', leg(sent, [hour, fact('leg.accepted')]), 14 * dayMs + hour],
    ['refunded', leg(sent, [0, fact('leg.accepted', { state: 'succeeded' })]), undefined],
    ['refused', leg(sent, [0, fact('leg.refused')]), undefined],
    ['held', leg(sent, [0, fact('leg.held')]), undefined],
  ])('F61 is in front of a person in the end: %s', (_, of, ms) => {
    expect(overdueAt(of, tempo)).toBe(ms === undefined ? undefined : clock(ms));
    if (ms === undefined) expect(overdue(of, clock(1000 * dayMs), tempo)).toBe(false);
    else expect([overdue(of, clock(ms - 1), tempo), overdue(of, clock(ms), tempo)]).toEqual([false, true]);
  });

  it('F67 whose request is under way is looked at when its lease ends', () => {
    expect(legDueAt(leg(sent), clock(5), tempo)).toBe(clock(minute));
  });

  it.each([
    [-1, 0],
    [0, 1],
    [1, 1],
    [dayMs - 1, 1],
    [dayMs, 2],
    [9.5 * dayMs, 10],
    [-3 * dayMs, 0],
  ])('F77 that is held is called again %i ms after it was due: in period %i', (ms, periods) => {
    expect(nextReminder(clock(0), clock(ms), tempo)).toBe(clock(periods * dayMs));
  });
});

describe('the next step, to the millisecond', () => {
  it('F58 resends at the end of its wait, which is longer the second time', () => {
    const resent = leg(
      sent,
      timedOut,
      [minute, fact('leg.sending', { sending: 2 })],
      [minute + second, fact('leg.unknown')],
      absentAt(minute + second),
    );
    expect(step(resent, minute + 10 * second - 1)).toEqual({ do: 'wait', until: clock(minute + 10 * second) });
    expect(step(resent, minute + 10 * second)).toEqual({ do: 'send' });
    expect(step(absentOnce, 2 * second)).toEqual({ do: 'send' });
  });

  it('F46 believes a refusal for a dispute, and says so', () => {
    const refused = (more: object) =>
      leg(sent, [second, fact('leg.unknown', { why: 'ambiguous-refusal', refusal: 'c', ...more })], absentAt(minute));
    expect(step(refused({}), minute)).toStrictEqual({ do: 'refuse', code: 'c' });
    expect(step(refused({ because: 'disputed' }), minute)).toEqual({ do: 'refuse', code: 'c', because: 'disputed' });
    // What a person could change is held for one, and not ended.
    expect(step(refused({ forPerson: true }), minute)).toStrictEqual({ do: 'refuse', code: 'c', forPerson: true });
  });

  it('F102 never sends again what the gateway knew without us and lost, before it is proved twice', () => {
    const lost = leg(
      [0, fact('leg.accepted', { state: 'succeeded' })],
      [hour, fact('leg.lost')],
      [hour, fact('leg.held')],
      [hour, fact('leg.released')],
      [hour, fact('leg.absent', { askedAt: clock(hour) })],
    );
    expect(step(lost, hour + settled - 1)).toEqual({ do: 'wait', until: clock(hour + settled) });
    expect(step(lost, hour + settled)).toEqual({ do: 'find' });
  });
});
