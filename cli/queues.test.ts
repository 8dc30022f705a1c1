import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type OperatorNeeds, operatorApi } from '../functions/operator/app.ts';
import { work } from '../lib/adapters/contracts/queues.ts';
import { memoryQueues } from '../lib/adapters/memory/queues.ts';
import type { DeadLetters } from '../lib/app/ports/dead-letters.ts';
import { parseMerchant } from '../lib/domain/ids.ts';
import type { Work } from '../lib/domain/refund/work.ts';
import { instant, second } from '../lib/domain/time.ts';
import { run } from './run.ts';

const merchant = parseMerchant('demo')!;
const url = 'https://redress.example';
const hiddenMs = 30 * second;
const tooMany = 100;

/** As SQS has them: what was looked at is hidden for thirty seconds, and a look takes one where another queue of the kind is empty. */
function deadLetters(all: readonly (Work | undefined)[]): DeadLetters {
  let letters = all.map((work, place) => ({ work, receipt: `${place}`, from: 0 }));
  return {
    async take() {
      vi.setSystemTime(Date.now() + second);
      const taken = letters.filter(({ from }) => from <= Date.now()).slice(0, 10);
      for (const letter of taken) letter.from = Date.now() + hiddenMs;
      return taken;
    },
    async remove(_, removed) {
      letters = letters.filter(({ receipt }) => removed.every((one) => one.receipt !== receipt));
    },
  };
}

/** `redress redrive execute` against the operator API over these letters: what it said, and how often it asked. */
async function redrive(letters: readonly (Work | undefined)[], ...options: readonly string[]) {
  const needs = {
    tokens: { verify: async () => ({ person: 'ann', role: 'operator', merchant }) },
    clock: { now: () => instant(Date.now()) },
    queues: memoryQueues(),
    deadLetters: deadLetters(letters),
  } as unknown as OperatorNeeds;
  const api = operatorApi(needs, () => undefined);
  const asked = vi.fn(async (to: string, request: RequestInit) => {
    if (asked.mock.calls.length > tooMany) throw new Error('it goes on for ever');
    return api.request(to.slice(url.length), request);
  });
  vi.stubGlobal('fetch', asked);
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await run(['redrive', 'execute', ...options], terminal);
  return { code, last: (out.at(-1) ?? '').trimEnd(), err, calls: asked.mock.calls.length };
}

const many = (count: number, of: Partial<Work> | undefined): (Work | undefined)[] =>
  Array.from({ length: count }, (_, number) => of && { ...work('execute', number), ...of });
const ours = (count: number) => many(count, { merchant });
const theirs = (count: number) => many(count, { merchant: parseMerchant('other')! });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  vi.stubEnv('REDRESS_URL', url);
  vi.stubEnv('REDRESS_TOKEN', 'token');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

test.each([
  ['another merchant’s', theirs(400)],
  ['no messages of ours', many(400, undefined)],
])('F72 F129 It ends where more letters than it sees in a round are %s, and says so.', async (_, others) => {
  const { code, last, err, calls } = await redrive([...ours(5), ...others]);
  expect({ code, err }).toEqual({ code: 1, err: [] });
  expect(last).toBe(
    '5 put back on execute; then for 30 s there were only letters that are another merchant’s or no messages of ours. ' +
      'They stay where they are, and more of yours may lie behind them: what those are about is due, and the sweep asks for it',
  );
  expect(calls).toBeLessThan(10);
});

test('F72 What is left is in the value for tools, and what came twice is counted once.', async () => {
  const { last } = await redrive([...ours(1), ...many(400, undefined)], '--json');
  const { moved, unreadable, more } = JSON.parse(last) as { moved: unknown[]; unreadable: number; more: boolean };
  expect({ moved: moved.length, more }).toEqual({ moved: 1, more: true });
  expect(unreadable).toBeGreaterThan(200);
  expect(unreadable).toBeLessThanOrEqual(400);
});

test('F72 It goes on for longer than a round where letters of ours come, to the last of them.', async () => {
  const mixed = theirs(10).flatMap((one) => [one, ...ours(60)]);
  const { code, last } = await redrive([undefined, ...mixed]);
  expect({ code, last }).toEqual({
    code: 0,
    last: '600 put back on execute; 1 that are no messages of ours stay where they are',
  });
});
