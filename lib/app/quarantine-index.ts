import { merchantOf, type StreamName } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { shardOf, sortable } from './heads.ts';
import type { Item } from './ports/table.ts';

/** Where the head of a notice stands that was put aside: in the index of days, beside the refunds of its merchant, the newest first. */
export const quarantineShards = 4;

export const quarantineKey = (merchant: string, shard: number): string => `${merchant}#quarantined#${shard}`;

/** What a head gets that is put aside at `at`. */
export const inQuarantine = (stream: StreamName, at: Instant): Item => ({
  dayKey: quarantineKey(merchantOf(stream), shardOf(stream, quarantineShards)),
  daySort: `${sortable(at)}#${stream}`,
});

/** What a head loses that is put aside no more. */
export const outOfQuarantine = ['dayKey', 'daySort'] as const;
