import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { type TableTrouble, tableTroubles } from './trouble.ts';
import { audited, world } from './world.ts';

/** Flows that go wrong at chosen calls to the store, counted from 0. */
export type Flow = 'plain' | 'lost reply' | 'lost request';

const firstSending = (flow: Flow): NetworkTrouble | undefined =>
  flow === 'lost reply' ? 'lost-reply' : flow === 'lost request' ? 'lost-request' : undefined;

type Troubles = ReadonlyMap<number, TableTrouble>;

/** One refund from its webhook to its end. `calls` says of each call whether it was a write. */
async function flowWith(flow: Flow, troubles: Troubles) {
  const calls: boolean[] = [];
  let sendings = 0;
  const w = world({
    store: ({ call }) => troubles.get(calls.push(call === 'write') - 1),
    network: (request) => (request.method === 'POST' && sendings++ === 0 ? firstSending(flow) : undefined),
  });
  w.pay('pi_one', 10_000, { order: '1001', silent: true });
  w.send(returned('RMA-1', '42.00', 'pi_one'));
  await w.run(180_000);
  return { w, calls };
}

/** Everything that can go wrong at one call of this flow; a read that lost its answer has read nothing. */
export async function singleTroubles(flow: Flow): Promise<[number, TableTrouble][]> {
  const { calls } = await flowWith(flow, new Map());
  const ofReads: readonly TableTrouble[] = ['lost-request', 'kill-before'];
  return calls.flatMap((isWrite, call) =>
    (isWrite ? tableTroubles : ofReads).map((trouble): [number, TableTrouble] => [call, trouble]),
  );
}

/** What is not as promised: one refund, once, under one key, with books that agree. The claim is made thousands of times. */
export async function wrongWith(flow: Flow, troubles: Troubles): Promise<string[]> {
  const { w } = await flowWith(flow, troubles);
  const wrong: string[] = [];
  const statuses = (await w.refunds()).map((refund) => refund.status).join();
  if (statuses !== 'refunded') wrong.push(`ends ${statuses}`);
  if (w.moved().length !== 1) wrong.push(`moved ${w.moved().length} times`);
  if (new Set(w.posts().map((call) => call.key)).size !== 1) wrong.push('has not one key');
  await audited().catch((error: unknown) => wrong.push(String(error)));
  const name = [...troubles].map(([call, trouble]) => `${trouble} at ${call}`).join(' and ');
  return wrong.map((what) => `${flow} with ${name} ${what}`);
}
