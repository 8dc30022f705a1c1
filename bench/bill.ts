import type { Metered } from './meter.ts';
import { type Priced, prices } from './prices.ts';

/** What nobody counted here and both sides are charged alike. */
export const assumed = {
  /** As `stacks/function.ts` has it. */
  memoryGb: 0.5,
  /** A warm invocation, besides what it waits for. */
  invocationMs: 10,
  /** A call to DynamoDB, SQS or KMS that the function itself makes, one after the other. */
  callMs: 5,
  /** The gateway's answer; once for each refund. */
  gatewayMs: 400,
  /** The lines of the platform and of the function. */
  logBytes: 1000,
  /** X-Ray's default: one request in twenty. */
  traced: 0.05,
} as const;

/** Counts of one refund. */
export type Units = Readonly<Record<Priced, number>>;

interface Side {
  /** Of `count` refunds. */
  readonly counted: Metered;
  readonly count: number;
  /** Webhooks that came over HTTP for one refund. */
  readonly webhooks: number;
}

/**
 * One refund in the units that are paid for, from what was counted. A message is one invocation, as on an idle installation, and so is a
 * transaction of the journal, whose stream the relay reads; the poller's own requests (receive, delete) are paid for, and no function
 * waits for them.
 */
export function unitsOfOne({ counted, count, webhooks }: Side): Units {
  const each = (name: keyof Metered) => counted[name] / count;
  const invocations = webhooks + each('queueReceives') + each('journalWrites');
  const calls = each('tableCalls') + each('queueSends') + each('kmsCalls');
  const ms = invocations * assumed.invocationMs + calls * assumed.callMs + assumed.gatewayMs;
  return {
    writes: each('writeUnits'),
    reads: each('readUnits'),
    queue: each('queueSends') + each('queueReceives') + each('queueDeletes'),
    kms: each('kmsCalls'),
    http: webhooks,
    invocations,
    lambda: (ms / 1000) * assumed.memoryGb,
    logs: invocations * assumed.logBytes,
    traces: invocations * assumed.traced,
  };
}

/** Dollars for a million refunds. */
export const dollarsOf = (name: Priced, units: number): number =>
  (units * 1e6 * prices[name].dollars) / prices[name].per;

/** Dollars for a million refunds, all lines together. */
export const billOf = (units: Units): number =>
  (Object.keys(prices) as Priced[]).reduce((sum, name) => sum + dollarsOf(name, units[name]), 0);
