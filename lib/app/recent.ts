import type { StreamName } from '../domain/streams.ts';

/** What this function environment recorded lately: names of notices, nothing of their content. */
export interface RecentNotices {
  knows(stream: StreamName): boolean;
  recorded(stream: StreamName): void;
}

/**
 * Senders repeat themselves soon, and often to the same environment. A notice that was recorded here is first looked for by one read, so
 * that its repetition costs neither encryption nor a transaction that is refused. Only a hint: what is not found is recorded the usual
 * way, and the read, not this memory, says that it is durable. Forgets the oldest beyond `most`.
 */
export function recentNotices(most: number): RecentNotices {
  const names = new Set<StreamName>();
  return {
    knows: (stream) => names.has(stream),
    recorded(stream) {
      names.add(stream);
      const [oldest] = names;
      if (names.size > most && oldest !== undefined) names.delete(oldest);
    },
  };
}

/** A few hundred kilobytes at most. */
export const mostRecent = 2000;
