import { describe, expect, it } from 'vitest';
import { t0 } from './refund/given.ts';
import { minute, plus, second } from './time.ts';
import { type Room, turns } from './turns.ts';

const everyMs = minute;
const closed: Room = { places: Number.POSITIVE_INFINITY, perSecond: 2 };
const one = (age: number, sentMs?: number, ...accounts: string[]) => ({
  accounts: accounts.length === 0 ? ['a'] : accounts,
  sentAt: sentMs === undefined ? undefined : plus(t0, sentMs),
  age: String(age).padStart(6, '0'),
});
const planned = (waiting: ReturnType<typeof one>[], rooms: Readonly<Record<string, Room>>) =>
  turns(waiting, (account) => rooms[account]!, { now: t0, everyMs }).map(({ of, turn }) => ({ age: +of.age, ...turn }));

describe('turns at gateway accounts', () => {
  it('F84 go to the oldest key window first, then to the oldest', () => {
    const waiting = [one(1), one(2, 500), one(3, 100), one(0)];
    expect(planned(waiting, { a: closed }).map(({ age }) => age)).toEqual([3, 2, 0, 1]);
  });

  it('F102 go to checks of a success last, and to no more of them than a quarter of the rate', () => {
    const checks = Array.from({ length: 70 }, (_, n) => ({ ...one(n, 1), patient: true as const }));
    const all = planned([...checks, one(1000)], { a: closed });
    expect(all[0]).toMatchObject({ age: 1000, is: 'hint' });
    expect(all.filter(({ is }) => is === 'hint')).toHaveLength(1 + 30);
    expect(all[31]).toEqual({ age: 30, is: 'later', until: plus(t0, minute) });
    expect(all[70]).toEqual({ age: 69, is: 'later', until: plus(t0, 2 * minute) });
  });

  it('are spread over the time until the next sweep, and what an account does not take then is moved to its turn', () => {
    const waiting = Array.from({ length: 250 }, (_, n) => one(n));
    const all = planned(waiting, { a: closed });
    expect(all.filter(({ is }) => is === 'hint')).toHaveLength(120);
    expect(all[0]).toEqual({ age: 0, is: 'hint', afterMs: 0 });
    expect(all[119]).toEqual({ age: 119, is: 'hint', afterMs: 59_250 });
    expect(all[120]).toEqual({ age: 120, is: 'later', until: plus(t0, minute) });
    expect(all[249]).toEqual({ age: 249, is: 'later', until: plus(t0, 2 * minute) });
  });

  it('F84 F145 keep an account busy whose sweep is late, without more than wait for a moment at its gate', () => {
    const hints = (aheadMs: number) =>
      turns(
        Array.from({ length: 100 }, (_, n) => one(n)),
        () => ({ places: Number.POSITIVE_INFINITY, perSecond: 24, aheadMs }),
        { now: t0, everyMs: second },
      ).flatMap(({ turn }) => (turn.is === 'hint' ? [turn.afterMs] : []));
    expect(hints(0)).toHaveLength(30);
    expect(hints(250)).toHaveLength(24);
    expect(hints(750)).toHaveLength(12);
    expect(hints(10_000)).toHaveLength(1);
    expect([hints(0).at(-1), hints(250).at(-1), hints(750).at(-1)]).toEqual([958, 958, 958]);
  });

  it('F84 wait for the next sweep where the places until then are taken already, and no longer', () => {
    const waiting = Array.from({ length: 130 }, (_, n) => one(n));
    const all = planned(waiting, { a: { ...closed, aheadMs: 30 * second } });
    // Sixty places are left of 120, and a quarter of a second may be waited for: after those, somebody looks again.
    expect(all.filter(({ is }) => is === 'hint')).toHaveLength(60);
    expect(all[60]).toEqual({ age: 60, is: 'stay' });
    expect(all[119]).toEqual({ age: 119, is: 'stay' });
    expect(all[120]).toEqual({ age: 120, is: 'later', until: plus(t0, minute) });
  });

  it('F102 of checks behind an open breaker come when it lets somebody in, as all others', () => {
    const until = plus(t0, 10 * minute);
    const checks = Array.from({ length: 40 }, (_, n) => ({ ...one(n), patient: true as const }));
    const all = planned(checks, { a: { places: 0, perSecond: 2, until } });
    expect(all[39]).toEqual({ age: 39, is: 'later', until: plus(until, 39) });
  });

  it('of one age keep the order in which they are due', () => {
    const accounts = ['a', 'b', 'c'];
    const waiting = [...accounts.map((account) => ({ ...one(5, undefined, account) })), one(4, undefined, 'd')];
    const order = turns(waiting, () => closed, { now: t0, everyMs }).map(({ of }) => of.accounts[0]);
    expect(order).toEqual(['d', ...accounts]);
  });

  it.each<[string, Room, readonly string[]]>([
    ['open', { places: 0, perSecond: 2, until: plus(t0, second) }, ['later', 'later', 'later']],
    ['to be probed', { places: 1, perSecond: 2 }, ['hint', 'stay', 'stay']],
    ['in a phase', { places: 2, perSecond: 2 }, ['hint', 'hint', 'stay']],
    ['in a full phase', { places: 0, perSecond: 2 }, ['stay', 'stay', 'stay']],
    ['hardly asked at all', { places: Number.POSITIVE_INFINITY, perSecond: 1 / 600 }, ['hint', 'later', 'later']],
  ])('at an account that is %s', (_, room, turn) => {
    expect(planned([one(0), one(1), one(2)], { a: room }).map(({ is }) => is)).toEqual(turn);
  });

  it('F84 keep their order behind an open breaker', () => {
    const room = { places: 0, perSecond: 2, until: plus(t0, second) };
    const untils = planned([one(0), one(1), one(2, 0)], { a: room }).map((turn) => ('until' in turn ? turn.until : 0));
    expect(untils).toEqual([plus(t0, 1000), plus(t0, 1001), plus(t0, 1002)]);
  });

  it('F145 alternate between accounts: a thousand of one are not in the way of one of another', () => {
    const waiting = [...Array.from({ length: 1000 }, (_, n) => one(n)), one(1000, undefined, 'b')];
    const all = planned(waiting, { a: closed, b: closed });
    expect(all.slice(0, 2).map(({ age }) => age)).toEqual([0, 1000]);
    expect(all[1]).toMatchObject({ is: 'hint', afterMs: 0 });
  });

  it('of a refund at two accounts come with the one that has room', () => {
    const rooms = { a: { places: 0, perSecond: 2, until: plus(t0, second) }, b: closed };
    expect(planned([one(0, undefined, 'a', 'b')], rooms)).toMatchObject([{ is: 'hint' }]);
  });
});
