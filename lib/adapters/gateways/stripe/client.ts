import type { Found, Gateway, Identified, Looked, RefundOrder } from '../../../app/ports/gateway.ts';
import type { Outcome } from '../../../domain/refund/outcome.ts';
import type { OpenGateway } from '../../kit/open.ts';
import { type Account, accountOf, ask } from './account.ts';
import { idOf, keyField } from './evidence.ts';
import { type ListedDisputes, listDisputes, listRefunds, listSince, paymentParam } from './listing.ts';
import { capabilities } from './manifest.ts';
import { toWire } from './money.ts';
import { chargeOf, readBody, refused, saysMissing, toFound, toLooked, toOutcome } from './translate.ts';

/** `settings.baseUrl` leads to another host (a simulator), `settings.account` to a connected account. */
export const open: OpenGateway = (connection, credential, world) => {
  const account = accountOf(connection, credential, world);
  return {
    capabilities,
    endpoint: endpointOf(account.baseUrl),
    refund: (order) => refund(account, order),
    find: (query) => find(account, query),
    look: (query) => look(account, query),
    refundsSince: (query) => listSince(account, query),
    identify: (query) => identify(account, query),
    apartMs: () => account.clock.apartMs,
  } satisfies Gateway;
};

/** Where keys are known: the host. A simulator on this machine is the same one whatever port it has today. */
function endpointOf(baseUrl: string): string {
  const { protocol, host } = new URL(baseUrl);
  return protocol === 'https:' ? host : 'simulator';
}

/** A PaymentIntent, or a charge of its own. Nothing else is a payment of Stripe's, and nothing else goes into a URL. */
const referenceForm = /^(?:pi|ch|py)_[A-Za-z0-9_-]{1,200}$/;

/** docs.stripe.com/api/refunds/create. The amount is always sent: without it Stripe refunds all that is left. */
async function refund(account: Account, order: RefundOrder): Promise<Outcome> {
  const amount = toWire(order.amountMinor, order.currency);
  if (typeof amount === 'string') return refused(amount, 'final', false);
  if (!referenceForm.test(order.reference)) return refused('no-such-reference', 'final', false);
  if (!/^[\x21-\x7e]{1,255}$/.test(order.key)) return refused('key-not-usable', 'final', false);
  const answer = await ask(account, order, (stripe) =>
    stripe.refunds.create(
      {
        ...paymentParam(order.reference),
        amount,
        metadata: { [keyField]: order.key, redress_refund: order.refund, redress_leg: String(order.leg) },
      },
      { idempotencyKey: order.key },
    ),
  );
  return toOutcome(answer, order.reference, account.now());
}

async function find(account: Account, query: Parameters<Gateway['find']>[0]): Promise<Found> {
  if (!referenceForm.test(query.reference)) return { is: 'cannot-tell', why: 'no-such-reference' };
  const listed = await listRefunds(account, query.reference, query.limitMs);
  return listed.is === 'all' ? toFound(listed.refunds, query) : listed;
}

const none: ListedDisputes = { is: 'all', disputes: [] };

async function look(account: Account, query: Parameters<Gateway['look']>[0]): Promise<Looked> {
  const { reference, limitMs } = query;
  if (!referenceForm.test(reference)) return { is: 'absent' };
  const until = account.now() + limitMs;
  const answer = await ask(account, { limitMs }, (stripe) =>
    reference.startsWith('pi_')
      ? stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] })
      : stripe.charges.retrieve(reference),
  );
  if (saysMissing(answer)) return { is: 'absent' };
  const read = readBody(answer, account.now());
  if (read.is === 'cannot-tell') return read;
  // An object of the other mode means a credential of the other mode (F25).
  if (read.body.livemode !== (account.connection.mode === 'live')) return { is: 'cannot-tell', why: 'other-mode' };
  if (read.body.id !== reference) return { is: 'cannot-tell', why: 'other-object' };
  const listed = await listRefunds(account, reference, until - account.now());
  if (listed.is === 'cannot-tell') return listed;
  const contested = chargeOf(read.body)?.disputed === true;
  const disputed = contested ? await listDisputes(account, reference, until - account.now()) : none;
  if (disputed.is === 'cannot-tell') return disputed;
  const more = { refunds: listed.refunds, disputes: disputed.disputes };
  return toLooked(read.body, more, account.connection.settings.orderMetadataKey);
}

/** docs.stripe.com/api/accounts/retrieve: the account of the key, or the connected one that `settings.account` names. */
async function identify(account: Account, { limitMs }: { readonly limitMs: number }): Promise<Identified> {
  const answer = await ask(account, { limitMs }, (stripe) => stripe.accounts.retrieveCurrent());
  const read = readBody(answer, account.now());
  if (read.is === 'cannot-tell') return read;
  const id = read.body.object === 'account' ? idOf(read.body.id) : undefined;
  return id === undefined ? { is: 'cannot-tell', why: 'unreadable' } : { is: 'account', id };
}
