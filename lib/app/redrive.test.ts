import { expect, test } from 'vitest';
import { work } from '../adapters/contracts/queues.ts';
import { memoryDeadLetters } from '../adapters/memory/dead-letters.ts';
import { memoryQueues } from '../adapters/memory/queues.ts';
import { type MerchantId, parseMerchant } from '../domain/ids.ts';
import type { Work } from '../domain/refund/work.ts';
import { instant, second } from '../domain/time.ts';
import { Unavailable } from './ports/unavailable.ts';
import { redrive } from './redrive.ts';

const demo = parseMerchant('demo')!;
const clock = { now: () => instant(0) };
const of = (merchant: MerchantId, number: number): Work => ({ ...work('execute', number), merchant });

test('F72 What was given up is put back on its queue and named, and is given up no more.', async () => {
  const needs = { queues: memoryQueues(), deadLetters: memoryDeadLetters(), clock };
  needs.deadLetters.put(
    'execute',
    [1, 2, 3].map((number) => of(demo, number)),
  );
  needs.deadLetters.put('assess', [work('assess', 4)]);
  const { moved, more } = await redrive(needs, demo, 'execute');
  expect(moved.map(({ leg }) => leg)).toEqual([1, 2, 3]);
  expect(more).toBe(false);
  expect(needs.queues.take().map((hint) => hint.work)).toEqual([1, 2, 3].map((number) => of(demo, number)));
  needs.deadLetters.comeBack();
  expect(await redrive(needs, demo, 'execute')).toEqual({ moved: [], unreadable: 0, more: false });
});

test('F129 Another merchant’s, what names another queue, and what nobody can read stay where they are.', async () => {
  const needs = { queues: memoryQueues(), deadLetters: memoryDeadLetters(), clock };
  const others = [of(parseMerchant('other')!, 1), { ...work('assess', 2) }, undefined];
  needs.deadLetters.put('execute', [...others, of(demo, 3)]);
  const { moved, unreadable } = await redrive(needs, demo, 'execute');
  expect({ legs: moved.map(({ leg }) => leg), unreadable }).toEqual({ legs: [3], unreadable: 1 });
  needs.deadLetters.comeBack();
  expect((await needs.deadLetters.take('execute')).map((letter) => letter.work)).toEqual(others);
});

test('F32 What could not be sent is not lost.', async () => {
  const deadLetters = memoryDeadLetters();
  deadLetters.put('execute', [of(demo, 1), of(demo, 2)]);
  const needs = { queues: memoryQueues(() => 1), deadLetters, clock };
  await expect(redrive(needs, demo, 'execute')).rejects.toThrow(Unavailable);
  deadLetters.comeBack();
  expect(await deadLetters.take('execute')).toHaveLength(2);
});

test('Of very many some are moved, and it is said that there are more.', async () => {
  const needs = { queues: memoryQueues(), deadLetters: memoryDeadLetters(), clock };
  needs.deadLetters.put(
    'execute',
    Array.from({ length: 250 }, (_, number) => of(demo, number)),
  );
  const first = await redrive(needs, demo, 'execute');
  const second = await redrive(needs, demo, 'execute');
  expect([first.moved.length, first.more, second.moved.length, second.more]).toEqual([200, true, 50, false]);
});

test('Where each look takes a second, since another queue of its kind is empty, it answers within a few and says that there is more.', async () => {
  const deadLetters = memoryDeadLetters();
  deadLetters.put(
    'execute',
    Array.from({ length: 250 }, (_, number) => of(demo, number)),
  );
  let now = 0;
  const needs = {
    queues: memoryQueues(),
    clock: { now: () => instant(now) },
    deadLetters: {
      ...deadLetters,
      take: async (queue: 'execute') => {
        now += second;
        return deadLetters.take(queue);
      },
    } as typeof deadLetters,
  };
  const { moved, more } = await redrive(needs, demo, 'execute');
  expect({ moved: moved.length, more, took: now }).toEqual({ moved: 50, more: true, took: 5 * second });
});
