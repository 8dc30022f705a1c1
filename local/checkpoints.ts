import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** How far a stream has been dealt with. */
export interface Checkpoint {
  readonly streamArn: string;
  readonly shards: Readonly<Record<string, ShardPosition>>;
}

/** Where to go on in one shard; empty: at its oldest record. */
export interface ShardPosition {
  readonly after?: string;
  readonly ended?: boolean;
}

/** A checkpoint may be older than the truth, or gone: records then come again. It is never newer. */
export interface Checkpoints {
  load(): Checkpoint | undefined;
  save(checkpoint: Checkpoint): void;
}

/**
 * Kept in a file that is replaced as a whole. Not flushed to the disk: after a power failure an older one is found, and the
 * records since then come again, which they may at any time.
 */
export function fileCheckpoints(path: string): Checkpoints {
  return {
    load: () => parse(readIfThere(path)),
    save: (checkpoint) => {
      writeFileSync(`${path}.new`, JSON.stringify(checkpoint), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What can't be read counts as no checkpoint: starting at the oldest record is always right, only slower. */
function parse(text: string | undefined): Checkpoint | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Checkpoint> | null;
    return typeof value?.streamArn === 'string' && typeof value.shards === 'object' && value.shards !== null
      ? { streamArn: value.streamArn, shards: value.shards }
      : undefined;
  } catch {
    return undefined;
  }
}
