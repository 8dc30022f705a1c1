import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, type Breaker, closedBreaker, heard, mostFailures, room, type Verdict } from './breaker.ts';
import { seeded, t0 } from './refund/given.ts';
import { embedded, production as tempo } from './tempo.ts';
import { type Instant, minute, plus, second } from './time.ts';

const at = (ms: number) => ({ now: plus(t0, ms), tempo, chance: 0 });
const says = (breaker: Breaker, verdict: Verdict, ms = 0): Breaker =>
  heard(breaker, { turn: breaker.turn, verdict }, at(ms));
const enters = (breaker: Breaker, ms: number, wanted = 1) => admit(breaker, wanted, at(ms));
const many = (verdict: Verdict, times: number, from = closedBreaker(t0)): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((breaker) => says(breaker, verdict), from);
const opened = says(many('bad', mostFailures - 1), 'bad', second);

/** Lets in whatever fits and hears of all of it, until `done` phases have ended. */
function ramped(phases: number, from: Breaker = opened, ms = 40 * second): Breaker {
  let breaker = from;
  for (let phase = 0; phase < phases; phase += 1) {
    const admission = enters(breaker, ms, 100);
    breaker = admission.breaker;
    const inside = admission.is === 'admitted' ? admission.places : 0;
    for (let n = 0; n < inside; n += 1) breaker = says(breaker, 'good', ms);
  }
  return breaker;
}

