import { keyField } from '../lib/adapters/gateways/stripe/evidence.ts';
import { sign as signAsStripe } from '../lib/adapters/gateways/stripe/sign.ts';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { sign as signAsShop } from '../lib/adapters/sources/shopify/sign.ts';
import { approveRefund, denyRefund, switchAccount } from '../lib/app/operate.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { replayNotice } from '../lib/app/quarantine.ts';
import { correlationId, parseRefundId } from '../lib/domain/ids.ts';
import type { Happening } from './ceilings.ts';
import { taken } from './doors.ts';
import type { Engine } from './engine.ts';
import type { Life } from './life.ts';
import type { Do } from './people.ts';
import { returnOf, sendReturn } from './returns.ts';
import { oneOf } from './strangers.ts';
import type { World } from './world.ts';

/** What comes from one merchant of an installation to the other one's side, and what both meet at their own doors. */

/** Who decides for this merchant. */
export const personOf = ({ tenant }: World, { ids }: Engine) => ({
  id: tenant.person,
  merchant: tenant.merchant,
  correlation: correlationId(ids.random()),
});

/** A message of this merchant's, as it is signed, comes to the other one's door: of a shop whose app signs for both, or of an account. */
const wrongDoor: Do = async (w, life, n) => {
  const other = w.neighbour();
  if (other === undefined) return;
  const at = w.time.now();
  if (w.shop !== undefined && w.chance.fixed(`door ${n}`) < 0.7) return wrongShop(w, other, life, n);
  life.reached.add('signed for another merchant');
  const real = returnOf(w, 1 + (n % w.knobs.payments), 1);
  const about = oneOf(w, other.account.simulator.refunds(), `about ${n}`);
  const news = eventOf(`evt_crossed_${n}`, 'refund.failed', {
    ...{ id: about?.id ?? 're_none', object: 'refund', status: 'failed', amount: about?.amountMinor ?? 1 },
    ...{ currency: 'eur', payment_intent: about?.payment ?? 'pi_none' },
  });
  const heard =
    w.knobs.shop === 'generic' && w.chance.fixed(`which door ${n}`) < 0.5
      ? await other.post(
          'source',
          real.body,
          sign(real.body, { secret: signing(w, 'shopSecret'), id: `msg_x_${n}`, at }),
        )
      : await other.post('gateway', news, signAsStripe(news, signing(w, 'gatewaySecret'), at));
  if (taken.has(heard)) life.forged.push(`crossing ${n} was ${heard}`);
};

const signing = (w: World, which: 'shopSecret' | 'gatewaySecret' | 'shopifySecret') =>
  w.settings.signing(w.tenant[which]);

/** One app secret signs for all its shops, and no header is signed: it is taken, and can't do more than make that shop be asked. */
async function wrongShop(w: World, other: World, life: Life, n: number): Promise<void> {
  const webhook = oneOf(w, w.shop?.sent ?? [], `crossed webhook ${n}`);
  if (w.shop === undefined || webhook === undefined) return;
  const { 'x-shopify-shop-domain': own, ...bare } = w.signShop(webhook);
  const headers = [
    { ...bare, 'x-shopify-shop-domain': String(own) },
    { ...bare, 'x-shopify-shop-domain': other.tenant.shopDomain },
    bare,
  ];
  const heard = await other.post('source', webhook.body, oneOf(w, headers, `crossed headers ${n}`) ?? bare);
  if (taken.has(heard)) life.reached.add('signed for another shop');
}

/** A shop whose return names the other merchant's account, and a payment that is there under this very name. */
const foreignReturn: Do = (w, life, n) => {
  const other = w.neighbour();
  if (other === undefined || w.shop !== undefined) return;
  const payment = 1 + (n % w.knobs.payments);
  const { body } = returnOf(w, payment, n);
  const { type, data } = JSON.parse(body) as { readonly type: string; readonly data: object };
  const name = `RMA-of-${other.tenant.merchant}-${n}`;
  const payments = [{ connection: other.tenant.gateway, reference: `pi_canary${payment}` }];
  life.reached.add('named another merchant’s payment');
  const crossed = JSON.stringify({ type, data: { ...data, return: name, payments } });
  return sendReturn(w, life, { name, body: crossed }, `msg_foreign_${n}`, 1);
};

