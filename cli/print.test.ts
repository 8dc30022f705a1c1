import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ageOf, listRefund, output, quoted, type RefundView, showRefund } from './print.ts';

const now = Date.UTC(2026, 10, 21, 12);
const refund: RefundView = {
  id: 'rf_1',
  status: 'held',
  return: 'RMA-1',
  order: '1001',
  amountMinor: 4200,
  currency: 'EUR',
  reasons: ['over-limit'],
  dueAt: now - 90_000,
  createdAt: now - 7_200_000,
};

/** What is written of `say`. */
function written(say: (out: ReturnType<typeof output>) => void, json = false): string {
  let text = '';
  say(
    output(json, (more) => {
      text += more;
    }),
  );
  return text;
}

describe('what the command line prints', () => {
  it('of a refund in a list is its age, and how late what should have happened is', () => {
    expect(written((out) => listRefund(out, refund, now))).toBe(
      'rf_1  held  (over-limit)  42.00 EUR  return RMA-1, order 1001  age 2 h  next 2026-11-21T11:58:30.000Z, 1 min late\n',
    );
    expect(written((out) => listRefund(out, { ...refund, dueAt: null }, now))).toMatch(/age 2 h {2}nothing more\n$/);
  });

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_199_999, '1 h'],
    [200_000_000, '2 d'],
  ])('of %i ms is %s', (ms, words) => expect(ageOf(ms)).toBe(words));

  it('keeps what somebody else wrote from moving the cursor or making another line', () => {
    const text = written((out) => showRefund(out, { ...refund, return: 'RMA\u001b[2J\nrf_2  refunded' }));
    expect(text).toContain('return RMA?[2J?rf_2  refunded, order');
    expect(text.split('\n')).toHaveLength(2);
  });

  it.each(['\u202e', '\u2066', '\u200f', '\u2028', '\u2029'])(
    'F142 keeps %j from turning or breaking the line',
    (sign) => {
      expect(written((out) => showRefund(out, { ...refund, return: `RMA${sign}1` }))).toContain('return RMA?1, order');
    },
  );

  it.each(['\u009b2J', '\u007f', '\u0085', '\u202e', '\u2066', '\u2028'])(
    'F142 keeps %j from a terminal in JSON too, which says the same with it written out',
    (sign) => {
      const text = written((out) => out.value({ return: `RMA${sign}1` }), true);
      expect(text).toMatch(/^[\x20-\x7e]+\n$/);
      expect(JSON.parse(text)).toEqual({ return: `RMA${sign}1` });
    },
  );

  it.each(["x';exit$IFS;'", '$(exit 7)', '`exit 7`', "''", '#', 'a b'])('F142 is one word to a shell: %s', (text) => {
    expect(execFileSync('sh', ['-c', `echo ${quoted(text)}`], { encoding: 'utf8' })).toBe(`${text}\n`);
  });

  it('is one JSON value, and no line, where that is asked for', () => {
    const text = written((out) => {
      out.line('for people');
      out.value({ amount: 4200n });
    }, true);
    expect(text).toBe('{"amount":4200}\n');
  });
});
