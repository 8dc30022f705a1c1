import type { Promised } from './promises.ts';
import { isUnasked, legOf, type SeenLeg } from './seen.ts';

/** What holds of keys, and of requests whose answer is missing. */

/**
 * When a key was first used in a way that may have done something. A request that the gateway turned away for its rate was executed by
 * nobody and is remembered by nobody: where it was the first, the window has not begun.
 */
function firstUse(facts: SeenLeg['facts'], key: unknown): number | undefined {
  let first: number | undefined;
  let alone = true;
  for (const { at, fact } of facts) {
    if (fact.type === 'leg.sending' && fact.key === key) {
      alone = first === undefined;
      first ??= at;
    }
    if (fact.type === 'leg.deferred' && alone) first = undefined;
  }
  return first;
}

const sameKeyInItsWindow: Promised = {
  name: 'same-key-in-its-window',
  says: 'A request is repeated under its key only where it arrives while the gateway surely remembers the key, and under a new one only after two proofs.',
  written: (seen, entry) => {
    for (const fact of entry.events) {
      const { facts } = legOf(seen, entry.stream, Number(fact.leg ?? 0));
      if (fact.type === 'leg.sending') {
        const first = firstUse(facts, fact.key);
        // It may arrive as late as anything does: not by then either.
        if (first !== undefined && entry.at + seen.knobs.lateArrivalMs >= first + seen.knobs.keyWindowMs)
          return `${String(fact.key)} is used ${entry.at - first} ms after it was first used`;
      }
      if (fact.type === 'leg.renewed') {
        const sent = facts.findLast(({ fact: { type } }) => type === 'leg.sending')?.at ?? 0;
        const proofs = facts.filter(
          ({ at, fact: { type, askedAt } }) =>
            type === 'leg.absent' && at >= sent && Number(askedAt) >= sent + seen.knobs.lateArrivalMs,
        );
        if (proofs.length < 2) return `${entry.stream} has a new key after ${proofs.length} proofs`;
      }
    }
    return undefined;
  },
};

const turnedAwayDidNothing: Promised = {
  name: 'turned-away-did-nothing',
  says: 'A request that is recorded as turned away made no refund: the gateway has none under its key, unless an earlier one is in doubt.',
  written: (seen, { stream, events }) => {
    const refund = stream.split('#').at(-1) ?? '';
    for (const fact of events.filter(({ type }) => type === 'leg.deferred')) {
      const number = Number(fact.leg);
      if (seen.books.legsOf.get(refund)?.find((one) => one.leg === number)?.doubt !== false) continue;
      const { facts } = legOf(seen, stream, number);
      const key = facts.findLast((one) => one.fact.type === 'leg.sending')?.fact.key;
      // Who else uses our key has money of their own under it.
      if (seen.refunds.some((one) => one.key === key && !isUnasked(seen, one.id)))
        return `${stream} calls ${String(key)} turned away`;
    }
    return undefined;
  },
};

export const ofKeys: readonly Promised[] = [sameKeyInItsWindow, turnedAwayDidNothing];
