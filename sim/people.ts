import { noFaults } from '../lib/adapters/kit/simulator.ts';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { approveRefund, denyRefund, switchSending } from '../lib/app/operate.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { correlationId, parseRefundId, type RefundId } from '../lib/domain/ids.ts';
import { minute, plus } from '../lib/domain/time.ts';
import type { Happening } from './ceilings.ts';
import { credential, merchant, shopSecret } from './connections.ts';
import type { Life } from './life.ts';
import { returnOf, sendReturn } from './returns.ts';
import { taken, type World } from './world.ts';

/** What people, banks and strangers do: the `n`th of its kind in this run. */
export type Do = (w: World, life: Life, n: number) => unknown;

/** The same delivery comes again, or the same return under a new delivery id. */
const repeat: Do = (w, life, n) => {
  const [p, r] = [1 + (n % w.knobs.payments), 1 + (n % w.knobs.returnsEach)];
  const id = w.chance.fixed(`repeat id ${n}`) < 0.5 ? `msg_${p}_${r}` : `msg_repeat_${n}`;
  return sendReturn(w, life, returnOf(w, p, r), id, 1);
};

const forge: Do = async (w, life, n) => {
  const real = returnOf(w, 1 + (n % w.knobs.payments), 1);
  const altered = real.body.replace(/"price":"[^"]+"/, '"price":"99.00"');
  const at = w.time.now();
  const good = sign(real.body, { secret: shopSecret, id: `msg_forged_${n}`, at });
  const attacks = [
    { body: altered, headers: good },
    { body: real.body, headers: { ...good, 'webhook-id': `msg_other_${n}` } },
    {
      body: real.body,
      headers: sign(real.body, { secret: shopSecret, id: `msg_old_${n}`, at: plus(at, -3_600_000) }),
    },
    {
      body: real.body,
      headers: sign(real.body, { secret: shopSecret, id: `msg_early_${n}`, at: plus(at, 3_600_000) }),
    },
    { body: real.body, headers: { ...good, 'webhook-signature': 'v1,' } },
  ];
  const attack = attacks[Math.floor(w.chance.fixed(`attack ${n}`) * attacks.length)] ?? attacks[0];
  if (attack === undefined) return;
  const heard = await w.post('source', attack.body, attack.headers);
  if (taken.has(heard)) life.forged.push(`attack ${n} was ${heard}`);
};

/** The heads of refunds that stand there, and one of them. */
const refundsThatAre = (w: World, statuses: readonly string[]): Item[] =>
  w.table.dump().state.filter((item) => statuses.includes(String(item.status)) && String(item.pk).includes('#refund#'));
const oneOf = <T>(w: World, all: readonly T[], draw: string): T | undefined =>
  all[Math.floor(w.chance.fixed(draw) * all.length)];

/** Somebody who knows no secret tells of refunds in the gateway's name, or sends again what was signed long ago. */
const forgeGateway: Do = async (w, life, n) => {
  const refunds = w.account.simulator.refunds();
  const about = oneOf(w, refunds, `forged ${n}`);
  const at = w.time.now();
  const body = JSON.stringify({
    id: `evt_forged_${n}`,
    object: 'event',
    created: Math.floor(at / 1000),
    livemode: false,
    type: 'refund.failed',
    data: { object: { id: about?.id ?? 're_none', object: 'refund', status: 'failed', amount: 1, currency: 'eur' } },
  });
  const webhook = { id: `evt_forged_${n}`, body, delayMs: 0 };
  const { simulator } = w.account;
  const attacks = [
    { body, headers: { 'stripe-signature': `t=${Math.floor(at / 1000)},v1=${'0'.repeat(64)}` } },
    { body: `${body} `, headers: simulator.sign(webhook, at) },
    { body, headers: simulator.sign(webhook, plus(at, -3_600_000)) },
    { body, headers: simulator.sign(webhook, plus(at, 3_600_000)) },
    { body: '', headers: {} },
  ];
  const attack = oneOf(w, attacks, `attack on the gateway's door ${n}`);
  if (attack === undefined) return;
  const heard = await w.post('gateway', attack.body, attack.headers);
  if (taken.has(heard)) life.forged.push(`attack ${n} on the gateway's door was ${heard}`);
};

const decide: Do = async (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, ['held']), `which ${n}`);
  const id = parseRefundId(String(chosen?.pk).split('#').at(-1) ?? '');
  if (id === undefined) return;
  const yes = w.chance.fixed(`yes ${n}`) < 0.7;
  const decide = () => say(w, life, yes, id);
  // Two people at once, now and then.
  const twice = w.chance.fixed(`twice ${n}`) < 0.3;
  await Promise.all(twice ? [decide(), decide()] : [decide()]);
};

function say(w: World, life: Life, yes: boolean, id: RefundId) {
  life.reached.add(yes ? 'approve' : 'deny');
  return w.functions.invoke('operate', (engine) =>
    (yes ? approveRefund : denyRefund)(
      engine,
      { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) },
      id,
    ),
  );
}

/** A person has enough of a refund that is held, whatever may be under way for it. */
const deny: Do = async (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, ['held']), `denied ${n}`);
  const id = parseRefundId(String(chosen?.pk).split('#').at(-1) ?? '');
  if (id !== undefined) await say(w, life, false, id);
};

/** The shop takes back a return whose refund is on its way. */
const withdraw: Do = (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, underWay), `withdrawn ${n}`);
  const [, p, r] = /"RMA-(\d+)-(\d+)"/.exec(String(chosen?.summary)) ?? [];
  if (p === undefined || r === undefined) return;
  life.reached.add('cancel');
  return sendReturn(w, life, returnOf(w, Number(p), Number(r), 'cancelled'), `msg_withdraw_${n}`, 1);
};

