import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { read } from './read.ts';
import { jsonSchema, body as schema } from './schema.ts';

// The same run every time.
fc.configureGlobal({ seed: 20261121 });

const line = { id: 'L1', quantity: 2, price: '20.00', tax: '4.00' };
const data = { return: 'RMA-1', order: '1001', currency: 'EUR', lines: [line] };
const withData = (change: object) => ({ type: 'return.approved', data: { ...data, ...change } });
const withLine = (change: object) => withData({ lines: [{ ...line, ...change }] });
const readOf = (body: unknown) =>
  read({ body: new TextEncoder().encode(JSON.stringify(body)), headers: { 'webhook-id': 'msg_1' } });
const problemOf = (body: unknown) => {
  const reading = readOf(body);
  return reading.is === 'invalid' ? reading.problem : reading.is;
};

describe('a return in our own format', () => {
  it('is read whole, in minor units, without what was said about the goods', () => {
    const reading = readOf({
      type: 'return.received',
      timestamp: '2026-11-21T12:00:00Z',
      data: {
        ...data,
        payments: [{ connection: 'stripe-demo', reference: 'pi_1' }],
        lines: [{ ...line, sku: 'MUG-1', reason: 'ask Jenny Rosen', condition: 'new' }],
        shipping: { amount: '5.00', tax: '1.00' },
        fees: [{ kind: 'restocking', amount: '2.00' }],
      },
    });
    expect(reading).toEqual({
      is: 'notices',
      notices: [
        {
          kind: 'return',
          id: 'msg_1',
          sameness: expect.stringMatching(/^[0-9a-f]{64}$/),
          type: 'return.received',
          trigger: 'received',
          snapshot: {
            return: 'RMA-1',
            order: '1001',
            currency: 'EUR',
            lines: [{ id: 'L1', quantity: 2, priceMinor: 2000n, taxMinor: 400n }],
            shipping: { amountMinor: 500n, taxMinor: 100n },
            fees: [{ kind: 'restocking', amountMinor: 200n }],
          },
          payments: [{ connection: 'stripe-demo', reference: 'pi_1' }],
        },
      ],
    });
  });

  it('needs no payments, tax, shipping or fees', () => {
    expect(readOf(withData({ lines: [{ id: 'L1', quantity: 1, price: '1' }] }))).toMatchObject({
      notices: [
        {
          payments: [],
          snapshot: {
            lines: [{ priceMinor: 100n, taxMinor: 0n }],
            shipping: { amountMinor: 0n, taxMinor: 0n },
            fees: [],
          },
        },
      ],
    });
  });

  it.each([
    ['JPY', '500', 500n],
    ['KWD', '1.234', 1234n],
    ['ISK', '700', 700n],
    ['EUR', '0.1', 10n],
  ])('F38 counts %s %s in its own minor units', (currency, price, priceMinor) => {
    const reading = readOf(withData({ currency, lines: [{ id: 'L1', quantity: 1, price }] }));
    expect(reading).toMatchObject({ notices: [{ snapshot: { lines: [{ priceMinor }] } }] });
  });

  it.each([
    ['F40 zero', '0'],
    ['F40 zero with decimals', '0.00'],
    ['F40 negative', '-1.00'],
    ['F19 an exponent', '1e2'],
    ['F19 a comma', '10,00'],
    ['F19 grouping', '1,000.00'],
    ['F19 a plus sign', '+1.00'],
    ['F19 a space', ' 1.00'],
    ['F19 a leading zero', '01.00'],
    ['F19 no digit after the point', '1.'],
    ['F19 no digit before the point', '.50'],
    ['F19 full-width digits', '１０'],
    ['F19 hexadecimal', '0x10'],
    ['F40 infinity', 'Infinity'],
    ['F40 nothing', ''],
    ['F40 too many digits', '1'.repeat(16)],
    ['F38 more decimals than the currency has', '1.000'],
    ['F19 a number', 10.1],
    ['F40 null', null],
    ['an object', { amount: '1.00' }],
  ])('refuses %s as a price, and names the field', (_name, price) => {
    expect(problemOf(withLine({ price }))).toMatch(/^data\.lines\[0\]\.price: /);
  });

  it.each([
    ['data.lines[0].tax', withLine({ tax: '-0.01' })],
    ['data.lines[0].quantity', withLine({ quantity: 0 })],
    ['data.lines[0].quantity', withLine({ quantity: -1 })],
    ['data.lines[0].quantity', withLine({ quantity: 1.5 })],
    ['data.lines[0].quantity', withLine({ quantity: '2' })],
    ['data.lines[0].quantity', withLine({ quantity: 1_000_001 })],
    ['data.lines[0].id', withLine({ id: '' })],
    ['data.lines[0].id', withLine({ id: 'a\nb' })],
    ['data.lines[0]', withLine({ taxes: '1.00' })],
    ['data.lines[1].id', withData({ lines: [line, line] })],
    ['data.lines', withData({ lines: 'L1' })],
    ['data', withData({ fee: [{ kind: 'restocking', amount: '2.00' }] })],
    ['data.fees[0].amount', withData({ fees: [{ kind: 'restocking', amount: '0' }] })],
    ['data.fees[0].amount', withData({ fees: [{ kind: 'restocking', amount: '2.005' }] })],
    ['data.fees[0].kind', withData({ fees: [{ kind: 'Re Stocking', amount: '2.00' }] })],
    ['data.shipping.amount', withData({ shipping: { tax: '1.00' } })],
    ['data.shipping.amount', withData({ shipping: { amount: '0.001' } })],
    ['data.currency', withData({ currency: 'EURO' })],
    ['data.currency', withData({ currency: 'eur' })],
    ['data.currency', withData({ currency: 'XAU' })],
    ['data.payments[0].connection', withData({ payments: [{ connection: 'Stripe Demo', reference: 'pi_1' }] })],
    ['data.payments[1].reference', withData({ payments: Array(2).fill({ connection: 'a', reference: 'pi_1' }) })],
    ['data.return', withData({ return: 17 })],
    ['data', { type: 'return.approved' }],
    ['type', { data }],
    ['type', { type: 'x'.repeat(101), data }],
  ])('refuses with a reason that names %s', (field, body) => {
    expect(problemOf(body).split(': ')[0]).toBe(field);
  });

  it('names a misspelt field, and never what a field holds', () => {
    expect(problemOf(withData({ fee: [] }))).toBe('data: has a field that the schema does not know (fee)');
    expect(problemOf(withData({ 'Jenny Rosen <jenny@example.com>': 1 }))).toBe(
      'data: has a field that the schema does not know',
    );
    expect(problemOf(withLine({ price: 'jenny@example.com' }))).not.toContain('jenny');
    expect(problemOf(withData({ currency: 'JEN' }))).not.toContain('JEN');
  });

  it('lets unknown fields pass at the top, where the envelope has its own', () => {
    expect(readOf({ ...withData({}), timestamp: 1, source: 'x' })).toMatchObject({ is: 'notices' });
  });

  it('takes the same amounts for the same message, however many decimals they were written with', () => {
    const [a, b] = [readOf(withLine({ price: '20' })), readOf(withLine({ price: '20.00' }))];
    expect(a).toEqual(b);
  });

  it('never throws on any JSON', () => {
    const type = fc.constantFrom('return.approved', 'return.cancelled', 'other');
    fc.assert(
      fc.property(type, fc.jsonValue(), fc.object(), (of, any, change) => {
        readOf({ type: of, data: any });
        readOf({ type: of, data: { ...data, ...change } });
      }),
    );
  });
});

