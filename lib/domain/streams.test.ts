import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMerchant, refundId } from './ids.ts';
import { connection, seeded } from './refund/given.ts';
import {
  aliasItem,
  controlStream,
  kindOf,
  noticeStream,
  orderItem,
  partsOf,
  paymentStream,
  refundStream,
  returnItem,
  theirsItem,
} from './streams.ts';

const merchant = (name: string) => {
  const known = parseMerchant(name);
  if (known === undefined) throw new Error(name);
  return known;
};
const demo = merchant('demo');

const hostile = fc
  .array(fc.constantFrom('#', '%', '%23', '%25', '2', '3', '5', 'a', 'é', ' '), { maxLength: 5 })
  .map((parts) => parts.join(''));
const someConnection = fc.constantFrom(connection('a'), connection('b'));
const named = fc.tuple(
  fc.constantFrom(demo, merchant('other')),
  fc.constantFrom('notice', 'return', 'alias', 'theirs', 'order'),
  someConnection,
  hostile,
);
type Named = typeof named extends fc.Arbitrary<infer T> ? T : never;

const nameOf = ([of, kind, on, id]: Named): string => {
  switch (kind) {
    case 'notice':
      return noticeStream(of, on, id);
    case 'return':
      return returnItem(of, on, id);
    case 'alias':
      return aliasItem(of, on, id);
    case 'theirs':
      return theirsItem(of, on, id);
    default:
      return orderItem(of, id);
  }
};
/** Orders belong to no connection. */
const identity = ([of, kind, on, id]: Named) => JSON.stringify(kind === 'order' ? [of, kind, id] : [of, kind, on, id]);

describe('a name of a stream or an item', () => {
  it('F129 is the name of one thing only, whatever an outside id holds', () => {
    const distinct = fc.property(named, named, (a, b) => {
      expect(nameOf(a) === nameOf(b)).toBe(identity(a) === identity(b));
    });
    fc.assert(distinct, { ...seeded, numRuns: 1500 });
  });

  it('starts with its merchant and gives its parts back', () => {
    const back = fc.property(someConnection, hostile, (on, id) => {
      const name = noticeStream(demo, on, id);
      expect(name.startsWith('demo#notice#')).toBe(true);
      expect(kindOf(name)).toBe('notice');
      expect(partsOf(name)).toEqual([on, id]);
    });
    fc.assert(back, { ...seeded, numRuns: 500 });
  });

  it.each([
    [controlStream(demo), 'control'],
    [refundStream(demo, refundId('1')), 'refund'],
    [paymentStream(demo, 'pay_1' as Parameters<typeof paymentStream>[1]), 'payment'],
    [orderItem(demo, '1001'), undefined],
    [returnItem(demo, connection('a'), 'notice'), undefined],
    ['refund', undefined],
    ['', undefined],
  ])('%s is of the kind %s', (name, kind) => expect(kindOf(name)).toBe(kind));
});
