import type { Log } from '../lib/app/ports/log.ts';

/** What our own code throws at one refund or notice, again and again: a bug that only that one has. */
export class Poison extends Error {
  override readonly name = 'Poison';
}

/** `at-once`: before anything is done. `after-an-answer`: when its gateway has answered, and nothing of that is written down yet. */
export type Poisoned = 'at-once' | 'after-an-answer';

/** Streams that our code can't get past. */
export function poisons() {
  const poisoned = new Map<string, Poisoned>();
  const strike = (stream: string): never => {
    throw new Poison(stream);
  };
  return {
    put: (stream: string, how: Poisoned) => void poisoned.set(stream, how),
    /** Somebody has mended the code. */
    mend: (is: (stream: string) => boolean = () => true): void => {
      for (const stream of poisoned.keys()) if (is(stream)) poisoned.delete(stream);
    },
    /** Whom nobody mends it for. */
    left: (): readonly string[] => [...poisoned.keys()],
    /** Called as a worker takes up a message. */
    takenUp: (stream: string): void => {
      if (poisoned.get(stream) === 'at-once') strike(stream);
    },
    /** The log that our code writes a line to after each request: the line of a poisoned refund can't be made. */
    log: (log: Log): Log => ({
      ...log,
      attempt(line) {
        log.attempt(line);
        if (poisoned.size === 0 || line.refund === undefined) return;
        for (const [stream, how] of poisoned)
          if (how === 'after-an-answer' && stream.endsWith(`#${line.refund}`)) strike(stream);
      },
    }),
  };
}

export type Poisons = ReturnType<typeof poisons>;
