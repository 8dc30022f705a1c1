import { waitFor } from './eyes.ts';
import { must, type Story } from './story.ts';

/** What goes wrong at the gateway after it said yes, and when it says nothing at all. */
export const weatherStories: readonly Story[] = [
  {
    name: 'late-failure',
    title: 'Stripe calls a refund succeeded, and takes it back a moment later',
    point:
      'success is provisional: the amount is free again, a person looks, and only then it is tried under a new key',
    expected: { refunds: 1, amountMinor: 3500 },
    async run(play) {
      await play.faults({ failLater: 1 });
      const payment = await play.pay(10_000);
      await play.send({ return: 'RMA-late', payment, amount: '35.00' });
      await play.until('RMA-late', 'refunded');
      const held = await play.until('RMA-late', 'held', 'failed-at-gateway');
      must((await play.truth()).length === 0, 'something was paid before anybody looked');
      await play.faults({});
      await play.approve(held.id);
      await play.until('RMA-late', 'refunded');
    },
  },
  {
    name: 'dispute',
    title: 'Two customers call their banks while their parcels are on the way back',
    point: 'a dispute freezes what is not sent; won, it goes on by itself; lost, nothing is paid a second time',
    expected: { refunds: 2, amountMinor: 7000 },
    async run(play) {
      const [kept, lost] = [await play.pay(10_000), await play.pay(10_000)];
      await play.send({ return: 'RMA-before', payment: kept, amount: '30.00' });
      await play.until('RMA-before', 'refunded');
      const [first, second] = [await play.dispute(kept), await play.dispute(lost)];
      // What was paid before is evidence against the dispute.
      await play.until('RMA-before', 'refunded', 'disputed');
      await play.send({ return: 'RMA-kept', payment: kept, amount: '40.00' });
      await play.send({ return: 'RMA-gone', payment: lost, amount: '50.00' });
      await play.until('RMA-kept', 'held', 'payment-disputed');
      await play.until('RMA-gone', 'held', 'payment-disputed');
      must((await play.truth()).length === 1, 'something was sent on a disputed payment');
      await play.decideDispute(first, 'won');
      await play.decideDispute(second, 'lost');
      await play.until('RMA-kept', 'refunded');
      const gone = await waitFor('the lost dispute did not reach its return', async () => {
        const [refund] = await play.outcome('RMA-gone');
        return refund?.reasons.includes('payment-disputed') ? undefined : refund;
      });
      if (gone.status === 'held') await play.deny(gone.id);
    },
  },
  {
    name: 'outage',
    title: 'Stripe is down while twelve parcels come back',
    point: 'a few requests, then a breaker; when Stripe is back one probe goes first, and each is paid once',
    expected: { refunds: 12, amountMinor: 12_000 },
    async run(play) {
      const names = Array.from({ length: 12 }, (_, n) => `RMA-storm-${n + 1}`);
      const payments = await Promise.all(names.map(() => play.pay(10_000)));
      await play.faults({ down: true });
      const before = await play.requests();
      const answers = await Promise.all(
        names.map((name, n) => play.send({ return: name, payment: payments[n] ?? '', amount: '10.00' })),
      );
      must(
        answers.every((status) => status === 202),
        `the answers were ${answers.join(' ')}`,
      );
      await waitFor('the breaker did not open', async () => {
        const [account] = await play.gateways();
        return account?.state === 'open' ? account : undefined;
      });
      must((await play.requests()) - before <= 12, 'a gateway that is down was asked again and again');
      await play.faults({});
      for (const name of names) await play.until(name, 'refunded');
    },
  },
];
