import { type Bucket, type FloodLimits, filled, full, hasToken, type Rate, spent, waitMs } from '../domain/flood.ts';
import type { ConnectionName } from '../domain/ids.ts';
import { type Heard, hear, skewOf } from '../domain/skew.ts';
import { hour, type Instant, second } from '../domain/time.ts';
import type { Connection } from './ports/connections.ts';

/**
 * What a receiving function remembers between two webhooks, in memory and for as long as its environment lives. Nothing here guards
 * money: forgetting it all costs a burst that is let in, or a few messages more until a clock is known to be wrong. It asks no store,
 * since what it protects is the store. As large as the list of connections, and no larger: names come from settings, never from a URL.
 */
export interface Door {
  /** Takes one token for a verified webhook, of its connection and of its merchant, or of neither. */
  admit(
    connection: Connection,
    now: Instant,
  ): { readonly is: 'in' } | { readonly is: 'flooded'; readonly waitMs: number };
  /** Remembers the signed time of a verified message; answers by how much that sender's clock is away from ours, in ms. */
  hear(connection: ConnectionName, heard: Heard): number;
  /** How many lines of this kind this one stands for; undefined where it is only counted, so that a flood does not flood the log. */
  count(line: CountedLine, connection: ConnectionName, now: Instant): number | undefined;
}

type CountedLine = 'flooded' | 'clock-skewed' | `rejected ${string}`;

/** The first is written at once, the next ones together. */
const periodMs = (line: CountedLine): number => (line === 'clock-skewed' ? hour : 10 * second);

export function openDoor(limits: FloodLimits): Door {
  const buckets = new Map<string, Bucket>();
  const heards = new Map<ConnectionName, readonly Heard[]>();
  const lines = new Map<string, { at: Instant; counted: number }>();
  const bucketOf = (key: string, rate: Rate, now: Instant) => filled(buckets.get(key) ?? full(rate, now), rate, now);
  return {
    admit({ name, merchant }, now) {
      const own = { key: `connection ${name}`, rate: limits.connection };
      const shared = { key: `merchant ${merchant}`, rate: limits.merchant };
      const both = [own, shared].map((one) => ({ ...one, bucket: bucketOf(one.key, one.rate, now) }));
      const waits = both.filter(({ bucket }) => !hasToken(bucket)).map(({ bucket, rate }) => waitMs(bucket, rate));
      const free = waits.length === 0;
      for (const { key, bucket } of both) buckets.set(key, free ? spent(bucket) : bucket);
      return free ? { is: 'in' } : { is: 'flooded', waitMs: Math.max(...waits) };
    },
    hear(connection, one) {
      const heard = hear(heards.get(connection) ?? [], one);
      heards.set(connection, heard);
      return skewOf(heard);
    },
    count(line, connection, now) {
      const key = `${connection} ${line}`;
      const last = lines.get(key);
      const due = last === undefined || now - last.at >= periodMs(line);
      const counted = (last?.counted ?? 0) + 1;
      lines.set(key, due ? { at: now, counted: 0 } : { at: last.at, counted });
      return due ? counted : undefined;
    },
  };
}