const underWay = ['approved', 'sending', 'unknown', 'pending', 'held', 'waiting'];

/** Sending stands still, more is approved meanwhile, and then a shop withdraws and a person denies what was not sent yet. */
const secondThoughts: Do = async (w, life, n) => {
  await switchTo(w, 'stopped');
  for (const [part, act] of [withdraw, deny, withdraw].entries())
    w.time.after((w.knobs.spanMs / 32) * (part + 2), `second thoughts ${n}`, () => act(w, life, 100 + 3 * n + part));
  w.time.after(w.knobs.spanMs / 5, `resume after thoughts ${n}`, () => switchTo(w, 'running'));
};

/** For some minutes the gateway answers questions and takes no refund. */
const shut: Do = (w) => {
  w.account.shut?.('locked');
  w.time.after(8 * minute, 'open again', () => w.account.shut?.(false));
};

/** And for longer than it keeps a key, a request for money gets lost on its way. */
const swallow: Do = (w) => {
  w.account.shut?.('silent');
  w.time.after(Math.min(w.knobs.keyWindowMs + minute, 8 * minute), 'no more lost', () => w.account.shut?.(false));
};

/** A bank disputes a payment while a request on it has no answer, and a person then gives up on that refund. */
const badMoment: Do = (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, ['sending', 'unknown']), `disputed ${n}`);
  const [, p] = /"RMA-(\d+)-/.exec(String(chosen?.summary)) ?? [];
  const id = parseRefundId(String(chosen?.pk).split('#').at(-1) ?? '');
  if (p === undefined || id === undefined) return dispute(w, life, n);
  life.reached.add('dispute');
  const { simulator } = w.account;
  const opened = simulator.openDispute({ payment: `pi_canary${p}` }, w.time.now());
  if (opened.is === 'refused') return;
  w.account.emit(opened.webhooks);
  w.time.after(w.knobs.spanMs / 4, `dispute at a bad moment ${n} ends`, () => {
    const status = w.chance.fixed(`won at a bad moment ${n}`) < 0.5 ? 'won' : 'lost';
    const ended = simulator.closeDispute({ id: opened.id, status }, w.time.now());
    if (ended.is === 'told') w.account.emit(ended.webhooks);
  });
  w.time.after(Math.floor(5 * minute * w.chance.fixed(`given up ${n}`)), `given up ${n}`, () =>
    say(w, life, false, id),
  );
};

/** Somebody refunds at the gateway itself, without a word to us. */
export function refundThere(w: World, payment: number, amountMinor: number): void {
  w.account.arrive({
    method: 'POST',
    path: '/v1/refunds',
    query: '',
    headers: { authorization: `Bearer ${credential.reveal()}` },
    body: new URLSearchParams({ payment_intent: `pi_canary${payment}`, amount: String(amountMinor) }).toString(),
  });
}

const refundInDashboard: Do = (w, _, n) =>
  refundThere(w, 1 + (n % w.knobs.payments), Math.floor(1 + w.chance.fixed(`dashboard ${n}`) * 6000));

const disputes =
  (kind: 'formal' | 'inquiry', won: string): Do =>
  (w, _, n) => {
    const simulator = w.account.simulator;
    const opened = simulator.openDispute({ payment: `pi_canary${1 + (n % w.knobs.payments)}`, kind }, w.time.now());
    if (opened.is === 'refused') return;
    w.account.emit(opened.webhooks);
    const status = w.chance.fixed(`${won} ${n}`) < 0.5 ? 'won' : 'lost';
    w.time.after(w.knobs.spanMs / 4, `${kind === 'formal' ? 'dispute' : kind} ${n} ends`, () => {
      const ended = simulator.closeDispute({ id: opened.id, status }, w.time.now());
      if (ended.is === 'told') w.account.emit(ended.webhooks);
    });
  };

const dispute = disputes('formal', 'won');

const failLater: Do = (w) => w.account.simulator.setFaults({ ...noFaults, failLater: 1 });

/** A person presses the kill switch, or takes it back. */
export const switchTo = (w: World, sending: 'stopped' | 'running') =>
  w.functions.invoke('operate', (engine) =>
    switchSending(
      engine,
      { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) },
      sending,
      'simulated',
    ),
  );

const stopForAWhile: Do = async (w, _, n) => {
  await switchTo(w, 'stopped');
  w.time.after(w.knobs.spanMs / 8, `resume ${n}`, () => switchTo(w, 'running'));
};

const redrive: Do = (w) => w.queues.redrive();

const cancel: Do = (w, life, n) => {
  const [p, r] = [1 + (n % w.knobs.payments), 1 + (n % w.knobs.returnsEach)];
  return sendReturn(w, life, returnOf(w, p, r, 'cancelled'), `msg_cancel_${n}`, 1);
};

export const happenings: Readonly<Record<Happening, Do>> = {
  repeat: repeat,
  forge: forge,
  decide: decide,
  dashboard: refundInDashboard,
  dispute,
  'late-failure': failLater,
  stop: stopForAWhile,
  redrive: redrive,
  cancel: cancel,
  deny: deny,
  withdraw: withdraw,
  'second-thoughts': secondThoughts,
  inquiry: disputes('inquiry', 'inquiry won'),
  shut: shut,
  swallow: swallow,
  'bad-moment': badMoment,
  'forge-gateway': forgeGateway,
  unsubscribe: () => undefined,
};
