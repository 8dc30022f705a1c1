import { type Instant, plus, second } from './time.ts';

/** One refund that waits to be worked on at its gateway. */
export interface Waiting {
  /** The accounts it needs, in the order of its legs. */
  readonly accounts: readonly string[];
  /** When the key it is sent under was first used: its window, which is as long for all of an account, runs since then. */
  readonly sentAt: Instant | undefined;
  /** Sorts by age. */
  readonly age: string;
  /** Only a look whether a success still stands: comes after whatever moves money, and never takes more than a part of the rate. */
  readonly patient?: true;
}

/** What an account takes until the next sweep. */
export interface Room {
  /** Requests; infinite where only the rate bounds it. */
  readonly places: number;
  /** Where there are none: when there may be. Undefined where that depends on who is inside. */
  readonly until?: Instant;
  readonly perSecond: number;
  /** Until its next place is free: those before it are taken. */
  readonly aheadMs?: number;
}

/** `hint`: now, or so much later that the account is asked evenly. `later`: moved to its turn. `stay`: due still, looked at by the next sweep. */
export type Turn =
  | { readonly is: 'hint'; readonly afterMs: number }
  | { readonly is: 'later'; readonly until: Instant }
  | { readonly is: 'stay' };

/**
 * Gives each account what it takes until the next sweep, those whose key window ends first before the others, and the others by age;
 * who comes later is moved to its turn, in the same order. Accounts take their turns one after the other, so that no backlog is in
 * another one's way. In the order in which they are to be asked. Pure.
 */
export function turns<W extends Waiting>(
  waiting: readonly W[],
  roomOf: (account: string) => Room,
  { now, everyMs }: { readonly now: Instant; readonly everyMs: number },
): readonly { readonly of: W; readonly turn: Turn }[] {
  const queues = new Map<string, W[]>();
  for (const one of [...waiting].sort(byUrgency)) {
    const account = one.accounts.find((name) => roomOf(name).places > 0) ?? one.accounts[0] ?? '';
    const queue = queues.get(account) ?? [];
    queue.push(one);
    queues.set(account, queue);
  }
  const planned = [...queues].map(([account, queue]) => {
    const room = roomOf(account);
    const hasty = queue.filter(({ patient }) => patient !== true).length;
    return queue.map((of, rank) => {
      const turn = turnOf(room, rank, now, everyMs);
      return {
        of,
        turn: of.patient && turn.is === 'hint' ? patientTurn(turn, room, rank - hasty, { now, everyMs }) : turn,
      };
    });
  });
  return roundRobin(planned);
}

/**
 * A sweep is late now and then, and with exactly as many as it takes until then the account would stand idle each time. So hints come so
 * much earlier than their places, and wait for them at the gate: less than anybody waits there, so that none loses its turn.
 */
const spareMs = 250;

function turnOf(room: Room, rank: number, now: Instant, everyMs: number): Turn {
  const bounded = room.places !== Number.POSITIVE_INFINITY;
  const aheadMs = bounded ? 0 : (room.aheadMs ?? 0);
  // In a phase each must have its answer before many more come.
  const earlyMs = bounded ? 0 : spareMs;
  const perSweep = Math.max(1, Math.floor((room.perSecond * everyMs) / second));
  const fitting = Math.max(1, Math.floor((room.perSecond * (everyMs + earlyMs - aheadMs)) / second));
  const placeMs = aheadMs + (rank / room.perSecond) * second;
  if (rank < Math.min(room.places, fitting)) return { is: 'hint', afterMs: Math.max(0, Math.floor(placeMs - earlyMs)) };
  if (!bounded) {
    const sweeps = Math.floor(rank / perSweep);
    return sweeps === 0 ? { is: 'stay' } : { is: 'later', until: plus(now, sweeps * everyMs) };
  }
  return room.until === undefined ? { is: 'stay' } : { is: 'later', until: plus(room.until, rank) };
}

/** Of the rate so much is for checks, however little else there is to do now: what follows in a moment is not known to the sweep. */
const patientShare = 4;

function patientTurn(
  turn: Turn,
  room: Room,
  rank: number,
  { now, everyMs }: { readonly now: Instant; readonly everyMs: number },
): Turn {
  const most = Math.max(1, Math.floor((room.perSecond * everyMs) / second / patientShare));
  return rank < most ? turn : { is: 'later', until: plus(now, Math.floor(rank / most) * everyMs) };
}

/** After every instant. */
const never = Number.MAX_SAFE_INTEGER;

const byUrgency = (a: Waiting, b: Waiting): number =>
  Number(a.patient ?? false) - Number(b.patient ?? false) ||
  (a.sentAt ?? never) - (b.sentAt ?? never) ||
  (a.age < b.age ? -1 : a.age > b.age ? 1 : 0);

function roundRobin<T>(queues: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }).flatMap((_, rank) => queues.flatMap((queue) => queue[rank] ?? []));
}
