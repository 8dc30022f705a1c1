import { describe, expect, it } from 'vitest';
import type { Bench } from './gateway-bench.ts';

/** Finding refunds and payments. Run through `gatewayContract`. */
export function looks(bench: Bench): void {
  const { currency } = bench;
  describe('looks for refunds and payments', () => {
    it('and says absent only where a whole list was read', async () => {
      expect(await bench.find('rk_contract_1')).toEqual({ is: 'absent' });
      await bench.gateway.refund(bench.order({ key: 'rk_other' }));
      expect(await bench.find('rk_contract_1')).toEqual({ is: 'absent' });
      expect(await bench.find('rk_contract_1', 'rk_other')).toMatchObject({
        is: 'found',
        matches: [{ key: 'rk_other' }],
      });
    });

    it('F103 and reports two where there are two', async () => {
      await bench.gateway.refund(bench.order());
      await bench.gateway.refund(bench.order({ key: 'rk_contract_2' }));
      const found = await bench.find('rk_contract_1', 'rk_contract_2');
      expect(found.is === 'found' && found.matches.map(({ key }) => key).sort()).toEqual([
        'rk_contract_1',
        'rk_contract_2',
      ]);
    });

    it('F102 and finds by its id what is known, whatever its metadata says by now, and only that', async () => {
      const known = await bench.gateway.refund(bench.order());
      await bench.gateway.refund(bench.order({ key: 'rk_other' }));
      const theirs = known.is === 'accepted' ? known.evidence.theirs : '';
      expect(await bench.findById(theirs)).toMatchObject({ is: 'found', matches: [{ theirs }] });
      expect(await bench.findById(`${theirs}x`)).toEqual({ is: 'absent' });
    });

    it('and finds them on every page of a long list', async () => {
      for (let n = 0; n < 120; n++) await bench.gateway.refund(bench.order({ amountMinor: 1n, key: `rk_page_${n}` }));
      const found = await bench.find('rk_page_0', 'rk_page_60', 'rk_page_119');
      expect(found.is === 'found' && found.matches).toHaveLength(3);
    });

    it.each(['down', 'rateLimit', 'errorRate'] as const)(
      'and can not tell while the gateway does not answer (%s)',
      async (name) => {
        bench.fault(name === 'down' ? { down: true } : { [name]: 1 });
        expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'cannot-tell' });
        expect(await bench.look()).toMatchObject({
          is: 'cannot-tell',
        });
      },
    );

    it('F116 and lists page by page what it refunded since an instant, with the names of each payment, and nothing older', async () => {
      await bench.gateway.refund(bench.order({ amountMinor: 1n, key: 'rk_before' }));
      bench.server.pass(60_000);
      const since = bench.server.now();
      for (let n = 0; n < 120; n++) await bench.gateway.refund(bench.order({ amountMinor: 1n, key: `rk_since_${n}` }));
      const keys: (string | undefined)[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await bench.gateway.refundsSince({
          since,
          limitMs: 2000,
          ...(cursor !== undefined && { cursor }),
        });
        if (page.is !== 'page') throw new Error(page.why);
        for (const { evidence, payment } of page.refunds) {
          keys.push(evidence.key);
          expect(payment).toContain(bench.folder.payment.id);
        }
        cursor = page.next;
      }
      expect(new Set(keys)).toEqual(new Set(Array.from({ length: 120 }, (_, n) => `rk_since_${n}`)));
      bench.fault({ down: true });
      expect(await bench.gateway.refundsSince({ since, limitMs: 2000 })).toMatchObject({ is: 'cannot-tell' });
    });

    it('and can not tell about refunds of a payment that the account does not have', async () => {
      const query = { reference: bench.folder.unknownReference, keys: ['rk_contract_1'], theirs: [], limitMs: 2000 };
      expect(await bench.gateway.find(query)).toMatchObject({ is: 'cannot-tell' });
    });

    it('and knows a payment by its names, captures, refunds and order', async () => {
      await bench.gateway.refund(bench.order());
      const looked = await bench.look();
      expect(looked).toMatchObject({
        is: 'payment',
        names: expect.arrayContaining([bench.folder.payment.id]),
        captures: [{ amountMinor: BigInt(bench.folder.payment.amountMinor), currency }],
        refunds: [{ amountMinor: 1250n, key: 'rk_contract_1' }],
        disputes: [],
        state: 'captured',
        order: bench.folder.payment.order,
      });
    });

    it('and says so when there is no such payment', async () => {
      expect(await bench.look(bench.folder.unknownReference)).toEqual({ is: 'absent' });
    });
  });
}
