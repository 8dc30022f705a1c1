import { expect, test } from 'vitest';
import { instant } from '../../domain/time.ts';
import { memoryLog } from './log.ts';
import { seededIds, settableClock } from './world.ts';

test('The clock stands until it is moved, back as well.', () => {
  const clock = settableClock(instant(1000));
  expect(clock.now()).toBe(clock.now());
  clock.advance(500);
  expect(clock.now()).toBe(1500);
  clock.set(instant(7));
  expect(clock.now()).toBe(7);
});

test('Ids of one seed repeat themselves from run to run and never within one.', () => {
  const draw = (seed: string) => {
    const ids = seededIds(seed);
    return Array.from({ length: 1000 }, () => ids.random());
  };
  const first = draw('7');
  expect(draw('7')).toEqual(first);
  expect(new Set([...first, ...draw('8')]).size).toBe(2000);
  expect(first.every((id) => /^[a-z0-9]{32}$/.test(id))).toBe(true);
});

test('The log keeps its lines in order.', () => {
  const log = memoryLog();
  log.note('notice-seen', { connection: 'shop' });
  log.alarm('refund-held', { stream: 'demo#refund#rf_1' });
  expect(log.lines).toEqual([
    { is: 'note', code: 'notice-seen', about: { connection: 'shop' } },
    { is: 'alarm', code: 'refund-held', about: { stream: 'demo#refund#rf_1' } },
  ]);
  expect(log.alarms()).toEqual(['refund-held']);
});
