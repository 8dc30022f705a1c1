import { expect, test } from 'vitest';
import type { Item, Write } from '../../app/ports/table.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { tableContract } from '../contracts/table.ts';
import { memoryTable, type TableFault } from './table.ts';

tableContract('The memory table', async () => ({ table: memoryTable() }));

const entry = (number: number): Write => ({
  put: { body: `fact ${number}` },
  key: { table: 'journal', pk: 's', sk: number },
  only: [{ is: 'absent' }],
});
const head: Write = { update: { table: 'state', pk: 's' }, add: { version: 1n }, only: [] };

test('Listeners hear each journal item once, in order, and of no write that was refused.', async () => {
  const table = memoryTable();
  const heard: Item[] = [];
  const stop = table.onInsert((item) => heard.push(item));
  await table.write([entry(1), head]);
  await table.write([entry(1), entry(2)]);
  await table.write([entry(2), entry(3)]);
  stop();
  await table.write([entry(4)]);
  expect(heard.map((item) => item.sk)).toEqual([1n, 2n, 3n]);
});

test('The dump shows both tables.', async () => {
  const table = memoryTable();
  await table.write([entry(1), head]);
  expect(table.dump()).toEqual({
    journal: [{ pk: 's', sk: 1n, body: 'fact 1' }],
    state: [{ pk: 's', version: 1n }],
  });
});

test('F71 A lost reply leaves the write done, a lost request and a busy store do not.', async () => {
  let fault: TableFault | undefined;
  const table = memoryTable(() => fault);
  const meeting = async (wrong: TableFault) => {
    fault = wrong;
    const answer = await table.write([head]).catch((error: unknown) => error);
    fault = undefined;
    return { answer, version: (await table.get({ table: 'state', pk: 's' }))?.version };
  };
  expect(await meeting('busy')).toEqual({ answer: { is: 'busy' }, version: undefined });
  expect(await meeting('lost-request')).toEqual({ answer: new Unavailable('table'), version: undefined });
  expect(await meeting('lost-reply')).toEqual({ answer: new Unavailable('table'), version: 1n });
});

test('A read that is lost throws Unavailable.', async () => {
  const table = memoryTable(() => 'lost-request');
  await expect(table.get({ table: 'state', pk: 's' })).rejects.toThrow(Unavailable);
  await expect(table.entries('s')).rejects.toThrow(Unavailable);
  await expect(table.index('due', { pk: 's', limit: 1 })).rejects.toThrow(Unavailable);
});
