import type { MerchantId, PaymentId } from '../domain/ids.ts';
import { type CallNeeds, look, openIfPossible } from './gateway-call.ts';
import { connectionOf } from './if-available.ts';
import { learnPayment } from './learn-payment.ts';
import { getPayment, openPayment, type PaymentNeeds } from './payments.ts';
import type { Looked } from './ports/gateway.ts';
import type { Author } from './refunds.ts';

/**
 * Asks the gateway about a payment that is known, and records what it says: captures, disputes, refunds of others. Undefined where it can't
 * be asked or does not say; nothing is known better then.
 */
export async function lookAgain(
  needs: CallNeeds & PaymentNeeds,
  of: { readonly merchant: MerchantId; readonly payment: PaymentId; readonly author: Author },
): Promise<Extract<Looked, { is: 'payment' }> | undefined> {
  const stored = await getPayment(needs, of.merchant, of.payment);
  const connection = stored && (await connectionOf(needs, of.merchant, stored.connection));
  const gateway = connection && (await openIfPossible(needs, connection));
  if (stored === undefined || connection === undefined || gateway === undefined) return undefined;
  const secrets = await openPayment(needs, of.merchant, of.payment, stored);
  if (secrets === 'foreign') return undefined;
  const looked = await look(needs, gateway, { correlation: of.author.correlation, connection }, secrets.reference);
  if (looked.is !== 'payment') return undefined;
  await learnPayment(needs, connection, looked, of.author);
  return looked;
}
