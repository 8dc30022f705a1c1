import { expect, test } from 'vitest';
import { type ConnectionName, parseConnection } from '../../domain/ids.ts';
import type { Work } from '../../domain/refund/work.ts';
import { work } from '../contracts/queues.ts';
import { readWork, writeWork } from './work-message.ts';

const hint = work('execute', 2);

test('F126 A message says what was sent, with its version and ids only.', () => {
  expect(writeWork(hint)).toBe(
    '{"v":1,"queue":"execute","merchant":"demo","stream":"demo#control","leg":2,"correlation":"c_2"}',
  );
  expect(readWork(writeWork(hint))).toEqual(hint);
  const placed: Work = { ...hint, connection: parseConnection('stripe-eu') as ConnectionName };
  expect(writeWork(placed)).toContain('"leg":2,"connection":"stripe-eu","correlation"');
  expect(readWork(writeWork(placed))).toEqual(placed);
  const { leg: _, ...whole } = hint;
  expect(readWork(writeWork(whole))).toEqual(whole);
});

const changed = (change: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ ...JSON.parse(writeWork(hint)), ...change });

test.each<readonly [string, string]>([
  ['no JSON', '{'],
  ['empty', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['of a later version', changed({ v: 2 })],
  ['without a version', changed({ v: undefined })],
  ['for a queue there is not', changed({ queue: 'toString' })],
  ['of a merchant with a wrong name', changed({ merchant: 'Demo#' })],
  ['about a stream of another merchant', changed({ stream: 'other#control' })],
  ['about a stream of no kind', changed({ stream: 'demo#alias#x' })],
  ['about no stream', changed({ stream: 7 })],
  ['with a leg in words', changed({ leg: '2' })],
  ['with half a leg', changed({ leg: 0.5 })],
  ['with a leg below zero', changed({ leg: -1 })],
  ['with a connection of a wrong name', changed({ connection: 'Stripe#' })],
  ['with no connection in its place', changed({ connection: null })],
  ['with a correlation that is none', changed({ correlation: 'a b' })],
  ['with a field more', changed({ amount: 5 })],
])('F72 A message that is %s is no work.', (_what, body) => {
  expect(readWork(body)).toBeUndefined();
});