describe('the breaker of an account', () => {
  it.each<[string, Breaker, Breaker['is']]>([
    ['four failures', many('bad', mostFailures - 1), 'closed'],
    ['F84 five failures', opened, 'open'],
    ['five failures of one moment', many('bad', mostFailures), 'closed'],
    ['a sixth, a moment later', says(many('bad', mostFailures), 'bad', second), 'open'],
    ['a success among them', many('bad', 4, says(many('bad', 4), 'good')), 'closed'],
    ['failures that are far apart', says(many('bad', 4), 'bad', tempo.failureRowMs), 'closed'],
    ['F82 one refused credential', says(closedBreaker(t0), 'credential'), 'open'],
    ['requests that were not sent after all', many('unused', 9, many('bad', 4)), 'closed'],
  ])('after %s: %#', (_, breaker, is) => {
    expect(breaker.is).toBe(is);
  });

  it('F84 lets nobody in while it is open, then one', () => {
    expect(enters(opened, 31 * second - 1)).toMatchObject({ is: 'shut', until: plus(t0, 31 * second) });
    const probe = enters(opened, 31 * second, 9);
    expect(probe).toMatchObject({ is: 'admitted', places: 1 });
    expect(enters(probe.breaker, 32 * second)).toMatchObject({ is: 'shut' });
  });

  it('F85 lets in 2, 4, 8, 16 and 32 after the probe, and then everybody', () => {
    const sizes = [1, 2, 3, 4, 5, 6].map((phases) => ramped(phases)).map((one) => ('size' in one ? one.size : one.is));
    expect(sizes).toEqual([2, 4, 8, 16, 32, 'closed']);
    expect(room(ramped(6), plus(t0, minute))).toBe(Number.POSITIVE_INFINITY);
  });

  it('F85 waits twice as long after each probe that fails, up to the longest, and a little longer by chance', () => {
    let breaker = opened;
    const waits: number[] = [];
    for (let now = plus(t0, second), n = 0; n < 7; n += 1) {
      if (breaker.is !== 'open') throw new Error('not open');
      waits.push(breaker.until - now);
      now = breaker.until;
      breaker = says(admit(breaker, 1, { now, tempo, chance: 0 }).breaker, 'bad', now - t0);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600].map((seconds) => seconds * second));
    const now = plus(t0, second);
    const later = heard(many('bad', 4), { turn: 0, verdict: 'bad' }, { now, tempo, chance: 0.5 });
    expect(later).toMatchObject({ until: plus(now, 31.5 * second) });
  });

  it('F84 takes a phase that nobody reports from for a failure, by its own deadline', () => {
    const { breaker } = enters(opened, 31 * second);
    const deadline = 31 * second + tempo.leaseMs;
    expect(room(breaker, plus(t0, deadline - 1))).toBe(0);
    expect(room(breaker, plus(t0, deadline))).toBe(1);
    expect(enters(breaker, deadline)).toMatchObject({ is: 'shut', breaker: { is: 'open', opens: 2 } });
  });

  it('does not take a phase for a failure that few wanted to enter: the next one begins when its time is over', () => {
    const half = says(enters(ramped(2), 40 * second).breaker, 'good');
    const end = 40 * second + 2 * tempo.leaseMs;
    expect(enters(half, end - 1)).toMatchObject({ is: 'admitted', breaker: { size: 4, started: 2 } });
    expect(enters(half, end)).toMatchObject({ is: 'admitted', breaker: { size: 8, started: 1 } });
    expect(enters(ramped(2), 60 * minute)).toMatchObject({ is: 'admitted', breaker: { size: 4, started: 1 } });
  });

  it('F82 keeps the reason in the ramp, and forgets it when it closes', () => {
    const refused = says(closedBreaker(t0), 'credential');
    expect(refused).toMatchObject({ reason: 'credential', opens: 1 });
    expect(ramped(2, refused)).toMatchObject({ is: 'ramp', reason: 'credential' });
    expect(ramped(6, refused)).toMatchObject({ is: 'closed', failures: 0 });
  });

  it('does not take news from before for news about now', () => {
    const { breaker } = enters(opened, 31 * second);
    expect(heard(breaker, { turn: 0, verdict: 'bad' }, at(0))).toBe(breaker);
    expect(heard(breaker, { turn: 0, verdict: 'good' }, at(0))).toBe(breaker);
    expect(heard(opened, { turn: opened.turn, verdict: 'good' }, at(0))).toBe(opened);
  });

  it('F85 never has more requests in flight than its phase is large, and always moves on', () => {
    const happening = fc.oneof(
      fc.record({ do: fc.constant('enter' as const), wanted: fc.integer({ min: 1, max: 50 }) }),
      fc.record({
        do: fc.constant('leave' as const),
        which: fc.nat(60),
        verdict: fc.constantFrom<Verdict>('good', 'good', 'good', 'good', 'bad', 'unused', 'credential'),
      }),
      fc.record({ do: fc.constant('die' as const), which: fc.nat(60) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 200 }), (happenings) => {
        let breaker: Breaker = opened;
        let now: Instant = t0;
        const inside: number[] = [];
        for (const one of happenings) {
          const moment = { now, tempo: embedded, chance: 0.3 };
          if (one.do === 'wait') now = plus(now, one.ms);
          if (one.do === 'enter') {
            const admission = admit(breaker, one.wanted, moment);
            breaker = admission.breaker;
            if (admission.is === 'admitted')
              inside.push(...Array.from({ length: admission.places }, () => admission.breaker.turn));
          }
          if (one.do === 'leave' || one.do === 'die') {
            const [turn] = inside.splice(one.which % Math.max(1, inside.length), 1);
            if (turn !== undefined && one.do === 'leave')
              breaker = heard(breaker, { turn, verdict: one.verdict }, moment);
          }
          if (breaker.is === 'ramp') {
            const { turn, size, started, finished } = breaker;
            const inFlight = inside.filter((of) => of === turn).length;
            expect(inFlight).toBeLessThanOrEqual(size);
            expect(inFlight).toBeLessThanOrEqual(started - finished);
          }
        }
        // Whoever died, somebody is let in again in the end.
        for (let tries = 0; tries < 4 && room(breaker, now) === 0; tries += 1) {
          now = plus(now, embedded.mostOpenMs * 2);
          breaker = admit(breaker, 1, { now, tempo: embedded, chance: 0 }).breaker;
        }
        now = plus(now, embedded.mostOpenMs * 2);
        const last = admit(breaker, 1, { now, tempo: embedded, chance: 0 });
        const after =
          last.is === 'shut' ? admit(last.breaker, 1, { now: last.until, tempo: embedded, chance: 0 }) : last;
        expect(after.is).toBe('admitted');
      }),
      seeded,
    );
  });
});

