import type { MerchantId, RefundId } from '../domain/ids.ts';
import { adopt } from './adopt.ts';
import type { CallNeeds } from './gateway-call.ts';
import { connectionOf } from './if-available.ts';
import { lookAgain } from './look-again.ts';
import { forgottenOn, getPayment, oursOf, type PaymentNeeds } from './payments.ts';
import type { Author } from './refunds.ts';

/**
 * The gateway may have a refund under the keys of one that was withdrawn: a restored journal forgot it and took it in as somebody else's, a
 * worker took it back from there for its leg, and died before the leg had it (F53, F117). No leg asks for it any more, so the gateway is
 * asked here, and what it has is counted as made elsewhere again. False where that can't be said now.
 */
export async function countWithdrawn(
  needs: CallNeeds & PaymentNeeds,
  of: { readonly merchant: MerchantId; readonly refund: RefundId; readonly author: Author },
): Promise<boolean> {
  if (needs.restored === 0) return true;
  const { merchant, refund, author } = of;
  for (const payment of await forgottenOn(needs, merchant, refund)) {
    const stored = await getPayment(needs, merchant, payment);
    const connection = stored && (await connectionOf(needs, merchant, stored.connection));
    const looked = connection && (await lookAgain(needs, { merchant, payment, author }));
    if (connection === undefined || looked === undefined) return false;
    for (const evidence of looked.refunds) {
      if (oursOf(needs, evidence)?.refund !== refund) continue;
      const adopted = await adopt(needs, { connection, payment, author }, evidence);
      if (adopted === 'busy' || adopted === 'in-flight') return false;
    }
  }
  return true;
}
