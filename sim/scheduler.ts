import { type Instant, instant } from '../lib/domain/time.ts';
import { fractions } from './chance.ts';

interface Entry {
  readonly at: number;
  readonly tie: number;
  readonly order: number;
  readonly run: () => unknown;
  readonly still: () => boolean;
}

/** Virtual time. What is due at the same millisecond happens in an order that the seed decides. */
export interface Scheduler {
  now(): Instant;
  /** `still`: false once nothing is to be done any more; what is due then is no event at all. */
  after(ms: number, label: string, run: () => unknown, still?: () => boolean): void;
  /** `after` for labels that begin alike: what they share is hashed once. */
  named(prefix: string): Scheduler['after'];
  /** The next event and everything that follows from it without more I/O; false where there is none before `until`. */
  step(until: Instant): Promise<boolean>;
  /** A number over every event so far, in order: two runs that differ anywhere differ here. */
  hash(): string;
  events(): number;
}

export function scheduler(seed: string, start: Instant): Scheduler {
  const heap: Entry[] = [];
  const tie = fractions(`${seed}|tie|`);
  let now: number = start;
  let order = 0;
  let a = 0x811c9dc5;
  let done = 0;

  const trace = (number: number) => {
    a = Math.imul(a ^ number, 16777619) ^ (a >>> 15);
  };
  const add = (ms: number, drawn: number, run: () => unknown, still: () => boolean) => {
    order += 1;
    push(heap, { at: now + Math.max(0, Math.round(ms)), tie: drawn, order, run, still });
  };
  return {
    now: () => instant(now),
    after: (ms, label, run, still = always) => add(ms, tie(label), run, still),
    named(prefix) {
      const tied = fractions(`${seed}|tie|${prefix}`);
      return (ms, label, run, still = always) => add(ms, tied(label), run, still);
    },
    step(until) {
      let next = heap[0];
      while (next !== undefined && next.at <= until && !next.still()) {
        pop(heap);
        next = heap[0];
      }
      if (next === undefined || next.at > until) {
        now = Math.max(now, until);
        return no;
      }
      pop(heap);
      now = next.at;
      done += 1;
      // The tie is a hash of the name.
      trace(next.at);
      trace(next.tie * 2 ** 32);
      next.run();
      return settled(done);
    },
    hash: () => (a >>> 0).toString(16).padStart(8, '0'),
    events: () => done,
  };
}

const always = (): boolean => true;

/**
 * Everything that promises had to say has been said: Node takes the next tick once no promise has anything left to say. Ticks alone
 * would keep the rest of Node waiting for ever, so every now and then there is a whole turn of its loop.
 */
const settled = (turn: number): Promise<true> =>
  new Promise((resolve) => {
    if (turn % 1000 === 0) setImmediate(resolve, true);
    else process.nextTick(resolve, true);
  });

const no = Promise.resolve(false);

const before = (a: Entry, b: Entry): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order;

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && before(right, left)) child += 1;
    const smallest = heap[child];
    if (smallest === undefined || !before(smallest, last)) break;
    heap[at] = smallest;
    at = child;
  }
  heap[at] = last;
}
