import type { Forgotten } from './forgotten.ts';
import { type Fact, type Seen, type SeenEntry, startOver, take } from './seen.ts';

/**
 * The tables hold these entries and nothing else from now on. What promises know of the store is known from its entries, and goes back with
 * them: a chain goes on from where the tables are. What was sent and what the gateway has does not go back.
 */
export function goBack(seen: Seen, kept: readonly SeenEntry[], deployment: number): void {
  const { forgotten } = seen;
  const known = new Set(kept.map(({ digest }) => digest));
  for (const entries of seen.streams.values())
    for (const entry of entries) if (!known.has(entry.digest)) forget(forgotten, entry);
  startOver(seen);
  forgotten.deployment = deployment;
  forgotten.journal = 0;
  for (const entry of kept) {
    take(seen, entry);
    for (const fact of entry.events) if (fact.type === 'leg.sending') forgotten.keys.delete(String(fact.key));
  }
}

function forget({ entries, keys, amounts, payments }: Forgotten, entry: SeenEntry): void {
  entries.push(entry);
  const refund = entry.stream.split('#').at(-1);
  for (const fact of entry.events) {
    if (fact.type === 'leg.sending') keys.add(String(fact.key));
    if (fact.type !== 'refund.approved') continue;
    for (const { leg, amountMinor, payment } of fact.legs as Fact[]) {
      const name = `${refund}/${String(leg)}`;
      payments.set(name, (payments.get(name) ?? new Set()).add(String(payment)));
      amounts.set(name, (amounts.get(name) ?? new Set()).add(BigInt(String(amountMinor))));
    }
  }
}
