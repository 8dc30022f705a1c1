import type { SimRefund } from '../lib/adapters/kit/simulator.ts';
import { minute } from '../lib/domain/time.ts';
import type { LegBook } from './books.ts';
import { capturedMinor } from './life.ts';
import type { Promised } from './promises.ts';
import { type Fact, legNameOf, type Seen, type SeenEntry } from './seen.ts';
import { orderNumber } from './shop-life.ts';

/** What holds where a shop, a bank or a person of the merchant's thinks again while a refund waits or is on its way. */

const byPerson = ({ actor }: SeenEntry): boolean => actor.startsWith('person:');

const takenBackWaits: Promised = {
  name: 'taken-back-waits',
  says: 'Once a shop has taken a return back, nothing is asked for it any more unless a person lets it go on.',
  written: (seen, entry) => {
    const sendings = entry.events.filter(({ type }) => type === 'leg.sending');
    if (sendings.length === 0) return undefined;
    const before = seen.streams.get(entry.stream) ?? [];
    const since = before.findIndex(({ events }) => events.some(({ type }) => type === 'refund.cancel-refused'));
    if (since < 0) return undefined;
    for (const { leg } of sendings) {
      const goesOn = before
        .slice(since)
        .some((one) => byPerson(one) && one.events.some((fact) => fact.leg === leg && fact.type === 'leg.released'));
      if (!goesOn) return `${entry.stream}/${String(leg)} is sent after its return was taken back`;
    }
    return undefined;
  },
};

/** Longer than whoever says yes, or sends, is at it. */
const whileDeciding = 2 * minute;

const shownBeforeAYes: Promised = {
  name: 'shown-before-a-yes',
  says: 'What somebody else refunded on a payment while a refund was held is shown to whoever lets it go on, before their yes counts.',
  written: (seen, entry) => {
    if (!byPerson(entry)) return undefined;
    for (const { payment, held } of letGoBy(seen, entry)) {
      if (held.events.some(({ reasons }) => String(reasons).includes('refunded-elsewhere'))) continue;
      const unseen = unseenOn(seen, entry, payment, held);
      if (unseen !== undefined) return `${entry.stream} goes on, and nobody saw ${unseen} on ${payment}`;
    }
    return undefined;
  },
};

const shownBeforeItIsSent: Promised = {
  name: 'shown-before-it-is-sent',
  says: 'What waited is not sent before somebody was shown what others refunded on its payment meanwhile.',
  written: (seen, entry) => {
    const before = seen.streams.get(entry.stream) ?? [];
    for (const sending of entry.events.filter(({ type }) => type === 'leg.sending')) {
      const is = (type: string, more: (fact: Fact) => boolean) => (one: SeenEntry) =>
        one.events.some((fact) => fact.type === type && more(fact));
      // A repetition under its key is a question, where nobody else can answer it.
      if (before.some(is('leg.sending', ({ key }) => key === sending.key))) continue;
      const tells = ({ reasons }: Fact) => String(reasons).includes('refunded-elsewhere');
      const told = before.findLast(
        (one) =>
          is('refund.held', tells)(one) || is('leg.held', (fact) => fact.leg === sending.leg && tells(fact))(one),
      );
      const always = () => true;
      const since = told ?? before.find(is('refund.held', always)) ?? before.find(is('refund.approved', always));
      const leg = seen.books.legsOf.get(entry.stream.split('#').at(-1) ?? '')?.find((one) => one.leg === sending.leg);
      if (since === undefined || leg === undefined) continue;
      const unseen = unseenOn(seen, entry, leg.payment, since);
      if (unseen !== undefined) return `${entry.stream} is sent, and nobody saw ${unseen} on ${leg.payment}`;
    }
    return undefined;
  },
};

