import { waitFor } from './eyes.ts';
import { must, type Story } from './story.ts';

const processed = 7001;
const recorded = 7002;
const moved = 7003;
const theReturn = 501;

/** A shop whose webhooks sign their body and nothing else. */
export const shopStories: readonly Story[] = [
  {
    name: 'shopify',
    title: 'A Shopify shop takes a parcel back, writes a refund down, and pays a third one by itself',
    point:
      'what it says is read back from the shop; we pay two, adopt the third, and tell the shop once, with every webhook doubled',
    expected: { refunds: 2, amountMinor: 4800 },
    async run(play) {
      await play.shopFaults({ duplicateWebhooks: 1 });
      for (const order of [processed, recorded, moved]) {
        const payment = await play.pay(4800, String(order));
        await play.sell({ order, payment, amount: '48.00' });
      }
      await play.record(moved, '24.00');
      await play.record(recorded);
      await play.process(processed, theReturn);
      for (const order of [processed, recorded]) await play.untilOrder(order, 'refunded');
      const told = await waitFor('the shop was not told', async () => {
        const ours = (await play.records()).filter(({ reference }) => reference !== null);
        return ours.length > 0 ? ours : undefined;
      });
      must(told.length === 1, `the shop was told ${told.length} times`);
      must((await play.refundsOfOrder(moved)).length === 0, 'what the shop paid by itself was paid again');
      await play.shopFaults({});
    },
  },
];
