import { expect, it } from 'vitest';
import { apartMs } from './exchange.ts';

const noon = Date.UTC(2028, 1, 29, 12);
const had = { askedAt: noon, answeredAt: noon + 2500 };

it.each<readonly [string, string | undefined, number | undefined]>([
  ['in that time', 'Tue, 29 Feb 2028 12:00:01 GMT', 0],
  ['of the second in which it was asked for', 'Tue, 29 Feb 2028 12:00:00 GMT', 0],
  ['a second before', 'Tue, 29 Feb 2028 11:59:59 GMT', -1],
  ['of the last second', 'Tue, 29 Feb 2028 12:00:02 GMT', 0],
  ['a second after', 'Tue, 29 Feb 2028 12:00:03 GMT', 500],
  ['ten minutes behind', 'Tue, 29 Feb 2028 11:50:00 GMT', -599_001],
  ['ten minutes ahead', 'Tue, 29 Feb 2028 12:10:00 GMT', 597_500],
  ['not there', undefined, undefined],
  ['in no form that there is', '2028-02-29T12:00:00Z', undefined],
  ['of another zone', 'Tue, 29 Feb 2028 12:00:00 CET', undefined],
])('F26 The time of an answer that is %s.', (_, date, apart) => {
  expect(apartMs(date, had)).toBe(apart);
});

it('F26 An answer within a second of a question that was asked in its middle is not before it.', () => {
  expect(apartMs('Tue, 29 Feb 2028 12:00:00 GMT', { askedAt: noon + 999, answeredAt: noon + 1001 })).toBe(0);
});
