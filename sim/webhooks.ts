import type { SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Chances } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** Webhooks leave at once, and may be lost, come twice, late, and in any order. */
export function emitter(
  { time, chance, faults }: { readonly time: Scheduler; readonly chance: Chances; readonly faults: Faults },
  webhook: (webhook: SimWebhook, attempt: number) => void,
): (webhooks: readonly SimWebhook[]) => void {
  return (webhooks) => {
    for (const one of webhooks) {
      const fault = faults.strike('webhook', ['webhook-lost', 'webhook-twice', 'webhook-late']);
      if (fault === 'webhook-lost') continue;
      const late = fault === 'webhook-late' ? chance.between('webhook-late', 1000, 3 * 3_600_000) : 0;
      const send = (ms: number) => time.after(ms, `webhook ${one.id}`, () => webhook(one, 1));
      send(one.delayMs + late + chance.between('webhook', 0, 200));
      if (fault === 'webhook-twice') send(one.delayMs + chance.between('webhook-twice', 0, 60_000));
    }
  };
}
