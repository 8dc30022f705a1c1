import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { nameOf } from './running.ts';

/** How an invocation ended, as the service that asked for it sees it. */
export type Invocation<Result> =
  | { readonly is: 'returned'; readonly result: Result | null }
  | { readonly is: 'threw'; readonly error: unknown }
  | { readonly is: 'timed-out'; readonly afterMs: number };

/** Never rejects: what a handler does wrong is an outcome. */
export type Invoke<Event, Result> = (event: Event) => Promise<Invocation<Result>>;

/** How an invocation failed, fit for a terminal, or undefined when it did not. */
export function failureOf(invocation: Invocation<unknown>): string | undefined {
  if (invocation.is === 'threw') return `threw ${nameOf(invocation.error)}`;
  if (invocation.is === 'timed-out') return `timed out after ${invocation.afterMs} ms`;
  return undefined;
}

export interface LambdaSettings {
  readonly name: string;
  /** The function's own limit; on AWS the sandbox is killed then. */
  readonly timeoutMs: number;
  readonly memoryMb?: number;
}

/**
 * Plays the Lambda service for one handler. As there, event and result cross a border as JSON, so that nothing is shared by
 * reference, and a result that comes after the timeout is thrown away. Unlike there, invocations share the module's state and
 * run at the same time, and code that has timed out goes on running: a frozen sandbox that wakes up again (F70) is the same.
 */
export function lambda<Event, Result>(
  settings: LambdaSettings,
  handler: (event: Event, context: Context) => Promise<Result>,
): Invoke<Event, Result> {
  const logStream = `local/[$LATEST]${randomBytes(16).toString('hex')}`;
  return async (event) => {
    const context = contextOf(settings, logStream);
    const work = call(handler, event, context);
    const { promise: timeout, resolve: giveUp } = Promise.withResolvers<Invocation<Result>>();
    const timer = setTimeout(() => giveUp({ is: 'timed-out', afterMs: settings.timeoutMs }), settings.timeoutMs);
    try {
      return await Promise.race([work, timeout]);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function call<Event, Result>(
  handler: (event: Event, context: Context) => Promise<Result>,
  event: Event,
  context: Context,
): Promise<Invocation<Result>> {
  try {
    return { is: 'returned', result: throughJson(await handler(throughJson(event) as Event, context)) };
  } catch (error) {
    return { is: 'threw', error };
  }
}

/** `undefined` becomes null, as in the answer of a function that returns nothing. */
function throughJson<T>(value: T): T | null {
  return JSON.parse(JSON.stringify(value) ?? 'null') as T | null;
}

function contextOf(settings: LambdaSettings, logStreamName: string): Context {
  // Monotonic: a clock that is set back does not lengthen an invocation.
  const endsAt = performance.now() + settings.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${settings.name}`,
    memoryLimitInMB: String(settings.memoryMb ?? 256),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${settings.name}`,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAt - performance.now())),
    done: refuseCallbacks,
    fail: refuseCallbacks,
    succeed: refuseCallbacks,
  };
}

/** Node 24 on Lambda has no callback handlers any more. */
function refuseCallbacks(): never {
  throw new Error('handlers return promises; callbacks are not supported');
}
