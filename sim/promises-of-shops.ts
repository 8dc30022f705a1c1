import { toldReferencesIn } from '../lib/domain/refund/key.ts';
import type { Promised } from './promises.ts';
import { type Fact, legNameOf, live, type Seen } from './seen.ts';
import { orderNumber } from './shop-life.ts';

/** What a Shopify shop can say afterwards: its own pages are the truth about what it owed, paid and was told. */

const toldOnce: Promised = {
  name: 'told-once',
  says: 'A shop has at most one refund record for each refund of ours that it was to be told of.',
  atEnd: (_, { shop }) => {
    const told = (shop?.refunds ?? []).flatMap(({ note }) => toldReferencesIn(note ?? ''));
    const twice = told.find((reference, at) => told.indexOf(reference) !== at);
    return twice && `${twice} stands in two records`;
  },
};

const toldWhenBack: Promised = {
  name: 'told-when-back',
  says: 'A shop is told of a refund only after the gateway said that it took it.',
  written: (seen, { stream, events }) => {
    if (!events.some(({ type }) => type === 'refund.telling')) return undefined;
    const before = (seen.streams.get(stream) ?? []).flatMap((entry) => entry.events);
    return before.some(({ type }) => type === 'leg.accepted') ? undefined : `${stream} is told of before it is back`;
  },
};

const shopIsServed: Promised = {
  name: 'shop-is-served',
  says: 'What a shop owes by its own pages and did not pay itself is asked for once: no more than that goes out, and nothing is missed, whichever webhooks were lost.',
  atEnd: (seen, { shop, life }) => {
    if (shop === undefined) return undefined;
    const shown = shownToAPerson(seen);
    for (const { id } of shop.orders) {
      const owed = life.owed.filter(({ order }) => order === id).reduce((all, { minor }) => all + minor, 0);
      const asked = requested(seen, String(id));
      // What was older than the first look, and missed, is in front of a person: it may have been paid in another way.
      const missed = [...shop.returns, ...shop.refunds].some((one) => one.order === id && shown.has(one.id));
      if (asked > owed || (asked < owed && !missed)) return `order ${id} owes ${owed}, ${asked} was asked for`;
      const paid = live(seen.refunds)
        .filter(({ key, payment }) => legNameOf(key) !== undefined && payment === `pi_canary${id - orderNumber(0)}`)
        .reduce((all, { amountMinor }) => all + amountMinor, 0);
      if (paid > owed) return `order ${id} owes ${owed}, ${paid} went out`;
    }
    return undefined;
  },
};

function requested({ streams }: Seen, order: string): number {
  const first = [...streams.values()].flatMap((entries) => entries[0]?.events ?? []);
  return first
    .filter((fact) => fact.type === 'refund.requested' && fact.order === order)
    .reduce((all, { quote }) => all + Number((quote as Fact).amountMinor), 0);
}

/**
 * The shop's own numbers of what was put aside with an alarm that names it: what is older than our looking, and what a webhook of that name
 * came for before it was there. Shops of one app have the same numbers only here; there it is another shop's webhook at a wrong door.
 */
function shownToAPerson({ streams }: Seen): ReadonlySet<number> {
  const names = [...streams.values()].flatMap((entries) => {
    const facts = entries.flatMap(({ events }) => events);
    const [first] = facts;
    if (first?.type !== 'notice.recorded') return [];
    if (first.kind === 'unknown') return /^missed (\S+)$/.exec(String(first.word))?.[1] ?? [];
    const aside = facts.some(({ type, code }) => type === 'notice.settled' && code === 'return-absent');
    const { subject } = first.content as { readonly subject?: { readonly id: string } };
    return aside && subject !== undefined ? subject.id : [];
  });
  return new Set(names.map((name) => Number(name.split('/').at(-1))));
}

export const ofShops: readonly Promised[] = [toldOnce, toldWhenBack, shopIsServed];
