import { mayBeAsked } from './capabilities.ts';
import type { Promised } from './promises.ts';
import { type Fact, legNameOf, live, type Seen, type SeenEntry } from './seen.ts';

/** What holds where a gateway goes back on its word, or pays what nobody asked it for. */

const legIn = ({ books }: Seen, { stream }: SeenEntry, fact: Fact) =>
  books.legsOf.get(stream.split('#').at(-1) ?? '')?.find((one) => one.leg === fact.leg);

/** Who can't be asked, and may not even say whose it is, leaves nobody the wiser. */
const canBeAsked = ({ knobs: { row } }: Seen): boolean => row === undefined || mayBeAsked(row);

/** Another refund of the leg lives, or nobody knows of its failure. */
const othersOf = (all: ReadonlyMap<string, string>, gone: string): boolean =>
  [...all].some(([id, said]) => id !== gone && said !== 'failed' && said !== 'lost');

const goneIsHeld: Promised = {
  name: 'gone-is-held',
  says: 'A success that its gateway takes back is in front of a person from that moment, also where one had closed it, unless another one of the leg lives; and so is one that it has no more, unless a person has closed it.',
  written: (seen, entry) => {
    for (const fact of entry.events.filter(({ type }) => type === 'leg.failed' || type === 'leg.lost')) {
      const leg = legIn(seen, entry, fact);
      if (leg?.theirs.get(String(fact.theirs)) !== 'succeeded') continue;
      const now = entry.events.some((one) => one.type === 'leg.held' && one.leg === fact.leg);
      const closed =
        leg.state === 'leg.closed' && (fact.type === 'leg.lost' || othersOf(leg.theirs, String(fact.theirs)));
      if (!now && leg.state !== 'leg.held' && !closed)
        return `${entry.stream} was ${String(fact.theirs)}, which is gone, and nobody is shown that`;
    }
    return undefined;
  },
};

const lostStaysLost: Promised = {
  name: 'lost-stays-lost',
  says: 'What its gateway has no more is not called refunded again by what its key still answers, before the gateway has it again.',
  written: (seen, entry) => {
    // A webhook that is late speaks of before: it is taken, and looked for again at the first age.
    for (const fact of entry.events.filter(({ type, source }) => type === 'leg.accepted' && source === 'answer')) {
      const theirs = String(fact.theirs);
      if (legIn(seen, entry, fact)?.theirs.get(theirs) === 'lost' && !seen.refunds.some(({ id }) => id === theirs))
        return `${entry.stream} is ${theirs} again, which its gateway does not have`;
    }
    return undefined;
  },
};

const lostIsGone: Promised = {
  name: 'lost-is-gone',
  says: 'A success is called lost only while its gateway has it no more: its silence is no word.',
  written: ({ refunds }, { stream, events }) => {
    const lost = events.filter(({ type }) => type === 'leg.lost').map(({ theirs }) => String(theirs));
    const there = live(refunds).find(({ id }) => lost.includes(id));
    return there && `${stream} calls ${there.id} lost, which its gateway has`;
  },
};

const stoppedBesideTwo: Promised = {
  name: 'stopped-beside-two',
  says: 'Before a second refund of a leg is on record, nothing more can be sent through its account.',
  written: (seen, entry) => {
    for (const fact of entry.events.filter(({ type }) => type === 'leg.surplus')) {
      const account = String(legIn(seen, entry, fact)?.connection);
      if (!seen.stoppedAccounts.has(account)) return `${entry.stream} has two refunds, and ${account} goes on`;
    }
    return undefined;
  },
};

const noneBesideOne: Promised = {
  name: 'none-beside-one',
  says: 'The right to send under a new key is given only while nothing that we did not ask for lives under a key of before, if the gateway can be asked.',
  written: (seen, entry) => {
    if (!canBeAsked(seen)) return undefined;
    const refund = entry.stream.split('#').at(-1);
    for (const fact of entry.events.filter(({ type }) => type === 'leg.sending')) {
      const name = `${refund}/${String(fact.leg)}`;
      const beside = live(seen.refunds).find(
        ({ id, key }) => legNameOf(key) === name && key !== fact.key && seen.truth?.unasked.get(id) === 'here',
      );
      if (beside !== undefined) return `${name} is sent anew beside ${beside.id}`;
    }
    return undefined;
  },
};

const deniedForGood: Promised = {
  name: 'denied-for-good',
  says: 'Nothing is denied for want of money while its gateway, which can be asked, says that more of the payment may be captured.',
  written: (seen, entry) => {
    if (!canBeAsked(seen) || seen.truth === undefined) return undefined;
    const denied = entry.events.some(
      ({ type, reasons }) => type === 'refund.denied' && String(reasons).includes('exceeds-capture'),
    );
    if (!denied) return undefined;
    const facts = [...(seen.streams.get(entry.stream) ?? []).flatMap(({ events }) => events), ...entry.events];
    const order = String(facts.find(({ type }) => type === 'refund.requested')?.order);
    const payment = order.replace('order-', 'pi_canary');
    return seen.truth.open.has(payment) ? `${entry.stream} is denied, and more of ${payment} may come` : undefined;
  },
};

export const ofProcessors: readonly Promised[] = [
  goneIsHeld,
  lostStaysLost,
  lostIsGone,
  stoppedBesideTwo,
  noneBesideOne,
  deniedForGood,
];
