import type { LegBook } from './books.ts';
import { mayBeAsked } from './capabilities.ts';
import type { Promised } from './promises.ts';
import { isUnasked, legNameOf, live } from './seen.ts';

/** The journal against what its gateway really did, once all is over. */

export const truthAgrees: Promised = {
  name: 'truth-agrees',
  says: 'What the journal says of each leg is what the gateway did.',
  atEnd: (seen, { struck }) => {
    const { row } = seen.knobs;
    const blind = row !== undefined && !mayBeAsked(row);
    // Nobody told of it, and nobody can be asked: all that is promised then is that no money goes twice.
    if (blind && struck.some((name) => name.startsWith('webhook-lost'))) return undefined;
    const { deployment, payments } = seen.forgotten;
    const restored = deployment > 0;
    // Under a key of ours on another payment it pays nobody that the leg owes.
    const theirs = live(seen.refunds).filter(({ id }) => seen.truth?.unasked.get(id) !== 'elsewhere');
    const moved = Map.groupBy(theirs, ({ key }) => legNameOf(key));
    for (const leg of seen.books.legs) {
      const name = `${leg.refund}/${leg.leg}`;
      const there = moved.get(name) ?? [];
      // A gateway's own error is seen by whoever compares what is held with it, and no key says whose it is where none is echoed.
      const beside = (id: string) => isUnasked(seen, id) || (blind && there.length > 1);
      const seenByNobody = (id: string) => beside(id) && !leg.theirs.has(id) && (blind || isInFront(leg));
      const wrong = disagreement(
        leg,
        there.filter(({ id }) => !seenByNobody(id)).map(({ id, status }) => [id, status] as const),
        {
          blind,
          restored,
          elsewhere: [...(payments.get(name) ?? [])].some((one) => one !== leg.payment),
          // Nobody was told of it, and our code throws at whatever it hears of it.
          stuck: struck.some((one) => one.startsWith('poisoned for ever ') && one.endsWith(`#${leg.refund}`)),
          // It made two and told of the one that nobody asked for, and what it lists can't be read: a person has to look there.
          untold: row?.echoAmount === 'absent' && [...leg.theirs.keys()].some((id) => isUnasked(seen, id)),
          gone: (id) => !seen.refunds.some((one) => one.id === id),
        },
      );
      if (wrong !== undefined) return `${name} ${wrong}`;
    }
    return undefined;
  },
};

const isInFront = ({ state }: LegBook): boolean => state === 'leg.held' || state === 'leg.closed';

function disagreement(
  leg: LegBook,
  there: readonly (readonly [id: string, status: string])[],
  {
    blind,
    restored,
    elsewhere,
    stuck,
    untold,
    gone,
  }: Readonly<Record<'blind' | 'restored' | 'elsewhere' | 'stuck' | 'untold', boolean>> & {
    readonly gone: (id: string) => boolean;
  },
): string | undefined {
  for (const [id, status] of there) {
    const said = leg.theirs.get(id);
    // Decided anew after a restore and cancelled before anything was heard of it: counted as somebody else's (`forgotten-is-counted`).
    if (said === undefined && restored && leg.state === 'approved' && !leg.reserved) continue;
    // Or its return was cancelled before anybody could compare, and a person has to say whether it goes on: only then is it compared.
    if (said === undefined && restored && leg.state === 'leg.held' && leg.heldFor.includes('return-cancelled'))
      continue;
    // It was to be taken from another payment before that was forgotten: what was made then is counted as somebody else's, and a person
    // compares. Or its gateway tells nobody what was made.
    if (said === undefined && (elsewhere || (blind && restored)) && leg.compared) continue;
    // A person closed it while nobody could say; its amount stays reserved, or the refund is counted as somebody else's.
    if (said === undefined && (blind || stuck) && leg.state === 'leg.closed') continue;
    if (said === undefined && untold && isInFront(leg)) continue;
    if (said === undefined && !leg.asking) return `does not know of ${id}`;
    if (said === 'failed' || said === 'lost') return `says ${said} of ${id}, which is ${status}`;
    // What a person holds or has closed waits for nothing: its gateway confirmed another amount than was asked for.
    if (said === 'pending' && status === 'succeeded' && !isInFront(leg)) return `still waits for ${id}`;
  }
  for (const [id, said] of leg.theirs) {
    // That it is nowhere changes nothing for whoever compares or has closed it; and two of one leg are compared with no word of ours.
    if (isInFront(leg) && (gone(id) || leg.heldFor.includes('two-refunds'))) continue;
    // Another one that lives under its keys is this leg's money too: with it, nothing is lost.
    if (gone(id) && there.length > 0) continue;
    if ((said === 'succeeded' || said === 'pending') && !there.some(([one]) => one === id))
      return `says ${said} of ${id}, which failed`;
  }
  return undefined;
}
