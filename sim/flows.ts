import { noFaults } from '../lib/adapters/kit/simulator.ts';
import { approveRefund } from '../lib/app/operate.ts';
import { correlationId, parseRefundId } from '../lib/domain/ids.ts';
import { embedded } from '../lib/domain/tempo.ts';
import { hour, minute, second } from '../lib/domain/time.ts';
import type { Row } from './capabilities.ts';
import { chances } from './chance.ts';
import { merchant } from './connections.ts';
import { knobsOf } from './drawn.ts';
import type { Knobs } from './knobs.ts';
import type { Life } from './life.ts';
import type { Met } from './planned.ts';
import { returnOf, sendReturn } from './returns.ts';
import type { World } from './world.ts';

/** One way that a refund can go, from its webhook to its end: small, so that it can be lived through again for every place to die in it. */
export interface Flow {
  readonly name: string;
  /** What the gateway or the road does in it, besides what is tried out. */
  readonly always?: (met: Met) => string | undefined;
  play(w: World, life: Life): void;
  /** Facts without which it was another flow. */
  readonly comesTo: readonly string[];
}

const payment = 'pi_canary1';

const send = (w: World, life: Life, price = '40.00', trigger?: 'cancelled'): void => {
  const { name, body } = returnOf(w, 1, 1, trigger);
  const priced = { name, body: body.replace(/"price":"[^"]+"/, `"price":"${price}"`) };
  void sendReturn(w, life, priced, `msg_1_1${trigger ?? ''}`, 1);
};

/** A person looks now and then, and says yes to what is held. */
const approve = (w: World, ms: number): void =>
  w.time.after(ms, 'ann looks', async () => {
    const held = w.table.dump().state.find((item) => item.status === 'held' && String(item.pk).includes('#refund#'));
    const id = parseRefundId(String(held?.pk).split('#').at(-1) ?? '');
    if (id === undefined) return;
    await w.functions.invoke('operate', (engine) =>
      approveRefund(engine, { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) }, id),
    );
  });

/** At the first request for money; and no news of what came of it, since that would be an answer. */
const atFirstSending =
  (kind: string) =>
  ({ site, count }: Met): string | undefined =>
    site === 'webhook' ? lostNews(count) : site.startsWith('execute refund ') && count === 1 ? kind : undefined;

/** All but the first, which tells of the capture. */
const lostNews = (count: number) => (count > 1 ? 'webhook-lost' : undefined);

const dispute = (w: World, openMs: number, endMs: number): void => {
  w.time.after(openMs, 'the bank disputes', () => {
    const opened = w.account.simulator.openDispute({ payment }, w.time.now());
    if (opened.is === 'refused') return;
    w.time.after(endMs, 'the dispute ends', () =>
      w.account.simulator.closeDispute({ id: opened.id, status: 'won' }, w.time.now()),
    );
  });
};

export const flows: readonly Flow[] = [
  { name: 'refunded', play: (w, life) => send(w, life), comesTo: ['leg.accepted'] },
  { name: 'refused', always: atFirstSending('gateway-no'), play: (w, life) => send(w, life), comesTo: ['leg.refused'] },
  {
    name: 'unknown',
    always: atFirstSending('net-reply-lost'),
    play: (w, life) => send(w, life),
    comesTo: ['leg.unknown', 'leg.accepted'],
  },
  {
    name: 'nothing arrived',
    always: atFirstSending('net-lost'),
    play: (w, life) => send(w, life),
    comesTo: ['leg.unknown', 'leg.absent', 'leg.accepted'],
  },
  {
    name: 'fails later',
    play(w, life) {
      w.account.simulator.setFaults({ ...noFaults, failLater: 1 });
      send(w, life);
    },
    comesTo: ['leg.failed'],
  },
  {
    name: 'disputed',
    // The gateway says it before its news comes.
    always: ({ site, count }) => (site === 'webhook' && count === 2 ? 'webhook-lost' : undefined),
    play(w, life) {
      dispute(w, 2 * second, 30 * second);
      w.time.after(2 * second, 'return', () => send(w, life));
    },
    comesTo: ['payment.dispute-opened', 'leg.held', 'leg.released', 'leg.accepted'],
  },
  {
    name: 'approved',
    play(w, life) {
      send(w, life, '60.00');
      for (const at of [5 * second, 30 * second, minute]) approve(w, at);
    },
    comesTo: ['refund.held', 'leg.accepted'],
  },
  {
    name: 'cancelled',
    play(w, life) {
      send(w, life, '60.00');
      w.time.after(3 * second, 'cancelled', () => send(w, life, '60.00', 'cancelled'));
    },
    comesTo: ['refund.held', 'refund.cancelled'],
  },
];

/** What most gateways are, and what each of them allows to be found out. */
const row: Row = {
  keyWindowMs: 24 * hour,
  remembers: 'failures-too',
  lateArrivalMs: minute,
  listLagMs: 0,
  echoAmount: 'right',
  echoKey: 'right',
  caps: true,
};

/** A small and quick world in which nothing is left to chance. */
export const flowKnobs: Knobs = {
  ...knobsOf(chances('flows'), 'calm'),
  tempo: embedded,
  row,
  keyWindowMs: row.keyWindowMs,
  lateArrivalMs: row.lateArrivalMs,
  latencyMs: 3,
  timeoutMs: 10 * second,
  visibilityMs: 30 * second,
  batch: 2,
  workers: 2,
  indexLagMs: 0,
  pendingRate: 0,
  payments: 1,
  twoEach: false,
  returnsEach: 1,
  outages: [],
};