/** Somebody who decides for this merchant names what is the other one's: a refund, a notice that was put aside, an account. */
const foreignPerson: Do = async (w, life, n) => {
  const other = w.neighbour();
  if (other === undefined) return;
  const theirs = w.table.dump().state.filter(({ pk }) => String(pk).startsWith(`${other.tenant.merchant}#`));
  const named = (is: (item: Item) => boolean, draw: string): string | undefined =>
    oneOf(
      w,
      theirs.filter(is).map(({ pk }) => String(pk)),
      draw,
    );
  const refund = named(({ pk }) => String(pk).includes('#refund#'), `foreign refund ${n}`);
  // Of what was put aside only what was understood can be taken up again.
  const aside = ({ dayKey, kind }: Item) => String(dayKey).includes('#quarantined#') && kind !== 'unknown';
  const notice = named(aside, `foreign notice ${n}`);
  const id = parseRefundId(String(refund).split('#').at(-1) ?? '');
  const tries: ((engine: Engine) => ReturnType<typeof denyRefund>)[] = [
    (engine) =>
      switchAccount(engine, personOf(w, engine), other.tenant.gateway, { to: 'stopped', reason: 'simulated' }),
  ];
  if (notice !== undefined) tries.push((engine) => replayNotice(engine, personOf(w, engine), notice));
  if (id !== undefined)
    tries.push(
      (engine) => approveRefund(engine, personOf(w, engine), id),
      (engine) => denyRefund(engine, personOf(w, engine), id),
    );
  for (const [place, attempt] of tries.entries()) {
    const ended = await w.functions.invoke('operate', attempt);
    if (ended.is !== 'done') continue;
    life.reached.add('decided for another merchant');
    if (ended.value.is === 'done')
      life.crossed.push(`${w.tenant.person} did ${place} of what is not theirs, the ${n}th time`);
  }
};

/** Somebody refunds in this merchant's dashboard, and writes there what stands at a refund of the other one's: their key. */
const copiedKey: Do = (w, life, n) => {
  const theirs = w.neighbour()?.account.simulator.refunds() ?? [];
  const copied = oneOf(w, theirs, `copied ${n}`);
  if (copied?.key == null) return;
  life.reached.add('another merchant’s key');
  w.account.arrive({
    method: 'POST',
    path: '/v1/refunds',
    query: '',
    headers: { authorization: `Bearer ${w.tenant.credential.reveal()}` },
    body: new URLSearchParams({
      payment_intent: `pi_canary${1 + (n % w.knobs.payments)}`,
      amount: String(Math.floor(1 + w.chance.fixed(`copied amount ${n}`) * 3000)),
      [`metadata[${keyField}]`]: copied.key,
    }).toString(),
  });
};

const inAFlood = 40;

/** A shop whose software posts the same again and again, each time under a new name; and returns of the other merchant's come meanwhile. */
const flood: Do = (w, life, n) => {
  const other = w.neighbour();
  for (let one = 0; one < inAFlood; one += 1) {
    w.time.after(50 * one, `flood ${n} ${one}`, async () => {
      const of = await again(w, n, one);
      if (of !== undefined) life.accepted.push(of);
    });
    if (other !== undefined && one % 5 === 4)
      w.time.after(50 * one + 400, `beside flood ${n} ${one}`, () => again(other, n, one));
  }
};

