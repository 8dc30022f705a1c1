import { noFaults } from '../lib/adapters/kit/simulator.ts';
import { approveRefund, denyRefund, switchSending } from '../lib/app/operate.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { parseRefundId, type RefundId } from '../lib/domain/ids.ts';
import { refundStream } from '../lib/domain/streams.ts';
import { hour, minute, second } from '../lib/domain/time.ts';
import type { Happening } from './ceilings.ts';
import { crossings, personOf } from './crossings.ts';
import type { Life } from './life.ts';
import { exchange, poison, revoke } from './on-call.ts';
import { borrowKey, lose, takeBack, twin } from './processing-errors.ts';
import { returnOf, sendReturn } from './returns.ts';
import { forge, forgeGateway, oneOf } from './strangers.ts';
import type { World } from './world.ts';

/** What people, banks and strangers do: the `n`th of its kind in this run. */
export type Do = (w: World, life: Life, n: number) => unknown;

/** The same delivery comes again, or the same return under a new delivery id. */
const repeat: Do = (w, life, n) => {
  const [p, r] = [1 + (n % w.knobs.payments), 1 + (n % w.knobs.returnsEach)];
  const id = w.chance.fixed(`repeat id ${n}`) < 0.5 ? `msg_${p}_${r}` : `msg_repeat_${n}`;
  return sendReturn(w, life, returnOf(w, p, r), id, 1);
};

/** The heads of refunds that stand there. */
const refundsThatAre = (w: World, statuses: readonly string[]): Item[] =>
  w.table
    .dump()
    .state.filter(
      (item) => statuses.includes(String(item.status)) && String(item.pk).startsWith(`${w.tenant.merchant}#refund#`),
    );

/** The refund that a head is of. */
const refundIn = (head: Item | undefined): RefundId | undefined =>
  parseRefundId(String(head?.pk).split('#').at(-1) ?? '');

const decide: Do = async (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, ['held']), `which ${n}`);
  const id = refundIn(chosen);
  if (id === undefined) return;
  const yes = w.chance.fixed(`yes ${n}`) < 0.7;
  const decide = () => say(w, life, yes, id);
  // Two people at once, now and then.
  const twice = w.chance.fixed(`twice ${n}`) < 0.3;
  await Promise.all(twice ? [decide(), decide()] : [decide()]);
};

function say(w: World, life: Life, wanted: boolean, id: RefundId) {
  // What may have been paid in a time that is forgotten is compared with the gateway, and is there.
  const yes = wanted && !String(headOf(w, id)?.summary).includes('forgotten-refund');
  life.reached.add(yes ? 'approve' : 'deny');
  return w.functions.invoke('operate', (engine) => (yes ? approveRefund : denyRefund)(engine, personOf(w, engine), id));
}

const headOf = (w: World, id: RefundId): Item | undefined =>
  w.table.dump().state.find(({ pk }) => pk === refundStream(w.tenant.merchant, id));

/** A person has enough of a refund that is held, whatever may be under way for it. */
const deny: Do = async (w, life, n) => {
  const chosen = oneOf(w, refundsThatAre(w, ['held']), `denied ${n}`);
  const id = refundIn(chosen);
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

/** A return is taken back before anything is sent for it, and comes all the same: its refund has another number. */
const changeOfMind: Do = async (w, life, n) => {
  const [p, r] = [1 + (n % w.knobs.payments), w.knobs.returnsEach + n];
  const tell = (ms: number, part: number, trigger: 'approved' | 'cancelled') =>
    w.time.after(ms, `mind ${n} ${part}`, () =>
      sendReturn(w, life, returnOf(w, p, r, trigger), `msg_mind_${n}_${part}`, 1),
    );
  await switchTo(w, 'stopped');
  tell(second, 1, 'approved');
  tell(minute, 2, 'cancelled');
  w.time.after(2 * minute, `made up ${n}`, () => switchTo(w, 'running'));
  tell(3 * minute, 3, 'approved');
  const approve = () => {
    const held = refundsThatAre(w, ['held']).find(({ summary }) => String(summary).includes(`"RMA-${p}-${r}"`));
    const id = refundIn(held);
    return id && say(w, life, true, id);
  };
  w.time.after(6 * minute, `approved ${n}`, approve);
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
  const id = refundIn(chosen);
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
    headers: { authorization: `Bearer ${w.tenant.credential.reveal()}` },
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
  w.functions.invoke('operate', (engine) => switchSending(engine, personOf(w, engine), sending, 'simulated'));

const stopForAWhile: Do = async (w, _, n) => {
  await switchTo(w, 'stopped');
  w.time.after(w.knobs.spanMs / 8, `resume ${n}`, () => switchTo(w, 'running'));
};

/** Somebody points the connection to another host, and back some time later: behind the end of a narrow key's window, mostly. */
const repoint: Do = (w, _, n) => {
  w.account.repoint?.('elsewhere');
  const ms = Math.floor(w.chance.fixed(`repointed for ${n}`) * 2 * hour);
  w.time.after(ms, `pointed back ${n}`, () => w.account.repoint?.('home'));
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
  'change-of-mind': changeOfMind,
  'forge-gateway': forgeGateway,
  repoint,
  unsubscribe: () => undefined,
  revoke,
  exchange,
  poison,
  ...crossings,
  'take-back': takeBack,
  lose,
  twin,
  'borrow-key': borrowKey,
};