describe('a breaker in full', () => {
  const rampOf = (more: object) => ({
    is: 'ramp',
    reason: 'failing',
    opens: 1,
    since: plus(t0, second),
    turn: 2,
    size: 1,
    started: 1,
    finished: 0,
    deadline: plus(t0, 31 * second + tempo.leaseMs),
    ...more,
  });
  // Made within each test: what is made when the file is loaded tests nothing of it.
  const opens = () => says(many('bad', mostFailures - 1), 'bad', second);
  const probes = () => enters(opens(), 31 * second).breaker;
  const twos = () => says(probes(), 'good', 32 * second);

  it('counts failures in a row since the first of them', () => {
    expect(closedBreaker(t0)).toEqual({ is: 'closed', failures: 0, since: t0, turn: 0 });
    const one = says(closedBreaker(t0), 'bad', 5);
    expect(one).toEqual({ is: 'closed', failures: 1, since: plus(t0, 5), turn: 0 });
    const row = says(one, 'bad', 9);
    expect(row).toEqual({ is: 'closed', failures: 2, since: plus(t0, 5), turn: 0 });
    expect(says(row, 'good', 11)).toEqual({ is: 'closed', failures: 0, since: plus(t0, 11), turn: 0 });
    expect(says(row, 'bad', 5 + tempo.failureRowMs - 1)).toMatchObject({ failures: 3 });
    expect(says(row, 'bad', 5 + tempo.failureRowMs)).toMatchObject({ failures: 1 });
    expect(says(row, 'unused', 11)).toBe(row);
    const calm = closedBreaker(t0);
    expect(says(calm, 'good', 11)).toBe(calm);
    expect(enters(row, 11, 7)).toEqual({ is: 'admitted', breaker: row, places: 7 });
  });

  it('F84 opens with what it opens for, since when, and until when', () => {
    const opened = opens();
    expect(opened).toEqual({
      is: 'open',
      reason: 'failing',
      opens: 1,
      since: plus(t0, second),
      until: plus(t0, 31 * second),
      turn: 1,
    });
    expect(says(many('bad', mostFailures), 'bad', tempo.blipMs - 1).is).toBe('closed');
    expect(enters(opened, 30 * second)).toEqual({ is: 'shut', breaker: opened, until: plus(t0, 31 * second) });
    expect([room(opened, plus(t0, 31 * second - 1)), room(opened, plus(t0, 31 * second))]).toEqual([0, 1]);
  });

  it('F85 lets in no more than its phase has room for, and counts who is in', () => {
    const probe = probes();
    const two = twos();
    expect(probe).toEqual(rampOf({}));
    expect(two).toEqual(rampOf({ turn: 3, size: 2, started: 0, deadline: plus(t0, 32 * second + tempo.leaseMs) }));
    const [first, all] = [enters(two, 33 * second), enters(two, 33 * second, 9)];
    expect(first).toMatchObject({ is: 'admitted', places: 1, breaker: { started: 1, turn: 3 } });
    expect(first.breaker).toMatchObject({ deadline: plus(t0, 33 * second + tempo.leaseMs) });
    expect(all).toMatchObject({ places: 2, breaker: { started: 2 } });
    expect([two, first.breaker, all.breaker].map((one) => room(one, plus(t0, 34 * second)))).toEqual([2, 1, 0]);
    const now = plus(t0, 34 * second);
    expect(enters(all.breaker, 34 * second)).toEqual({ is: 'shut', breaker: all.breaker, until: now });
    expect(says(all.breaker, 'unused')).toEqual({ ...all.breaker, started: 1 });
    expect(says(all.breaker, 'good')).toEqual({ ...all.breaker, finished: 1 });
  });

  it('F85 opens again from a phase for longer, and remembers since when it lasts', () => {
    const two = twos();
    const again = says(two, 'bad', 40 * second);
    expect(again).toEqual({
      is: 'open',
      reason: 'failing',
      opens: 2,
      since: plus(t0, second),
      until: plus(t0, 100 * second),
      turn: 4,
    });
    expect(says(two, 'credential', 40 * second)).toMatchObject({ is: 'open', reason: 'credential', opens: 2 });
    expect(heard(two, { turn: 2, verdict: 'credential' }, at(40 * second))).toBe(two);
  });

  it('F85 closes after the largest phase, with a new count', () => {
    const closed = ramped(6);
    expect(closed).toEqual({ is: 'closed', failures: 0, since: plus(t0, 40 * second), turn: 8 });
  });

  it('F85 waits no longer than the longest, however often it opened', () => {
    const probe = probes();
    const often = { ...(probe as Extract<Breaker, { is: 'ramp' }>), opens: 5000 };
    expect(says(often, 'bad', 40 * second)).toMatchObject({
      opens: 5001,
      until: plus(t0, 40 * second + tempo.mostOpenMs),
    });
  });

  it('F84 has room for one to look where a phase was left', () => {
    const probe = probes();
    const two = twos();
    const end = 31 * second + tempo.leaseMs;
    expect([room(probe, plus(t0, end - 1)), room(probe, plus(t0, end))]).toEqual([0, 1]);
    expect(room(two, plus(t0, 60 * minute))).toBe(2);
  });
});
