import { decode, encode } from '../domain/json.ts';
import type { ReturnHead } from '../domain/return.ts';
import { versionOf } from './heads.ts';
import type { Also } from './journal.ts';
import type { Item } from './ports/table.ts';

/** A return's head as the state table holds it. */
export const readReturn = (item: Item | undefined): ReturnHead | undefined =>
  item === undefined ? undefined : decode<ReturnHead>(String(item.head));

/** Raises a return's head, only if nobody else did since it was read. */
export function returnWrite(pk: string, before: Item | undefined, head: ReturnHead): Also {
  const version = versionOf(before);
  return {
    name: 'return',
    write: {
      update: { table: 'state', pk },
      set: { head: encode(head), version: BigInt(version + 1) },
      only: before === undefined ? [{ is: 'absent' }] : [{ attribute: 'version', is: 'equal', value: BigInt(version) }],
    },
  };
}
