import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { hear, taken } from './doors.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

export interface Return {
  readonly name: string;
  readonly body: string;
}

const prices = ['40.00', '40.00', '25.00', '60.00', '0.01'] as const;

/** The payments of an order, by what stands behind `pi_canary`. */
export const partsOf = ({ knobs }: Pick<World, 'knobs'>, order: number): readonly (number | string)[] =>
  knobs.twoEach ? [order, `${order}b`] : [order];

export function returnOf(
  w: World,
  payment: number,
  number: number,
  trigger: 'approved' | 'cancelled' = 'approved',
): Return {
  const name = `RMA-${payment}-${number}`;
  const price = prices[Math.floor(w.chance.fixed(`price ${name}`) * prices.length)] ?? '40.00';
  const parts = partsOf(w, payment);
  const named = w.chance.fixed(`named ${name}`) < 0.7;
  const body = JSON.stringify({
    type: `return.${trigger}`,
    data: {
      return: name,
      order: `order-${payment}`,
      currency: 'EUR',
      ...(named && {
        payments: parts.map((part) => ({ connection: w.tenant.gateway, reference: `pi_canary${part}` })),
      }),
      lines: [{ id: `l${number}`, sku: 'sku', quantity: 1, price, tax: '0', reason: 'size', condition: 'new' }],
    },
  });
  return { name, body };
}

/** As a shop does it: again until it is answered, signed anew each time. */
export async function sendReturn(w: World, life: Life, of: Return, deliveryId: string, attempt: number): Promise<void> {
  const headers = sign(of.body, {
    secret: w.settings.signing(w.tenant.shopSecret),
    id: deliveryId,
    at: w.time.now(),
  });
  const heard = await w.post('source', of.body, headers);
  hear(w, w.atDoors, deliveryId, heard);
  if (heard === 'recorded' || heard === 'seen') life.accepted.push({ ...of, deliveryId });
  if (taken.has(heard) || attempt > 14) return;
  w.time.after(3000 * 2 ** Math.min(attempt, 10), `${deliveryId} again`, () =>
    sendReturn(w, life, of, deliveryId, attempt + 1),
  );
}
