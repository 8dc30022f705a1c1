import { noFaults } from '../lib/adapters/kit/simulator.ts';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { approveRefund, denyRefund, switchSending } from '../lib/app/operate.ts';
import { correlationId, parseRefundId } from '../lib/domain/ids.ts';
import { plus } from '../lib/domain/time.ts';
import { credential, merchant, shopSecret } from './connections.ts';
import type { Life } from './life.ts';
import type { Happening } from './profiles.ts';
import { returnOf, sendReturn } from './returns.ts';
import { taken, type World } from './world.ts';

/** What people, banks and strangers do: the `n`th of its kind in this run. */
type Do = (w: World, life: Life, n: number) => unknown;

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

const decide: Do = async (w, life, n) => {
  const held = w.table.dump().state.filter((item) => item.status === 'held' && String(item.pk).includes('#refund#'));
  const chosen = held[Math.floor(w.chance.fixed(`which ${n}`) * held.length)];
  const id = parseRefundId(String(chosen?.pk).split('#').at(-1) ?? '');
  if (id === undefined) return;
  const yes = w.chance.fixed(`yes ${n}`) < 0.7;
  life.reached.add(yes ? 'approve' : 'deny');
  const decide = () =>
    w.functions.invoke('operate', (engine) =>
      (yes ? approveRefund : denyRefund)(
        engine,
        { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) },
        id,
      ),
    );
  // Two people at once, now and then.
  const twice = w.chance.fixed(`twice ${n}`) < 0.3;
  await Promise.all(twice ? [decide(), decide()] : [decide()]);
};

const refundInDashboard: Do = (w, _, n) => {
  const params = new URLSearchParams({
    payment_intent: `pi_canary${1 + (n % w.knobs.payments)}`,
    amount: String(Math.floor(1 + w.chance.fixed(`dashboard ${n}`) * 6000)),
  });
  w.account.arrive({
    method: 'POST',
    path: '/v1/refunds',
    query: '',
    headers: { authorization: `Bearer ${credential.reveal()}` },
    body: params.toString(),
  });
};

const dispute: Do = (w, _, n) => {
  const simulator = w.account.simulator;
  const opened = simulator.openDispute({ payment: `pi_canary${1 + (n % w.knobs.payments)}` }, w.time.now());
  if (opened.is === 'refused') return;
  w.account.emit(opened.webhooks);
  const status = w.chance.fixed(`won ${n}`) < 0.5 ? 'won' : 'lost';
  w.time.after(w.knobs.spanMs / 4, `dispute ${n} ends`, () => {
    const ended = simulator.closeDispute({ id: opened.id, status }, w.time.now());
    if (ended.is === 'told') w.account.emit(ended.webhooks);
  });
};

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
  dispute: dispute,
  'late-failure': failLater,
  stop: stopForAWhile,
  redrive: redrive,
  cancel: cancel,
};
