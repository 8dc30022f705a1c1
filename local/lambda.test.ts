import middy from '@middy/core';
import type { Context, SQSEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { failureOf, lambda } from './lambda.ts';

const settings = { name: 'assess', timeoutMs: 5_000 };

it('An invocation has its own request id, and time that runs down from the timeout', async () => {
  const seen: Context[] = [];
  const invoke = lambda(settings, async (_event: object, context) => {
    seen.push(context);
    const left = context.getRemainingTimeInMillis();
    await new Promise(setImmediate);
    return [left, context.getRemainingTimeInMillis()];
  });
  const [first] = await Promise.all([invoke({}), invoke({})]);
  expect(seen[0]!.awsRequestId).not.toBe(seen[1]!.awsRequestId);
  expect(seen[0]).toMatchObject({
    functionName: 'assess',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:assess',
  });
  const [before, after] = first.is === 'returned' ? (first.result ?? []) : [];
  expect(before).toBeLessThanOrEqual(5_000);
  expect(before).toBeGreaterThan(4_000);
  expect(after).toBeLessThanOrEqual(before!);
});

it('Event and result cross as JSON: the handler can change nothing of the caller, and undefined comes back as null', async () => {
  const event = { tags: ['a'], gone: undefined };
  const invoke = lambda(settings, async (given: typeof event) => {
    given.tags.push('b');
    return Object.keys(given);
  });
  expect(await invoke(event)).toEqual({ is: 'returned', result: ['tags'] });
  expect(event.tags).toEqual(['a']);
  expect(await lambda(settings, async () => undefined)({})).toEqual({ is: 'returned', result: null });
});

it('F70: a handler that outlives its timeout has failed, whatever it returns or throws later', async () => {
  for (const late of [() => 'late', () => Promise.reject(new Error('late'))]) {
    const { promise: timeToEnd, resolve: end } = Promise.withResolvers<void>();
    const invoke = lambda({ name: 'slow', timeoutMs: 5 }, async (_event: object, context) => {
      await timeToEnd;
      expect(context.getRemainingTimeInMillis()).toBe(0);
      return late();
    });
    expect(await invoke({})).toEqual({ is: 'timed-out', afterMs: 5 });
    end();
    await new Promise(setImmediate);
  }
});

it('F134: a failure is named by kind and place, never by its text', async () => {
  const invocation = await lambda(settings, async () => JSON.parse('4242424242424242x'))({});
  const failure = failureOf(invocation);
  expect(failure).toMatch(/^threw SyntaxError at /);
  expect(failure).not.toContain('4242');
});

it('A handler that throws before its first await has thrown, like any other', async () => {
  const invoke = lambda(settings, () => {
    throw new RangeError('at once');
  });
  expect(await invoke({})).toMatchObject({ is: 'threw' });
});

it('A middy handler is a handler', async () => {
  const handler = middy<SQSEvent, { batchItemFailures: never[] }>().handler(async () => ({ batchItemFailures: [] }));
  expect(await lambda(settings, handler)({ Records: [] })).toEqual({
    is: 'returned',
    result: { batchItemFailures: [] },
  });
});
