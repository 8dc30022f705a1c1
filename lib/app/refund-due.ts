import type { ConnectionName } from '../domain/ids.ts';
import { onlyDisputed } from '../domain/refund/hold-reason.ts';
import { type Leg, waitsForDispute } from '../domain/refund/leg.ts';
import type { Refund } from '../domain/refund/state.ts';
import { legDueAt, nextPoll, nextReminder, provisional, unfinished } from '../domain/refund/step.ts';
import { owesTelling } from '../domain/refund/tell.ts';
import { backoff, type Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, plus } from '../domain/time.ts';
import { sortable } from './heads.ts';

/** When somebody must next look: the earliest of what its parts owe; never undefined while it is not final. */
export function dueAtOf(refund: Refund, now: Instant, tempo: Tempo): Instant | undefined {
  switch (refund.is) {
    case 'none':
      return undefined;
    case 'requested':
      return plus(now, tempo.graceMs);
    case 'waiting':
      return plus(now, backoff(tempo.askAgainMs, 0));
    case 'held':
      return onlyDisputed(refund.reasons)
        ? earlier(nextReminder(refund.until, now, tempo), nextPoll(refund.since, now, tempo))
        : nextReminder(refund.until, now, tempo);
    case 'approved': {
      const all = refund.legs.map((leg) => legDueAt(leg, now, tempo)).filter((at) => at !== undefined);
      if (owesTelling(refund)) all.push(plus(now, tempo.graceMs));
      return all.length === 0 ? undefined : all.reduce(earlier);
    }
    default:
      return undefined;
  }
}

/** When somebody should have looked at what is held; the sweep reminds, once in a while. */
export function heldUntil(refund: Refund): { heldUntil?: string } {
  if (refund.is === 'held') return { heldUntil: sortable(refund.until) };
  const untils =
    refund.is === 'approved' ? refund.legs.flatMap((leg) => (leg.now.is === 'held' ? [leg.now.until] : [])) : [];
  return untils.length === 0 ? {} : { heldUntil: sortable(untils.reduce(earlier)) };
}

/** Which work the sweep asks for when this refund is due. */
export function followOf(refund: Refund): string[] {
  if (refund.is === 'requested' || refund.is === 'waiting') return ['assess'];
  if (refund.is === 'held') return onlyDisputed(refund.reasons) ? ['assess', 'alarm'] : ['alarm'];
  if (refund.is !== 'approved') return [];
  const some = (...states: string[]) => refund.legs.some((leg) => states.includes(leg.now.is));
  const unsent = refund.legs.some(isUnsent);
  return [
    ...(executeAt(refund).length > 0 ? ['execute'] : []),
    // A success is looked for again at a few ages; that need not be in a hurry while another leg is.
    ...(some('pending') || refund.legs.some(unfinished) || (refund.legs.some(provisional) && !unsent)
      ? ['reconcile']
      : []),
    ...(some('held') ? ['alarm'] : []),
    ...(owesTelling(refund) ? ['notify'] : []),
  ];
}

/** The gateway accounts at which `execute` has something to do for this refund, in the order of its legs. */
export const executeAt = (refund: Refund): ConnectionName[] =>
  refund.is !== 'approved'
    ? []
    : [
        ...new Set(
          refund.legs.filter((leg) => isUnsent(leg) || waitsForDispute(leg)).map(({ connection }) => connection),
        ),
      ];

/** For the executor to go on with: not sent yet, or without an answer. */
export const isUnsent = ({ now }: Leg): boolean => now.is === 'ready' || now.is === 'sending' || now.is === 'unknown';
