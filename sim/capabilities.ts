import type { Capabilities } from '../lib/app/ports/gateway.ts';
import { dayMs, hour, minute } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';

/** One row of the capability table: what a gateway of this life really does. */
export interface Row {
  /** 0: it takes no keys. */
  readonly keyWindowMs: number;
  /** `answers`: every one that an execution came to, but no 500; `failures-too`: those as well, for as long as the key lives. */
  readonly remembers: 'nothing' | 'successes' | 'answers' | 'failures-too';
  readonly lateArrivalMs: number;
  /** What it lists is as it was so long ago. Undefined where it lists nothing. */
  readonly listLagMs: number | undefined;
  /** What its words about a refund say of the amount and of our key; `wrong` and `absent` now and then, not always, for the amount. */
  readonly echoAmount: Echo;
  readonly echoKey: Echo;
  /** Whether it refuses what is more than is left of the capture. */
  readonly caps: boolean;
}

export type Echo = 'right' | 'wrong' | 'absent';

/** Far beyond any life. */
const forEver = 3650 * dayMs;

/** `askable`: in so many lives it is honest and can be asked, since nobody else can say what it has lost or made twice. */
export function rowOf(chance: Pick<Chances, 'fixed'>, askable = 0): Row {
  const is = (what: string) => chance.fixed(`row ${what}`);
  const one = <T>(what: string, ...all: readonly [T, ...T[]]): T => all[Math.floor(is(what) * all.length)] ?? all[0];
  const lateArrivalMs = Math.round(minute * one('late', 1, 2, 10));
  // A window that ends within the life is drawn more often than those that a vendor would state: the others never end here.
  const narrow = lateArrivalMs + Math.round(minute * (2 + 18 * is('narrow')));
  const keyWindowMs = one('window', 0, narrow, narrow, 2 * hour, 24 * hour, 7 * dayMs, 45 * dayMs, forEver);
  const row: Row = {
    keyWindowMs,
    remembers: keyWindowMs === 0 ? 'nothing' : one('remembers', 'successes', 'answers', 'failures-too'),
    lateArrivalMs,
    listLagMs: one('lookup', 0, 0, Math.round(10 * minute * is('lag')) + 1000, undefined),
    echoAmount: one<Echo>('amount', 'right', 'right', 'right', 'wrong', 'absent'),
    echoKey: one<Echo>('key', 'right', 'right', 'right', 'wrong', 'absent'),
    caps: is('caps') < 0.7,
  };
  return is('askable') < askable ? { ...row, listLagMs: 0, echoAmount: 'right', echoKey: 'right' } : row;
}

/** The names of what is special about a row, for whoever counts where lives went. */
export const featuresOf = (row: Row): readonly string[] => [
  `keys ${row.keyWindowMs === 0 ? 'none' : row.keyWindowMs < hour ? 'narrow' : row.keyWindowMs === forEver ? 'ever' : 'long'}`,
  `remembers ${row.remembers}`,
  `lookup ${lookupOf(row)}`,
  `amount ${row.echoAmount}`,
  `key ${row.echoKey}`,
  row.caps ? 'cap' : 'no cap',
];

/** Who can't be asked by key, since no word of theirs carries it, can never say "absent". */
const lookupOf = ({ listLagMs, echoKey }: Row): Capabilities['lookup'] =>
  listLagMs === undefined || echoKey !== 'right' ? 'none' : listLagMs === 0 ? 'authoritative' : 'eventual';

/** Whether its adapter always finds out what there is. */
export const mayBeAsked = (row: Row): boolean => lookupOf(row) === 'authoritative' && row.echoAmount !== 'absent';

/** The same row as an adapter states it, honestly. */
export const capabilitiesOf = (row: Row): Capabilities => ({
  keyWindowMs: row.keyWindowMs,
  keyRemembers: row.remembers === 'nothing' || row.remembers === 'successes' ? row.remembers : 'all',
  lateArrivalMs: row.lateArrivalMs,
  lookup: lookupOf(row),
  keyLength: 40,
  partialRefunds: true,
  rates: { test: { perEndpoint: 25, perAccount: 25 }, live: { perEndpoint: 25, perAccount: 25 } },
  accepts: (amountMinor) => amountMinor > 0n && amountMinor < 10n ** 12n,
});