/** What was said before, under a new name; answers what was taken of it. */
async function again(w: World, n: number, one: number): Promise<Life['accepted'][number] | undefined> {
  const deliveryId = `msg_flood_${n}_${one}`;
  if (w.shop !== undefined) {
    const { sent } = w.shop;
    const webhook = sent[one % Math.max(1, sent.length)];
    if (webhook !== undefined)
      await w.post('source', webhook.body, { ...w.signShop(webhook), 'x-shopify-webhook-id': deliveryId });
    return undefined;
  }
  const of = returnOf(w, 1 + (one % w.knobs.payments), 1 + (one % w.knobs.returnsEach));
  const headers = sign(of.body, { secret: signing(w, 'shopSecret'), id: deliveryId, at: w.time.now() });
  const heard = await w.post('source', of.body, headers);
  return heard === 'recorded' || heard === 'seen' ? { ...of, deliveryId } : undefined;
}

const eventOf = (id: string, type: string, object: object, more: object = {}): string =>
  JSON.stringify({ id, object: 'event', livemode: false, type, data: { object }, ...more });

/** The gateway sends what nobody here can use: of another kind, mode or account, of nothing that is there, or no event at all. */
const uselessEvent: Do = (w, life, n) => {
  const id = `evt_useless_${n}`;
  const refund = { id: `re_useless_${n}`, object: 'refund', status: 'succeeded', amount: 100, currency: 'eur' };
  const charge = { id: `ch_useless_${n}`, object: 'charge', captured: true, amount_captured: 100, status: 'succeeded' };
  const bodies = [
    '<html>Bad gateway</html>',
    '{}',
    `{"id":"${id}","id":"${id}","object":"event"}`,
    eventOf(id, 'payout.paid', { id: 'po_1', object: 'payout' }),
    eventOf(id, 'refund.updated', refund, { livemode: true }),
    eventOf(id, 'refund.updated', refund, { account: 'acct_9' }),
    eventOf(id, 'refund.updated', { ...refund, payment_intent: 'pi_nowhere' }),
    eventOf(id, 'refund.updated', { ...refund, payment_intent: 'pi_nowhere', amount: '1,00' }),
    eventOf(id, 'charge.succeeded', { ...charge, payment_intent: 'pi_nowhere', currency: 'zzz', created: 1 }),
    eventOf(`${id}_${'x'.repeat(3000)}`, 'refund.updated', { ...refund, payment_intent: 'pi_nowhere' }),
  ];
  const body = oneOf(w, bodies, `useless ${n}`);
  if (body !== undefined) w.account.emit([{ id, body, delayMs: 0 }]);
  life.reached.add('useless event');
};

/** Somebody signs with a secret that was in use until it was replaced. */
const retiredSecret: Do = async (w, life, n) => {
  const { shopSecret, shopifySecret, gatewaySecret } = w.tenant;
  if (!w.settings.retired(gatewaySecret)) return;
  life.reached.add('signed with a retired secret');
  const at = w.time.now();
  const real = returnOf(w, 1 + (n % w.knobs.payments), 1);
  const webhook = oneOf(w, w.shop?.sent ?? [], `retired ${n}`);
  const news = eventOf(`evt_retired_${n}`, 'payout.paid', { id: 'po_1', object: 'payout' });
  const heard = [await w.post('gateway', news, signAsStripe(news, gatewaySecret, at))];
  if (w.shop === undefined)
    heard.push(await w.post('source', real.body, sign(real.body, { secret: shopSecret, id: `msg_retired_${n}`, at })));
  else if (webhook !== undefined)
    heard.push(
      await w.post('source', webhook.body, { ...w.signShop(webhook), ...signAsShop(webhook.body, shopifySecret) }),
    );
  if (heard.some((answer) => taken.has(answer)))
    life.forged.push(`a message under a retired secret was ${heard.join(' and ')}`);
};

export const crossings = {
  'wrong-door': wrongDoor,
  'foreign-return': foreignReturn,
  'foreign-person': foreignPerson,
  'copied-key': copiedKey,
  flood,
  'useless-event': uselessEvent,
  'retired-secret': retiredSecret,
} as const satisfies Partial<Record<Happening, Do>>;
