import { tendItem } from '../lib/domain/streams.ts';
import { minute } from '../lib/domain/time.ts';
import type { Happening } from './ceilings.ts';
import { taken } from './doors.ts';
import { capture, capturedMinor, type Life } from './life.ts';
import { type Do, refundThere } from './people.ts';
import type { SimulatedShop } from './shop.ts';
import type { World } from './world.ts';

/** What happens in a Shopify shop: orders, returns and refund records, all of it drawn by name from the seed. */

/** Each line of an order is two things at this price together, of which one comes back; the lines are all that was paid for. */
const lineMinor = 2500;
const priceMinor = lineMinor / 2;
const linesEach = 4;
export const orderNumber = (payment: number): number => 1000 + payment;

export function sellAndTakeBack(w: World, shop: SimulatedShop, life: Life): void {
  const { knobs, chance, time } = w;
  for (let p = 1; p <= knobs.payments; p += 1) {
    const order = orderNumber(p);
    const id = capture(w, p, String(order));
    shop.staff('orders', {
      id: order,
      currency: 'EUR',
      lines: Array.from({ length: linesEach }, (_, line) => ({
        id: line + 1,
        quantity: 2,
        price: decimal(lineMinor),
      })),
      transactions: [{ gateway: 'stripe', reference: id, amount: decimal(capturedMinor) }],
    });
    for (let line = 1; line <= Math.min(linesEach, knobs.returnsEach); line += 1) {
      if (!w.does(`return ${p}.${line}`)) continue;
      const at = Math.floor(chance.fixed(`return ${p}.${line}`) * knobs.spanMs);
      time.after(at, `return ${p}.${line}`, () => takeBack({ w, shop, life, p, line }));
    }
  }
}

interface Taking {
  readonly w: World;
  readonly shop: SimulatedShop;
  readonly life: Life;
  readonly p: number;
  readonly line: number;
}

function takeBack(taking: Taking): void {
  const { w, p, line } = taking;
  const drawn = w.chance.fixed(`kind ${p}.${line}`);
  const kinds =
    w.knobs.shop === 'return-processed'
      ? [processed, processed, processed, cancelled]
      : [recorded, recorded, returnedAndRecorded, paidByShop];
  kinds[Math.floor(drawn * kinds.length)]?.(taking);
}

const decimal = (minor: number): string => (minor / 100).toFixed(2);
const lineOf = ({ line }: Taking) => ({ id: line, quantity: 1 });
const returnId = ({ p, line }: Taking): number => p * 10 + line;
const soon = (taking: Taking, what: string, run: () => void): void => {
  const name = `${what} ${taking.p}.${taking.line}`;
  taking.w.time.after(Math.floor(taking.w.chance.fixed(name) * 30 * minute), name, run);
};
const owe = (taking: Taking): void => {
  taking.life.owed.push({ order: orderNumber(taking.p), minor: priceMinor });
};

function recorded(taking: Taking, more: object = {}): void {
  const { shop, p, life } = taking;
  shop.staff('refunds', { order: orderNumber(p), lines: [lineOf(taking)], ...more });
  owe(taking);
  life.reached.add('shop record');
}

/** The shop has its own gateway pay, and states that. */
function paidByShop(taking: Taking): void {
  const { w, shop, p, life } = taking;
  const before = w.account.simulator.refunds().length;
  refundThere(w, p, priceMinor);
  const paid = w.account.simulator.refunds().length > before;
  const moved = { moved: decimal(priceMinor), status: paid ? 'SUCCESS' : 'FAILURE' };
  shop.staff('refunds', { order: orderNumber(p), lines: [lineOf(taking)], ...moved });
  if (!paid) owe(taking);
  life.reached.add(paid ? 'shop paid itself' : 'shop could not pay');
}

const approve = (taking: Taking, more: object = {}): void => {
  const { shop, p } = taking;
  shop.staff('returns', { id: returnId(taking), order: orderNumber(p), lines: [lineOf(taking)], ...more });
};

function returnedAndRecorded(taking: Taking): void {
  approve(taking);
  soon(taking, 'record', () => recorded(taking, { return: returnId(taking) }));
}

/** The shop wants its refund record from us. */
function processed(taking: Taking): void {
  approve(taking);
  soon(taking, 'process', () => {
    approve(taking, { lines: [{ ...lineOf(taking), processed: 1 }] });
    owe(taking);
    taking.life.reached.add('shop processed');
  });
}

function cancelled(taking: Taking): void {
  approve(taking);
  soon(taking, 'cancel', () => {
    approve(taking, { status: 'CANCELED' });
    taking.life.reached.add('shop cancelled');
  });
}

/** Schemes that sign a time take nothing older. */
const oldMs = 5 * minute;

/** A webhook comes again, under whatever name. */
const repeat: Do = async (w, life, n) => {
  const webhook = w.shop?.sent[n % Math.max(1, w.shop.sent.length)];
  if (w.shop === undefined || webhook === undefined) return;
  const headers = w.signShop(webhook);
  if (w.time.now() > webhook.at + oldMs) life.reached.add('old hint again');
  const renamed = w.chance.fixed(`repeat id ${n}`) < 0.5;
  const other = renamed ? { 'x-shopify-webhook-id': `repeat-${n}` } : {};
  if (renamed) life.reached.add('repeat under another id');
  await w.post('source', webhook.body, { ...headers, ...other });
};

const forge: Do = async (w, life, n) => {
  const webhook = w.shop?.sent[n % Math.max(1, w.shop.sent.length)];
  if (w.shop === undefined || webhook === undefined) return;
  const headers = w.shop.simulator.sign(webhook, w.time.now());
  const attacks = [
    { body: `${webhook.body} `, headers },
    { body: webhook.body, headers: { ...headers, 'x-shopify-hmac-sha256': '' } },
    { body: webhook.body.replace('"id":', '"id":1'), headers },
  ];
  const attack = attacks[Math.floor(w.chance.fixed(`attack ${n}`) * attacks.length)] ?? attacks[0];
  if (attack === undefined) return;
  const heard = await w.post('source', attack.body, attack.headers);
  if (taken.has(heard)) life.forged.push(`attack ${n} was ${heard}`);
};

/** Nobody cancels by webhook here: that is one of the things that happen to a return. */
const cancel: Do = () => undefined;

/**
 * The shop takes all subscriptions away, as it does with whoever did not answer for long. Not before anybody has looked at them once: of
 * that time nobody can know, and nothing is promised.
 */
const unsubscribe: Do = async ({ shop, table, tenant }) => {
  const looked = await table.get({ table: 'state', pk: tendItem(tenant.merchant, tenant.shopify) });
  if (looked === undefined) return;
  shop?.staff('subscriptions', { drop: shop.simulator.state.subscriptions.map(({ topic }) => topic) });
};

/** What is done otherwise where the returns are a Shopify shop's. */
export const inShops: Partial<Readonly<Record<Happening, Do>>> = { repeat, forge, cancel, unsubscribe };
