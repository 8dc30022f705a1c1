import type { ConnectionName, MerchantId, PaymentId } from '../domain/ids.ts';
import { paymentStream } from '../domain/streams.ts';
import type { StoredPayment } from './balances.ts';
import type { CallNeeds } from './gateway-call.ts';
import { sortable } from './heads.ts';
import { connectionOf } from './if-available.ts';
import { lookAgain } from './look-again.ts';
import type { Needs } from './needs.ts';
import { getPayment, type PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Author } from './refunds.ts';

/**
 * While a connection is out of the settings, or another merchant's by a mistake in them, its gateway tells of a payment what nobody hears, or
 * what goes into the other one's books (F23): a refund made by hand, a dispute. It is told once. So whoever finds the connection gone writes
 * that on the payment's head, and before anything is decided or sent on it again, its gateway is asked (F44, F46). A mark and no fact: what is
 * learned by asking is one.
 */
export async function connectionOfPayment(
  needs: Pick<CallNeeds, 'table' | 'clock' | 'connections'>,
  merchant: MerchantId,
  { payment, connection }: { readonly payment: PaymentId; readonly connection: ConnectionName },
): Promise<Connection | undefined> {
  const found = await connectionOf(needs, merchant, connection);
  if (found !== undefined) return found;
  const update = { table: 'state', pk: paymentStream(merchant, payment) } as const;
  await needs.table.write([{ update, set: { unheard: sortable(needs.clock.now()) }, only: [{ is: 'present' }] }]);
  return undefined;
}

interface Of {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly author: Author;
}

/** The payment, with what was told of it meanwhile, where its gateway says that by now. */
export async function heardPayment(needs: CallNeeds & PaymentNeeds, of: Of): Promise<StoredPayment | undefined> {
  const stored = await getPayment(needs, of.merchant, of.payment);
  if (stored?.unheard === undefined || !(await hear(needs, of, stored.unheard))) return stored;
  return getPayment(needs, of.merchant, of.payment);
}

/** Whether its gateway said. Who dies between learning that and taking the mark off has asked once more than needed. */
export async function hear(needs: CallNeeds & PaymentNeeds, of: Of, noted: string): Promise<boolean> {
  if ((await lookAgain(needs, of)) === undefined) return false;
  await forgetUnheard(needs, of, noted);
  return true;
}

/** Not where it was found gone anew since. */
export async function forgetUnheard(
  { table }: Pick<Needs, 'table'>,
  { merchant, payment }: Pick<Of, 'merchant' | 'payment'>,
  noted: string,
): Promise<void> {
  const update = { table: 'state', pk: paymentStream(merchant, payment) } as const;
  await table.write([{ update, remove: ['unheard'], only: [{ attribute: 'unheard', is: 'equal', value: noted }] }]);
}
