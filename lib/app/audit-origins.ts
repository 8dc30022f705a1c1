import type { Hash } from '../domain/chain.ts';
import { parseRefundId } from '../domain/ids.ts';
import { refundIdOf } from '../domain/refund/key.ts';
import type { Refund } from '../domain/refund/state.ts';
import { merchantOf, partsOf } from '../domain/streams.ts';
import type { WrongHead } from './audit-heads.ts';
import type { Books } from './ports/books.ts';

/**
 * Refunds that do not follow from what they say they are of: the webhook that they came of is not there, or their id is not that of their
 * return and of their number in it, which two of one return would have to share. Pure.
 */
export function wrongOrigins(books: Books, refunds: ReadonlyMap<string, Refund>, hash: Hash): WrongHead[] {
  return [...refunds].flatMap(([stream, refund]): WrongHead[] => {
    if (refund.is === 'none') return [];
    const merchant = merchantOf(stream);
    const { notice, number } = refund;
    const { connection, id: name } = refund.return;
    const stored = parseRefundId(partsOf(stream)[0] ?? '') ?? null;
    const computed = refundIdOf({ merchant, connection, return: name, number }, hash);
    return [
      ...(books.streams.has(notice) ? [] : [{ stream, field: 'notice' as const, stored: notice, computed: null }]),
      ...(stored === computed ? [] : [{ stream, field: 'id' as const, stored, computed }]),
    ];
  });
}
