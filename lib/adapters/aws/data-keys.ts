import { type FreshDataKey, forget, type SealingKey, sealingKey } from './sealed-message.ts';

/** What one data key is used for at most: `maxAgeMs` since it came, that many messages, that many bytes of plaintext. */
export interface DataKeyBounds {
  readonly maxAgeMs: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Data keys that are remembered; the one that came first makes room. */
  readonly mostKeys: number;
}

export interface DataKeyNeeds extends DataKeyBounds {
  /** A data key that nobody has used yet. */
  readonly fresh: (owner: string) => Promise<FreshDataKey>;
  /** Wall clock in ms: an environment may be suspended, and a key grows old meanwhile. */
  readonly now: () => number;
}

interface Kept {
  readonly key: SealingKey;
  readonly since: number;
  messages: number;
  bytes: number;
}

/**
 * Lends the data key of an owner for one message, a fresh one when the last is used up. In place of the library's caching manager,
 * which hashes its request and copies its material for each message, a twentieth of the CPU of accepting a webhook. Keys that are no
 * longer used are zeroed; from the moment a key is there until `use` has ended nothing else runs, so that none is zeroed under a message.
 */
export function dataKeys(needs: DataKeyNeeds) {
  const kept = new Map<string, Kept>();
  const drop = (owner: string) => {
    const old = kept.get(owner);
    if (old !== undefined) forget(old.key);
    kept.delete(owner);
  };
  const lasts = ({ since, messages, bytes }: Kept, more: number): boolean => {
    const age = needs.now() - since;
    // A clock that was put back says nothing about age.
    return age >= 0 && age <= needs.maxAgeMs && messages < needs.maxMessages && bytes + more <= needs.maxBytes;
  };
  const remember = (owner: string, fresh: FreshDataKey): Kept => {
    const key = sealingKey(fresh);
    drop(owner);
    const [eldest] = kept.size >= needs.mostKeys ? kept.keys() : [];
    if (eldest !== undefined) drop(eldest);
    const one = { key, since: needs.now(), messages: 0, bytes: 0 };
    kept.set(owner, one);
    return one;
  };
  return async <Result>(owner: string, bytes: number, use: (key: SealingKey) => Result): Promise<Result> => {
    const known = kept.get(owner);
    // A message that alone is too long has a key of its own all the same.
    const lent = known !== undefined && lasts(known, bytes) ? known : remember(owner, await needs.fresh(owner));
    lent.messages += 1;
    lent.bytes += bytes;
    return use(lent.key);
  };
}
