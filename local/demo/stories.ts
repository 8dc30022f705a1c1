import type { Play } from './play.ts';
import { shopStories } from './stories-of-a-shop.ts';
import { weatherStories } from './stories-of-weather.ts';
import { must, type Story } from './story.ts';

const firstStories: readonly Story[] = [
  {
    name: 'plain',
    title: 'A parcel comes back, the customer gets the money back',
    point: 'one signed webhook, one refund',
    expected: { refunds: 1, amountMinor: 4200 },
    async run(play) {
      const payment = await play.pay(10_000);
      must(
        (await play.send({ return: 'RMA-plain', payment, amount: '42.00' })) === 202,
        'the webhook was not recorded',
      );
      const [refund] = await play.outcome('RMA-plain');
      must(refund?.status === 'refunded', `the refund is ${refund?.status}`);
    },
  },
  {
    name: 'five-times',
    title: 'The shop delivers the same webhook five times at once',
    point: 'recorded once (202), seen four times (200), one refund',
    expected: { refunds: 1, amountMinor: 2500 },
    async run(play) {
      const payment = await play.pay(10_000);
      const same = { return: 'RMA-five', payment, amount: '25.00', id: 'msg_delivered_five_times' };
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => play.send(same)));
      must(answers.toSorted().join(' ') === '200 200 200 200 202', `the answers were ${answers.join(' ')}`);
      await play.outcome('RMA-five');
    },
  },
  {
    name: 'two-partials',
    title: 'Two returns of 60.00 at once on a payment of 100.00, at a Stripe that would let both pass',
    point: 'one is paid, the other one waits for a person or is denied; never 120.00',
    expected: { refunds: 1, amountMinor: 6000 },
    async run(play) {
      await play.faults({ noCap: true });
      const payment = await play.pay(10_000);
      const names = ['RMA-partial-a', 'RMA-partial-b'];
      await Promise.all(names.map((name) => play.send({ return: name, payment, amount: '60.00' })));
      const outcomes = (await Promise.all(names.map((name) => play.outcome(name))))
        .flat()
        .map((refund) => refund.status);
      must(outcomes.includes('refunded'), `the refunds are ${outcomes.join(' and ')}`);
      must(
        outcomes.some((status) => status === 'held' || status === 'denied'),
        `the refunds are ${outcomes.join(' and ')}`,
      );
      await play.faults({});
    },
  },
  {
    name: 'lost-answer',
    title: 'Stripe makes the refund, and its answer gets lost',
    point: 'not knowing is not failing: it is looked up, and not sent again',
    expected: { refunds: 1, amountMinor: 1999 },
    async run(play) {
      await play.faults({ lostReplies: 1, dropWebhooks: 1 });
      const payment = await play.pay(10_000);
      await play.send({ return: 'RMA-lost', payment, amount: '19.99' });
      const [refund] = await play.outcome('RMA-lost');
      must(refund?.status === 'refunded', `the refund is ${refund?.status}`);
      await play.faults({});
    },
  },
  {
    name: 'forged',
    title: 'Somebody forges a webhook, and replays one that was signed an hour ago',
    point: 'both are refused (401), nothing is recorded, nothing is paid',
    expected: { refunds: 0, amountMinor: 0 },
    async run(play) {
      const payment = await play.pay(10_000);
      const forged = { return: 'RMA-forged', payment, amount: '99.00' };
      const answers = [
        await play.send({ ...forged, secret: play.foreignSecret() }),
        await play.send({ ...forged, signedAt: play.longAgo() }),
      ];
      must(answers.join(' ') === '401 401', `the answers were ${answers.join(' ')}`);
    },
  },
  {
    name: 'over-limit',
    title: 'A return of 900.00, which is more than is refunded without a person',
    point: 'held with a reason; nothing moves until a person approves',
    expected: { refunds: 1, amountMinor: 90_000 },
    async run(play) {
      const payment = await play.pay(90_000);
      await play.send({ return: 'RMA-large', payment, amount: '900.00' });
      const [held] = await play.outcome('RMA-large');
      must(held?.status === 'held' && held.reasons.includes('over-limit'), `the refund is ${held?.status}`);
      must((await play.truth()).length === 0, 'money moved before anybody approved');
      await play.approve(held?.id ?? '');
      const after = await refundedOf(play);
      must(after, 'the approved refund did not go through');
    },
  },
];

/** Each on payments of its own, one after another. */
export const stories: readonly Story[] = [...firstStories, ...shopStories, ...weatherStories];

async function refundedOf(play: Play): Promise<boolean> {
  for (let look = 0; look < 500; look += 1) {
    const refunds = await play.journal();
    if (refunds.every((refund) => refund.status === 'refunded')) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
