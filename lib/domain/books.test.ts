import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Balance, empty, learn as learnPayment } from './balance.ts';
import { type PaymentId, parsePaymentId } from './ids.ts';
import type { RefundEvidence } from './notice.ts';
import { apply, effectsOf, holder, promised } from './payment.ts';
import * as decide from './refund/decide.ts';
import type { Decision } from './refund/decision.ts';
import { at, clock, evidence, given, heldRefund, planned, requested, seeded } from './refund/given.ts';
import { learn } from './refund/learn.ts';
import type { Leg } from './refund/leg.ts';
import * as people from './refund/people.ts';
import { evolve, legOf, type Refund } from './refund/state.ts';

const payment = parsePaymentId('pay_0123456789') as PaymentId;
const held = (legs: readonly bigint[]) => {
  const plan = legs.map((amountMinor, index) => ({ ...planned(index + 1), payment, amountMinor }));
  return given(requested(plan[0]?.amountMinor ?? 0n), heldRefund(['over-limit'], plan));
};
const captured: Balance = { ...empty, capturedMinor: 1000n, availableMinor: 1000n };

/** What one step of the world does to a refund. */
type Act =
  | 'approve'
  | 'deny'
  | 'cancel'
  | 'hold-unsent'
  | 'send'
  | 'give-up'
  | 'absent'
  | 'renew'
  | 'refuse'
  | 'hold'
  | 'freeze'
  | 'resume'
  | 'lose'
  | { readonly outcome: 'accepted' | 'refused' | 'person' | 'ours' | 'not-now' | 'unknown' }
  | { readonly theirs: string; readonly state: RefundEvidence['state']; readonly amountMinor?: bigint };
const acts: readonly Act[] = [
  ...(['approve', 'deny', 'cancel', 'hold-unsent', 'send', 'give-up', 'absent', 'renew', 'refuse', 'hold'] as const),
  ...(['freeze', 'resume', 'lose'] as const),
  ...(['accepted', 'refused', 'person', 'ours', 'not-now', 'unknown'] as const).map((outcome) => ({ outcome })),
  ...['re_1', 're_2'].flatMap((theirs) =>
    (['pending', 'succeeded', 'failed'] as const).map((state) => ({ theirs, state })),
  ),
  { theirs: 're_1', state: 'succeeded', amountMinor: 7n },
  { theirs: 're_1', state: 'pending', amountMinor: 700n },
];
/** Which refund, which leg, which of the acts that are possible then. Every tenth step is about the payment itself. */
const steps = fc.array(
  fc.record({
    refund: fc.nat({ max: 2 }),
    leg: fc.constantFrom(1, 1, 2),
    choice: fc.nat({ max: 999 }),
    ms: fc.constantFrom(0, 1000, 120_000),
  }),
  { maxLength: 50 },
);
type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

interface World {
  balance: Balance;
  refunds: Refund[];
  adopted: bigint;
  /** What each refund that nobody wanted took, by whose it is; nothing once it failed. */
  surplus: Map<string, bigint>;
  /** The gateway said something that no promise of ours could have guarded. */
  facts: boolean;
  now: number;
}
const worldOf = (refunds: Refund[]): World => ({
  balance: captured,
  refunds,
  adopted: 0n,
  surplus: new Map(),
  facts: false,
  now: 0,
});

