import { describe, expect, it } from 'vitest';
import type { Bench } from './gateway-bench.ts';

/** What the webhooks of a gateway say. Run through `gatewayContract`. */
export function hears(bench: Bench): void {
  describe('hears by webhook', () => {
    const heard = () =>
      bench.server.webhooks.flatMap((webhook) => {
        const raw = {
          body: new TextEncoder().encode(webhook.body),
          headers: bench.simulator.sign(webhook, bench.server.now()),
        };
        expect(bench.folder.reader.verify(raw, [bench.webhookSecret], bench.server.now())).toMatchObject({
          verified: true,
          secretIndex: 0,
        });
        const reading = bench.folder.reader.read(raw, bench.connection);
        expect(bench.folder.reader.read(raw, bench.connection), 'reading is pure').toEqual(reading);
        return reading.is === 'notices' ? reading.notices : [];
      });
    const news = () => heard().flatMap((notice) => (notice.kind === 'gateway' ? [notice.news] : []));

    bench.unless('capture-webhook', 'of a capture, the same as it sees by looking', async () => {
      const captures = news().flatMap((one) => (one.about === 'capture' ? [one] : []));
      const looked = await bench.look();
      expect(captures.length).toBeGreaterThan(0);
      for (const { capture, payment, order: named } of captures) {
        expect(looked).toMatchObject({ captures: [capture], names: [...payment] });
        expect(named).toBe(bench.folder.payment.order);
      }
    });

    bench.unless('refund-webhook', 'of a refund, the same evidence as it gets in the answer', async () => {
      bench.server.webhooks.length = 0;
      const outcome = await bench.gateway.refund(bench.order());
      const evidence = outcome.is === 'accepted' ? outcome.evidence : undefined;
      const refunds = news().flatMap((one) => (one.about === 'refund' ? [one] : []));
      expect(refunds).toMatchObject([{ about: 'refund', evidence }]);
      expect(refunds[0]?.payment).toContain(bench.folder.payment.id);
    });

    bench.unless('refund-webhook', 'F76 of a refund that fails after it had succeeded', async () => {
      bench.fault({ failLater: 1 });
      expect(await bench.gateway.refund(bench.order())).toMatchObject({
        is: 'accepted',
        evidence: { state: 'succeeded' },
      });
      bench.server.webhooks.length = 0;
      bench.server.pass(60_000);
      const refunds = news().flatMap((one) => (one.about === 'refund' ? [one.evidence] : []));
      expect(refunds.length).toBeGreaterThan(0);
      for (const evidence of refunds) expect(evidence).toMatchObject({ state: 'failed', key: 'rk_contract_1' });
      expect(bench.simulator.refunds()).toMatchObject([{ status: 'failed' }]);
    });

    it('with ids that tell events apart and stay the same when one is delivered twice', async () => {
      bench.fault({ duplicateWebhooks: 1 });
      await bench.gateway.refund(bench.order());
      const notices = heard();
      const byId = new Map(notices.map((notice) => [notice.id, notice.sameness]));
      expect(byId.size).toBeLessThan(notices.length);
      for (const { id, sameness } of notices) expect(byId.get(id)).toBe(sameness);
    });
  });
}
