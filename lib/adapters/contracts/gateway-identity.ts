import { describe, expect } from 'vitest';
import { Secret } from '../../app/ports/connections.ts';
import type { Bench } from './gateway-bench.ts';

/** Whose credential it is. Run through `gatewayContract`. */
export function identifies(bench: Bench): void {
  const identify = async () => bench.gateway.identify?.({ limitMs: 2000 });

  describe('says whose account it is', () => {
    bench.unless('identity', 'F83 in the words of the gateway, at the cost of one request', async () => {
      const before = bench.simulator.calls().length;
      expect(await identify()).toEqual({ is: 'account', id: bench.folder.accountId });
      expect(bench.simulator.calls()).toHaveLength(before + 1);
    });

    bench.unless('identity', 'F83 and can not tell while the gateway does not answer', async () => {
      for (const faults of [{ down: true }, { rateLimit: 1 }, { errorRate: 1 }]) {
        bench.fault(faults);
        expect(await identify()).toMatchObject({ is: 'cannot-tell' });
      }
    });

    bench.unless('identity', 'F82 F83 and can not tell with a credential that is refused', async () => {
      const stranger = new Secret(`${bench.folder.credential}x`);
      bench.gateway = bench.folder.open(bench.connection, stranger, { clock: bench.server });
      expect(await identify()).toMatchObject({ is: 'cannot-tell' });
    });
  });
}
