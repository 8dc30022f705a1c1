import type { Leg } from '../domain/refund/leg.ts';
import type { Refund } from '../domain/refund/state.ts';
import { overdueAt } from '../domain/refund/step.ts';
import { refundStream } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, instant, minute, plus } from '../domain/time.ts';
import { isFar } from './accounts.ts';
import { isStopped } from './control.ts';
import { sortable } from './heads.ts';
import type { Needs } from './needs.ts';
import { behind } from './own-clock.ts';
import type { Item } from './ports/table.ts';
import type { Loaded } from './refunds.ts';

/**
 * How long a leg may wait before a person must see it. For one that was sent its events say so. One that was not has no request that
 * waits for an answer: its three days begin where somebody first tried and something stood in the way, and a stop that people pressed
 * is none of it. Otherwise the end of a long stop would find all of them overdue, and hold at its first try what only waits for its turn.
 *
 * When that is over is no fact but a wait, so it lies on the refund's head, one mark for each leg; the next entry of the refund takes it
 * off.
 */
export const waitMark = (leg: number): string => `waits.${leg}`;

/**
 * Once the days are over it has so long to be sent, in any weather, and no longer: nobody may have looked in all that time, be it that
 * nothing ran.
 */
const lastChanceMs = 30 * minute;
const lastChance = ' last';

interface Waiting {
  readonly loaded: Loaded;
  readonly leg: Leg;
}

/** Approved, or let go by a person, and no request was allowed since: no gateway owes it an answer. */
export const neverTried = (leg: Leg): boolean => leg.now.is === 'ready' && leg.tryingSince === undefined;

/** Whether a person must see this leg now, which could not be worked on; where its time begins only now, that is written down. */
export async function outOfPatience(needs: Needs, { loaded, leg }: Waiting): Promise<boolean> {
  const now = needs.clock.now();
  // By what a clock wrote that is far ahead of ours it has all the time in the world: that counts from our first look, too (F26).
  if (!neverTried(leg) && behind(needs, { loaded }, now) === 0) {
    const at = overdueAt(leg, needs.tempo);
    return at !== undefined && now >= at;
  }
  const head = await needs.table.get({ table: 'state', pk: streamOf(loaded) });
  const noted = markOn(head, leg);
  // Later than anybody would write it by a clock that is right: its time begins anew (F26).
  const mark = noted !== undefined && isFar(noted.until, plus(now, needs.tempo.unknownLimitMs)) ? undefined : noted;
  if (mark !== undefined && now < mark.until) return false;
  const fresh = plus(now, needs.tempo.unknownLimitMs);
  if (mark === undefined || (await isStopped(needs, loaded.merchant, leg.connection)))
    await write(needs, { loaded, leg }, head, sortable(fresh));
  else if (mark.last) return true;
  else await write(needs, { loaded, leg }, head, `${sortable(plus(now, lastChanceMs))}${lastChance}`);
  return false;
}

/** A switch that people pressed stands in its way, or a restore: that time does not count. Written once in a day or so. */
export async function countNothing(needs: Needs, of: Waiting): Promise<void> {
  if (!neverTried(of.leg)) return;
  const now = needs.clock.now();
  const head = await needs.table.get({ table: 'state', pk: streamOf(of.loaded) });
  const until = markOn(head, of.leg)?.until ?? overdueAt(of.leg, needs.tempo) ?? now;
  const { unknownLimitMs } = needs.tempo;
  if (until < plus(now, Math.floor(unknownLimitMs / 2)))
    await write(needs, of, head, sortable(plus(now, unknownLimitMs)));
}

/** Loses silently against anybody who appends: then their entry begins anew. */
async function write(needs: Needs, { loaded, leg }: Waiting, head: Item | undefined, text: string): Promise<void> {
  const mark = waitMark(leg.leg);
  const personAt = deadlineOf(loaded.refund, { ...head, [mark]: text }, needs.tempo);
  await needs.table.write([
    {
      update: { table: 'state', pk: streamOf(loaded) },
      set: { [mark]: text, ...(personAt !== undefined && { personAt: sortable(personAt) }) },
      only: [{ attribute: 'version', is: 'equal', value: BigInt(loaded.end.version) }],
    },
  ]);
}

const streamOf = ({ merchant, id }: Loaded) => refundStream(merchant, id);

function markOn(head: Item | undefined, { leg }: Leg): { readonly until: Instant; readonly last: boolean } | undefined {
  const mark = head?.[waitMark(leg)];
  if (typeof mark !== 'string') return undefined;
  return { until: instant(Number.parseInt(mark, 10)), last: mark.endsWith(lastChance) };
}

/** The first instant at which somebody must look at any of its legs, in any weather. */
function deadlineOf(refund: Refund, head: Item, tempo: Tempo): Instant | undefined {
  const legs = refund.is === 'approved' ? refund.legs : [];
  const each = legs.map((leg) => markOn(head, leg)?.until ?? overdueAt(leg, tempo));
  return each.reduce((a, b) => (a === undefined ? b : b === undefined ? a : earlier(a, b)), undefined);
}
