import { describe, expect, it } from 'vitest';
import type { Bench } from './gateway-bench.ts';

/** What a gateway makes of a key it has seen. Run through `gatewayContract`. */
export function repeats(bench: Bench): void {
  describe('asks again with the same key', () => {
    it('and there is one refund', async () => {
      const first = await bench.gateway.refund(bench.order());
      expect(await bench.gateway.refund(bench.order())).toEqual(first);
      expect(bench.simulator.refunds()).toHaveLength(1);
    });

    bench.unless('key-reused', 'F62 and is stopped when it was used for another amount', async () => {
      await bench.gateway.refund(bench.order());
      const outcome = await bench.gateway.refund(bench.order({ amountMinor: 1300n }));
      expect(outcome).toEqual({ is: 'refused', code: 'key-reused', again: 'final', couldBeOurs: true });
      expect(bench.simulator.refunds()).toHaveLength(1);
    });

    bench.unless(
      'key-window',
      'F63 and after its window there is another, which is why none is sent then',
      async () => {
        await bench.gateway.refund(bench.order());
        bench.server.pass(bench.gateway.capabilities.keyWindowMs - 1);
        await bench.gateway.refund(bench.order());
        expect(bench.simulator.refunds()).toHaveLength(1);
        bench.server.pass(1);
        await bench.gateway.refund(bench.order());
        expect(bench.simulator.refunds()).toHaveLength(2);
        expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'found', matches: [{}, {}] });
      },
    );

    bench.unless('in-progress', 'F59 and while the first is being executed that is no refusal', async () => {
      bench.server.holdNext = true;
      const silence = await bench.gateway.refund(bench.order({ limitMs: 60 }));
      expect(silence).toMatchObject({ is: 'unknown', why: 'timeout' });
      const meanwhile = await bench.gateway.refund(bench.order());
      expect(meanwhile).toEqual({ is: 'unknown', why: 'in-progress', spoiled: false });
      expect(await bench.find('rk_contract_1')).toEqual({ is: 'absent' });
      bench.simulator.complete(bench.server.held[0] ?? '', bench.server.now());
      expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'found', matches: [{}] });
      expect(await bench.gateway.refund(bench.order())).toMatchObject({ is: 'accepted' });
      expect(bench.simulator.refunds()).toHaveLength(1);
    });
  });
}