function decisionOf(refund: Refund, number: number, act: Act, now: number): Decision {
  const moment = at(now);
  if (act === 'approve') return people.approve(refund, moment);
  if (act === 'deny') return people.deny(refund);
  if (act === 'cancel') return decide.cancel(refund, moment);
  if (act === 'hold-unsent') return decide.holdUnsent(refund, ['payment-overdrawn'], moment);
  const leg = refund.is === 'approved' ? refund.legs.find((one) => one.leg === number) : undefined;
  if (leg === undefined) return { is: 'nothing' };
  const { amountMinor, sendings, epoch } = leg;
  if (typeof act === 'object' && 'theirs' in act) {
    const news = evidence({ amountMinor, key: leg.keys.at(-1) ?? 'k1', ...act });
    return learn(refund, number, news, 'webhook', moment);
  }
  if (typeof act === 'object') {
    const no = { is: 'refused', code: 'c', again: 'final', couldBeOurs: false } as const;
    const outcomes = {
      accepted: { is: 'accepted', evidence: evidence({ state: 'succeeded', amountMinor, theirs: `re_${epoch}` }) },
      refused: no,
      person: { ...no, again: 'person' },
      ours: { ...no, couldBeOurs: true },
      'not-now': { ...no, again: 'not-now' },
      unknown: { is: 'unknown', why: 'timeout', spoiled: false },
    } as const;
    return decide.record(refund, { leg: number, sending: sendings }, outcomes[act.outcome], moment);
  }
  switch (act) {
    case 'send':
      return decide.send(refund, { leg: number, key: `k${epoch}`, request: 'r', endpoint: 'e' }, moment);
    case 'give-up':
      return decide.giveUpLease(refund, number, moment.now);
    case 'absent':
      return decide.absent(refund, number, moment.now);
    case 'renew':
      return decide.renew(refund, number);
    case 'refuse':
      return decide.refuse(refund, number, { code: 'declined' });
    case 'hold':
      return decide.hold(refund, number, ['no-proof'], moment);
    case 'freeze':
      return decide.hold(refund, number, ['payment-disputed'], moment);
    case 'resume':
      return decide.resume(refund, number, moment.now);
    case 'lose':
      return decide.lose(refund, number, moment.now, moment);
  }
}

function play(world: World, step: Step): void {
  world.now += step.ms;
  if (step.choice % 10 === 0) hear(world, step.choice);
  const before = world.refunds[step.refund];
  if (before === undefined) return;
  const possible = acts.filter((act) => decisionOf(before, step.leg, act, world.now).is === 'events');
  const act = possible[step.choice % Math.max(1, possible.length)];
  if (act !== undefined) commit(world, step.refund, decisionOf(before, step.leg, act, world.now));
}

const heard = [
  'payment.captured',
  'payment.refund-adopted',
  'payment.adoption-reversed',
  'payment.dispute-opened',
  'payment.dispute-won',
  'payment.dispute-lost',
] as const;

/** A dispute opens, or one that is open ends. */
function quarrel(world: World, news: (typeof heard)[number]): void {
  if (news !== 'payment.dispute-opened' && world.balance.disputes === 0) return;
  const event = { type: news, v: 1, theirs: 'd', kind: 'formal', amountMinor: 100n, at: clock(world.now) } as const;
  world.balance = learnPayment(world.balance, event);
  if (news === 'payment.dispute-lost') world.facts = true;
}

/** What the gateway says of the payment itself. */
function hear(world: World, choice: number): void {
  const news = heard[Math.floor(choice / 10) % heard.length];
  if (news === undefined || (news === 'payment.adoption-reversed' && world.adopted === 0n)) return;
  if (news.startsWith('payment.dispute')) {
    quarrel(world, news);
    return;
  }
  world.balance = learnPayment(world.balance, {
    type: news,
    v: 1,
    theirs: 'x',
    kind: 'formal',
    amountMinor: 100n,
    at: clock(world.now),
  });
  if (news === 'payment.captured') return;
  world.adopted += news === 'payment.refund-adopted' ? 100n : -100n;
  world.facts = true;
}

/** One transaction: all of the decision, or none of it. */
function commit(world: World, index: number, decision: Decision): void {
  const before = world.refunds[index];
  if (before === undefined || decision.is !== 'events') return;
  let balance = world.balance;
  for (const one of effectsOf(`rf_${index}`, before, decision.events, clock(world.now))) {
    const next = apply(balance, one);
    if (typeof next === 'string') return;
    balance = next;
  }
  for (const event of decision.events) {
    if (event.type === 'leg.accepted')
      world.facts ||= event.amountMinor !== undefined || !promised(legOf(before, event.leg));
    if (event.type !== 'leg.surplus' && event.type !== 'leg.surplus-failed') continue;
    world.facts = true;
    world.surplus.set(`${index}/${event.leg}/${event.theirs}`, event.type === 'leg.surplus' ? event.amountMinor : 0n);
  }
  world.balance = balance;
  world.refunds[index] = decision.events.reduce((state, event) => evolve(state, event, clock(world.now)), before);
}

