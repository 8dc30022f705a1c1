import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import type { Refund } from '../domain/refund/state.ts';
import { orderItem } from '../domain/streams.ts';
import { type BlindIndex, blindOrder } from './blind.ts';
import type { Also } from './journal.ts';
import type { Needs } from './needs.ts';
import { orderWrite, unboundPayments } from './payments.ts';
import type { Condition } from './ports/table.ts';

/**
 * One source per order pays. The first approval for an order binds the source it came from, in its own transaction; what another source
 * states for that order waits for a person, since nobody can tell whether it is the same parcel told twice.
 */

type NeedsBlind = Pick<Needs, 'table'> & { readonly blind: BlindIndex };

/** Whether a refund of this order was approved for another source before. */
export async function paidByOther(
  needs: NeedsBlind,
  of: { readonly merchant: MerchantId; readonly order: string; readonly source: ConnectionName },
): Promise<boolean> {
  const mac = await blindOrder(needs.blind, of.merchant, of.order);
  const item = await needs.table.get({ table: 'state', pk: orderItem(of.merchant, mac) });
  return item?.source !== undefined && item.source !== of.source;
}

/** Name of the condition that another source was first. */
export const sourceName = 'source';

interface Approving {
  readonly before: Refund;
  readonly after: Refund;
  readonly events: readonly RefundEvent[];
  /** The blind index of the order that binds its payments; undefined where a person knows that they are another order's. */
  readonly order: string | undefined;
}

/**
 * What else an approval writes: its payments' order, where they had none, and the order's source, where it has none. A person who saw
 * that another source was first, and said yes, binds nothing.
 */
export async function bindings(needs: NeedsBlind, merchant: MerchantId, of: Approving): Promise<Also[]> {
  const { before, after, events, order } = of;
  if (after.is !== 'approved' || !events.some((event) => event.type === 'refund.approved')) return [];
  const payments = order === undefined ? [] : await unboundPayments(needs, merchant, events);
  const bound = payments.length === 0 ? [] : [await orderWrite(needs, merchant, order ?? '', payments)];
  const knowingly =
    after.cleared.includes('other-source') || (before.is === 'held' && before.reasons.includes('other-source'));
  if (knowingly) return bound;
  const mac = order ?? (await blindOrder(needs.blind, merchant, after.order));
  return withSource(bound, orderItem(merchant, mac), after.return.connection);
}

/** One item is written once in a transaction: the source joins what is written to the order anyway. */
function withSource(bound: readonly Also[], pk: string, source: ConnectionName): Also[] {
  const only: Condition = { attribute: 'source', is: 'unset-or-equal', value: source };
  const [first] = bound;
  if (first === undefined || !('update' in first.write))
    return [{ name: sourceName, write: { update: { table: 'state', pk }, set: { source }, only: [only] } }];
  const { write } = first;
  return [{ name: first.name, write: { ...write, set: { ...write.set, source }, only: [...write.only, only] } }];
}
