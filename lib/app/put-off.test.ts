import { expect, it } from 'vitest';
import { memoryTable } from '../adapters/memory/table.ts';
import { settableClock } from '../adapters/memory/world.ts';
import { t0 } from '../domain/refund/given.ts';
import type { StreamName } from '../domain/streams.ts';
import { production } from '../domain/tempo.ts';
import { due } from './heads.ts';
import { putOff } from './put-off.ts';

const stream = 'demo#notice#shopify-demo#1' as StreamName;

it.each([
  ['whoever has no answer puts off what is owed', 'new', true],
  ['F32 nobody makes due what another one is done with meanwhile', 'done', false],
])('%s', async (_, status, owed) => {
  const table = memoryTable();
  const { set } = due(stream, owed ? t0 : undefined);
  await table.write([{ update: { table: 'state', pk: stream }, set: { ...set, status, version: 1n }, only: [] }]);
  const needs = { table, clock: settableClock(t0), tempo: production };
  await putOff(needs, { stream, end: { version: 1, digest: '' } });
  const head = await table.get({ table: 'state', pk: stream });
  expect(Number(head?.dueAt ?? 0) > t0).toBe(owed);
});
