import { afterAll, beforeAll, describe } from 'vitest';
import type { Condition, Item, Key, Table, Write } from '../../app/ports/table.ts';
import { conditionCases } from './table-conditions.ts';
import { indexCases } from './table-indexes.ts';
import { entryCases } from './table-reads.ts';
import { writeCases } from './table-writes.ts';

export interface TableUnderTest {
  readonly table: Table;
  stop?(): Promise<void>;
}

/** What the cases of the suite work with. */
export interface TableWorld {
  readonly table: Table;
  /** A state item's key that no other case uses. */
  key(name: string): Key;
}

/**
 * What the port `Table` promises, for any implementation. `make` is called once; the table may hold anything, since each case
 * uses keys of its own. Indexes may lag: what they show is awaited.
 */
export function tableContract(name: string, make: () => Promise<TableUnderTest>): void {
  describe(`${name} keeps the promises of the port Table`, () => {
    let made: TableUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => {
      await made.stop?.();
    });
    let cases = 0;
    const world = (): TableWorld => {
      const mine = `case-${++cases}-${process.pid}`;
      return { table: made.table, key: (name) => ({ table: 'state', pk: `${mine}#${name}` }) };
    };
    conditionCases(world);
    writeCases(world);
    entryCases(world);
    indexCases(world);
  });
}

export const put = (key: Key, item: Item, ...only: readonly Condition[]): Write => ({ put: item, key, only });

export const check = (key: Key, ...only: readonly Condition[]): Write => ({ check: key, only });
