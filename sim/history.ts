import { demo, type Tenant } from './connections.ts';
import { goBack } from './going-back.ts';
import type { Promised } from './promises.ts';
import { type End, emptySeen, readItem, remember, rememberRequest, type Seen } from './seen.ts';
import type { Witness } from './witness.ts';

/** A history while it happens, and everybody who holds a promise against it. */
export interface Watched extends Witness {
  readonly seen: Seen;
  /** Our own code could not get past something that is there to make it throw. */
  tried(stream: string): void;
  /** So many events of the world are over. */
  lived(events: number): void;
  ended(end: End): void;
}

/**
 * Shows what happens to each promise in `kept` first, and remembers it then. `broke` hears of each that does not hold. A life of the
 * engine and a history that was made by hand are judged by this same code.
 */
export function watch(
  knobs: Seen['knobs'],
  kept: readonly Promised[],
  broke: (promise: string, what: string) => void,
  tenant: Tenant = demo,
): Watched {
  const seen = emptySeen(knobs, tenant);
  const each = (ask: (promise: Promised) => string | undefined, of = kept): void => {
    for (const promise of of) {
      const what = ask(promise);
      if (what !== undefined) broke(promise.name, what);
    }
  };
  // Asked after every event, of which there are many.
  const inVain = new Map<string, number>();
  const living = kept.filter(({ lived }) => lived !== undefined);
  return {
    seen,
    written(item, deployment, at) {
      const entry = readItem(item, deployment, at);
      each((promise) => promise.written?.(seen, entry));
      remember(seen, entry);
    },
    restored(journal, deployment) {
      const really = new Map([...seen.streams.values()].flat().map(({ digest, writtenAt }) => [digest, writtenAt]));
      const entries = journal.map((item) => readItem(item, 0, really.get(String(item.digest))));
      goBack(seen, entries, deployment);
    },
    stored: (item) => each((promise) => promise.stored?.(seen, item)),
    asked(request, refunds, truth) {
      seen.truth = truth;
      each((promise) => promise.asked?.(seen, request, refunds));
      rememberRequest(seen, request, refunds);
    },
    threw: (where, error) => each((promise) => promise.threw?.(where, error)),
    tried(stream) {
      const times = (inVain.get(stream) ?? 0) + 1;
      inVain.set(stream, times);
      each((promise) => promise.tried?.(stream, times));
    },
    lived: (events) => each((promise) => promise.lived?.(events), living),
    ended: (end) => each((promise) => promise.atEnd?.(seen, end)),
  };
}
