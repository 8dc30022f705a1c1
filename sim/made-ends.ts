import type { Item } from '../lib/app/ports/table.ts';
import type { Read, ReadRefund } from './reader.ts';
import type { Seen } from './seen.ts';

/** What there is at the end of a history that is made by hand, where a step does not say otherwise. */

/** As a head is in the end where a step does not say otherwise: a person is reminded of each refund, balances are right. */
export function endOf({ books }: Seen, stream: string, begun: number): Item {
  const [, kind, name = ''] = stream.split('#');
  if (kind === 'refund') return { status: 'held', dueAt: BigInt(begun) };
  if (kind === 'notice') return { status: 'done' };
  const book = books.payments.get(name);
  if (book === undefined) return {};
  const legs = books.legs.filter((leg) => leg.payment === name);
  const sum = (of: (leg: (typeof legs)[number]) => boolean) =>
    legs.filter(of).reduce((all, { amount }) => all + amount, 0n);
  const { captured, others, surplus, chargedBack, disputes } = book;
  return {
    captured,
    available: captured - others - surplus - chargedBack - sum(({ reserved }) => reserved),
    refunded: others + surplus + sum(({ succeeded }) => succeeded),
    chargedBack,
    disputes,
  };
}

/** As people are shown it where a step does not say otherwise. */
export function readFrom({ streams }: Seen, state: ReadonlyMap<string, Item>): Read {
  const refunds = new Map<string, ReadRefund>();
  for (const [stream, entries] of streams) {
    if (!stream.includes('#refund#')) continue;
    const facts = entries.flatMap(({ events }) => events);
    refunds.set(String(stream.split('#').at(-1)), {
      status: String(state.get(stream)?.status),
      history: entries.length,
      bundled: entries.length,
      attempts: facts.filter(({ type }) => type === 'leg.sending').length,
      gatewayRefunds: [...new Set(facts.flatMap(({ theirs }) => (theirs === undefined ? [] : [String(theirs)])))],
    });
  }
  const settled = (stream: string) => streams.get(stream)?.flatMap(({ events }) => events) ?? [];
  const aside = [...streams.keys()].filter((stream) =>
    settled(stream).some(({ outcome }) => outcome === 'quarantined'),
  );
  return { listed: [...refunds.keys()], refunds, aside, found: [], closed: [] };
}