const sendingsOf = (refund: Refund) => (refund.is === 'approved' ? refund.legs.map((leg) => leg.sendings) : []);

const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n);

function check({ balance, refunds, adopted, surplus: unwanted, facts }: World): void {
  const surplus = sum([...unwanted.values()]);
  const legs = refunds.flatMap((refund, index) =>
    refund.is === 'approved' ? refund.legs.map((leg) => ({ leg, place: holder(`rf_${index}`, leg.leg) })) : [],
  );
  const said = (leg: Leg, ...states: string[]) =>
    Object.entries(leg.evidence).flatMap(([id, state]) =>
      states.includes(state) ? [leg.confirmedMinor[id] ?? 0n] : [],
    );
  const most = (amounts: bigint[]) => amounts.reduce((a, b) => (a > b ? a : b));
  const reserved = legs.filter(({ leg }) => promised(leg));
  const taken = sum(reserved.map(({ leg }) => most([leg.amountMinor, ...said(leg, 'pending', 'succeeded')])));
  expect(balance.availableMinor).toBe(balance.capturedMinor - balance.chargedBackMinor - taken - surplus - adopted);
  if (!facts) expect(balance.availableMinor >= 0n).toBe(true);
  const succeeded = legs.filter(({ leg }) => Object.values(leg.evidence).includes('succeeded'));
  expect(balance.refundedMinor).toBe(sum(succeeded.flatMap(({ leg }) => said(leg, 'succeeded'))) + surplus + adopted);
  const open = legs.filter(({ leg: { now } }) => {
    const state = now.is === 'held' ? now.from : now;
    return state.is === 'sending' || (state.is === 'unknown' && state.lost !== true);
  });
  expect(open.map(({ place }) => place)).toEqual(balance.inFlight === undefined ? [] : [balance.inFlight]);
  // Whatever may have moved, or still may, is taken out of what is available.
  for (const { leg } of legs) {
    const quiet =
      leg.doubtSince === undefined &&
      !Object.values(leg.evidence).some((one) => one === 'pending' || one === 'succeeded');
    if (!promised(leg)) expect(quiet).toBe(true);
  }
}

describe('several refunds on one payment', () => {
  it("F35 F45 keep the books, whatever people, workers and the gateway do, and take below zero only on the gateway's word", () => {
    const books = fc.property(steps, (all) => {
      const world = worldOf([held([400n]), held([300n, 250n]), held([200n])]);
      for (const step of all) {
        play(world, step);
        check(world);
      }
    });
    fc.assert(books, { ...seeded, numRuns: 400 });
  });

  it('F46 send nothing on a payment that is disputed, or that was charged back without a person knowing', () => {
    const frozen = fc.property(steps, (all) => {
      const world = worldOf([held([400n]), held([300n, 250n]), held([200n])]);
      for (const step of all) {
        const before = world.refunds.map(sendingsOf);
        play(world, step);
        const { disputes, chargedBackMinor } = world.balance;
        const sent = world.refunds.flatMap((refund, index) =>
          refund.is === 'approved' ? refund.legs.filter((leg, n) => leg.sendings > (before[index]?.[n] ?? 0)) : [],
        );
        if (disputes > 0) expect(sent).toEqual([]);
        if (chargedBackMinor > 0n) expect(sent.every((leg) => leg.chargebackKnown)).toBe(true);
      }
    });
    fc.assert(frozen, { ...seeded, numRuns: 400 });
  });

  it('F35 approved at once never reserve more than was captured', () => {
    const race = fc.property(fc.array(fc.bigInt({ min: 1n, max: 600n }), { maxLength: 8 }), (amounts) => {
      const world = worldOf(amounts.map((one) => held([one])));
      for (const [index, refund] of [...world.refunds.entries()]) commit(world, index, people.approve(refund, at(0)));
      const approved = amounts.filter((_, index) => world.refunds[index]?.is === 'approved');
      expect(sum(approved) <= 1000n).toBe(true);
      expect(world.balance.availableMinor).toBe(1000n - sum(approved));
    });
    fc.assert(race, { ...seeded, numRuns: 200 });
  });
});