describe('the published schema', () => {
  const published: unknown = JSON.parse(readFileSync(new URL('schema.json', import.meta.url), 'utf8'));

  it('is the one that bodies are read by', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
  });

  it('accepts and refuses the same bodies', () => {
    const byOthers = z.fromJSONSchema(published as Parameters<typeof z.fromJSONSchema>[0]);
    const full = {
      ...data,
      payments: [{ connection: 'stripe-demo', reference: 'pi_1' }],
      lines: [{ ...line, sku: 'MUG-1', reason: 'broken', condition: 'new' }],
      shipping: { amount: '5.00', tax: '1.00' },
      fees: [{ kind: 'restocking', amount: '2.00' }],
    };
    const values = [
      '0',
      '0.00',
      '1',
      '20.00',
      '1e2',
      '-1',
      '1,0',
      '1.00000',
      '01',
      '',
      'ok',
      'No',
      'a\u0000',
      '\u0085',
      '😀',
      'x'.repeat(600),
      0,
      1,
      1.5,
      null,
      [],
      {},
    ];
    const places = [
      ...new Set(pathsOf(full)),
      'extra',
      'lines.0.extra',
      'shipping.extra',
      'fees.0.extra',
      'payments.0.extra',
    ];
    let accepted = 0;
    for (const place of places) {
      for (const value of [...values, undefined]) {
        const body = { type: 'return.approved', data: changed(full, place, value) };
        const ours = schema.safeParse(body).success;
        expect(byOthers.safeParse(body).success, `${place}: ${JSON.stringify(value)}`).toBe(ours);
        if (ours) accepted++;
      }
    }
    expect(accepted).toBeGreaterThan(50);
  });
});

/** Every place in a value, as `lines.0.price`. */
function pathsOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [`${prefix}${key}`, ...pathsOf(part, `${prefix}${key}.`)]);
}

/** A copy with another value at one place; undefined leaves it out. */
function changed(original: object, place: string, value: unknown): object {
  const copy = structuredClone(original);
  const keys = place.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Record<string, unknown>>(
    (at, key) => at[key] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.parse(JSON.stringify(copy));
}