/** What somebody else refunded on a payment after that was written, and long enough before this entry. */
function unseenOn(seen: Seen, entry: SeenEntry, payment: string, since: SeenEntry): string | undefined {
  const stream = entry.stream.replace(/#.*/, `#payment#${payment}`);
  // By when it really was, and not by what each clock said: who decides may be ahead of whoever counts.
  const counted = new Map<string, number>();
  for (const { writtenAt, events } of seen.streams.get(stream) ?? [])
    for (const { type, theirs } of events) {
      if (type === 'payment.refund-adopted') counted.set(String(theirs), writtenAt);
      if (type === 'payment.adoption-reversed') counted.delete(String(theirs));
    }
  return [...counted].find(([, at]) => at > since.writtenAt && at < entry.writtenAt - whileDeciding)?.[0];
}

/** What an entry lets go on that nothing is at the gateway of: on which payment, and the entry that held it last. */
function letGoBy(seen: Seen, { stream, events }: SeenEntry): { payment: string; held: SeenEntry }[] {
  const before = seen.streams.get(stream) ?? [];
  const heldLast = (is: (fact: Fact) => boolean) => before.findLast((one) => one.events.some(is));
  return events.flatMap((fact) => {
    if (fact.type === 'refund.approved') {
      const held = heldLast(({ type }) => type === 'refund.held');
      return held === undefined ? [] : (fact.legs as Fact[]).map((leg) => ({ payment: String(leg.payment), held }));
    }
    if (fact.type !== 'leg.released') return [];
    const leg = seen.books.legsOf.get(stream.split('#').at(-1) ?? '')?.find((one) => one.leg === fact.leg);
    const held = heldLast(({ type, leg: of }) => type === 'leg.held' && of === fact.leg);
    return held === undefined || leg === undefined || mayBeThere(leg) ? [] : [{ payment: leg.payment, held }];
  });
}

const mayBeThere = ({ asking, doubt, theirs }: LegBook): boolean =>
  asking || doubt || [...theirs.values()].some((state) => state === 'pending' || state === 'succeeded');

const deniedForSure: Promised = {
  name: 'denied-for-sure',
  says: 'Nothing is denied for want of money before its gateway was asked, nor while a refund there that failed, or that somebody else made and that may fail, makes the difference.',
  written: (seen, entry) => {
    // Who can't be asked can't know; and what another kind of gateway is asked is not seen.
    if (seen.knobs.row !== undefined || !entry.events.some(isDenial)) return undefined;
    const facts = [...(seen.streams.get(entry.stream) ?? []).flatMap(({ events }) => events), ...entry.events];
    const requested = facts.find(({ type }) => type === 'refund.requested');
    if (requested === undefined) return undefined;
    const payments = paymentsOf(String(requested.order), seen.knobs.twoEach);
    const { last, before } = seen.questions;
    const since = before.get(entry.stream) ?? before.get(String(requested.notice)) ?? 0;
    const unasked = payments.find((payment) => (last.get(payment) ?? 0) <= since);
    if (unasked !== undefined) return `${entry.stream} is denied, and nobody asked about ${unasked}`;
    const gone = seen.refunds.filter((one) => payments.includes(one.payment) && !mayFail(one));
    const most = gone.reduce((left, { amountMinor }) => left - amountMinor, payments.length * capturedMinor);
    const { amountMinor } = requested.quote as Fact;
    return Number(amountMinor) <= most ? `${entry.stream} is denied, and ${most} may be left` : undefined;
  },
};

const isDenial = ({ type, reasons }: Fact): boolean =>
  type === 'refund.denied' && String(reasons).includes('exceeds-capture');

/** It has failed, or is somebody else's and may. */
const mayFail = ({ status, key }: SimRefund): boolean =>
  status === 'failed' || (status === 'pending' && legNameOf(key) === undefined);

/** The payments of an order, as the gateway names them. */
function paymentsOf(order: string, twoEach: boolean): readonly string[] {
  const n = order.startsWith('order-') ? order.slice('order-'.length) : String(Number(order) - orderNumber(0));
  return twoEach ? [`pi_canary${n}`, `pi_canary${n}b`] : [`pi_canary${n}`];
}

export const ofSecondThoughts: readonly Promised[] = [
  takenBackWaits,
  shownBeforeAYes,
  shownBeforeItIsSent,
  deniedForSure,
];
