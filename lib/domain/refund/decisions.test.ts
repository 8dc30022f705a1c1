import { describe, expect, it } from 'vitest';
import { hour, minute, second } from '../time.ts';
import {
  absent,
  cancel,
  dispute,
  giveUpLease,
  hold,
  holdInstead,
  holdUnsent,
  lose,
  record,
  refuse,
  renew,
  resume,
  send,
} from './decide.ts';
import type { Decision } from './decision.ts';
import type { RefundEvent } from './event.ts';
import {
  approved,
  at,
  clock,
  currency,
  evidence,
  fact,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  legStates,
  legThatIs,
  planned,
  quoteOf,
  requested,
  t0,
  tempo,
} from './given.ts';
import { learn } from './learn.ts';
import type { Outcome } from './outcome.ts';
import { approve, deny } from './people.ts';
import type { Refund } from './state.ts';

const now = at(7000);
const holdUntil = clock(7000 + tempo.holdLimitMs);
const held = (...reasons: Extract<RefundEvent, { type: 'leg.held' }>['reasons']) =>
  fact('leg.held', { reasons, until: holdUntil });
const sending = { leg: 1, sending: 1 };
const first = legThatIs('sending');
const resent = givenLeg(...legHistories.unknown, fact('leg.sending', { sending: 2 }));
const said = (outcome: Partial<Extract<Outcome, { is: 'refused' }>>): Outcome => ({
  is: 'refused',
  code: 'c',
  again: 'final',
  couldBeOurs: false,
  ...outcome,
});
const disputed = givenLeg(fact('leg.held', { reasons: ['payment-disputed'] }));
const waiting = given(requested(), { type: 'refund.waiting', v: 1, reason: 'payment-unknown', until: clock(1) });
const overLimit = given(requested(), heldRefund(['over-limit'], [planned()]));
const notFound = given(requested(), heldRefund(['payment-not-found']));
const doubtful = { type: 'leg.unknown', v: 1, leg: 1, why: 'ambiguous-refusal', spoiled: false, refusal: 'c' } as const;

describe('a decision in full', () => {
  it.each<[string, () => Decision, readonly RefundEvent[]]>([
    [
      'approved as it was shown',
      () => approve(overLimit, now),
      [{ type: 'refund.approved', v: 1, legs: [planned()], policy: 'person', inputs: '' }],
    ],
    [
      'looked for again',
      () => approve(notFound, now),
      [
        {
          type: 'refund.resumed',
          v: 1,
          cleared: ['payment-not-found'],
          until: clock(7000 + tempo.waitForPaymentMs),
        },
      ],
    ],
    ['released', () => approve(legThatIs('held'), now), [fact('leg.released', { at: now.now })]],
    ['denied', () => deny(overLimit), [{ type: 'refund.denied', v: 1, reasons: ['by-person'] }]],
    ['denied while it waits', () => deny(waiting), [{ type: 'refund.denied', v: 1, reasons: ['by-person'] }]],
    ['closed', () => deny(legThatIs('held')), [fact('leg.closed')]],
    ['cancelled in time', () => cancel(givenLeg(), now), [{ type: 'refund.cancelled', v: 1 }]],
    ['cancelled too late', () => cancel(first, now), [{ type: 'refund.cancel-refused', v: 1, reason: 'already-sent' }]],
    [
      'held before there is a plan',
      () => holdUnsent(waiting, ['payment-overdrawn'], now),
      [{ type: 'refund.held', v: 1, reasons: ['payment-overdrawn'], legs: [], until: holdUntil, seen: {} }],
    ],
    [
      'held for one more reason, no longer than before',
      () => holdUnsent(overLimit, ['over-limit', 'payment-overdrawn'], now),
      [{ ...heldRefund(['over-limit', 'payment-overdrawn'], [planned()]) }],
    ],
    ['held unsent', () => holdUnsent(givenLeg(), ['payment-overdrawn'], now), [held('payment-overdrawn')]],
    [
      'sent',
      () => send(legThatIs('unknown'), { leg: 1, key: 'k1', request: 'r1', endpoint: 'e' }, now),
      [
        fact('leg.sending', {
          sending: 2,
          endpoint: 'e',
          leaseUntil: clock(7000 + tempo.leaseMs),
          latestStart: clock(7000 + tempo.latestStartMs),
        }),
      ],
    ],
    [
      'F62 not sent: its key asked another thing',
      () => send(legThatIs('unknown'), { leg: 1, key: 'k1', request: 'r2', endpoint: 'e' }, now),
      [held('key-reused')],
    ],
    [
      'accepted',
      () => record(first, sending, { is: 'accepted', evidence: evidence({ state: 'succeeded' }) }, now),
      [fact('leg.accepted', { state: 'succeeded' })],
    ],
    [
      'unanswered',
      () => record(first, sending, { is: 'unknown', why: 'server-error', spoiled: true }, now),
      [fact('leg.unknown', { why: 'server-error', spoiled: true })],
    ],
    ['refused', () => record(first, sending, said({}), now), [fact('leg.refused', { code: 'c' })]],
    [
      'refused, for a person',
      () => record(first, sending, said({ again: 'person' }), now),
      [fact('leg.refused', { code: 'c' }), held('refused-by-gateway')],
    ],
    [
      'F46 refused for a dispute',
      () => record(first, sending, said({ again: 'person', because: 'disputed' }), now),
      [fact('leg.refused', { code: 'c' }), held('payment-disputed')],
    ],
    ['doubted', () => record(first, sending, said({ couldBeOurs: true }), now), [doubtful]],
    ['doubted after an earlier request', () => record(resent, { leg: 1, sending: 2 }, said({}), now), [doubtful]],
    [
      'doubted, for a person',
      () => record(first, sending, said({ couldBeOurs: true, again: 'person', because: 'disputed' }), now),
      [{ ...doubtful, forPerson: true, because: 'disputed' }],
    ],
    [
      'F61 put off',
      () => record(first, sending, said({ again: 'not-now' }), now),
      [fact('leg.deferred', { code: 'c', until: clock(7000 + 2 * second) })],
    ],
    [
      'F61 put off for longer the second time',
      () => record(resent, { leg: 1, sending: 2 }, said({ again: 'account' }), now),
      [fact('leg.deferred', { code: 'c', until: clock(7000 + 10 * second) })],
    ],
    [
      'given up by whoever had the lease',
      () => giveUpLease(first, 1, clock(minute)),
      [fact('leg.unknown', { why: 'no-outcome' })],
    ],
    ['absent', () => absent(legThatIs('unknown'), 1, clock(hour)), [fact('leg.absent', { askedAt: clock(hour) })]],
    ['under a new key', () => renew(legThatIs('unknown'), 1), [fact('leg.renewed', { epoch: 2 })]],
    ['refused after all', () => refuse(legThatIs('unknown'), 1, { code: 'c' }), [fact('leg.refused', { code: 'c' })]],
    [
      'refused after all, for a person',
      () => refuse(legThatIs('unknown'), 1, { code: 'c' }, now),
      [fact('leg.refused', { code: 'c' }), held('refused-by-gateway')],
    ],
    [
      'F46 refused after all, for a dispute',
      () => refuse(legThatIs('unknown'), 1, { code: 'c', because: 'disputed' }, now),
      [fact('leg.refused', { code: 'c' }), held('payment-disputed')],
    ],
    ['held', () => hold(legThatIs('unknown'), 1, ['no-proof', 'no-answer'], now), [held('no-proof', 'no-answer')]],
    ['F46 going on after a dispute', () => resume(disputed, 1, now.now), [fact('leg.released', { at: now.now })]],
    [
      'F46 held for another reason after it',
      () => holdInstead(disputed, 1, 'charged-back', now),
      [held('charged-back')],
    ],
    [
      'F102 lost',
      () => lose(legThatIs('refunded'), 1, clock(5000), now),
      [fact('leg.lost', { askedAt: clock(5000) }), held('lost-at-gateway')],
    ],
    [
      'F102 absent, though no request of ours is known',
      () => absent(givenLeg(fact('leg.accepted', { state: 'succeeded' }), fact('leg.lost')), 1, clock(hour)),
      [fact('leg.absent', { askedAt: clock(hour) })],
    ],
  ])('%s', (_, decide, events) => expect(decide()).toStrictEqual({ is: 'events', events }));

  it.each<[string, () => Decision, RegExp]>([
    [
      'nothing-to-pay',
      () => approve(given({ ...requested(), quote: quoteOf(0n) } as RefundEvent, heldRefund([])), now),
      /nothing to pay/,
    ],
    ['not-held', () => approve(givenLeg(), now), /Only a held refund can be approved/],
    ['not-held', () => deny(givenLeg()), /Only a held or waiting refund can be denied/],
    [
      'incident',
      () => approve(givenLeg(...legHistories.failed, fact('leg.surplus'), fact('leg.held')), now),
      /Going on would pay again; settle it at the gateway/,
    ],
  ])('is refused in words that say what to do: %s', (code, decide, detail) => {
    expect(decide()).toEqual({ is: 'refused', fault: { code, detail: expect.stringMatching(detail) } });
  });
});

describe('several legs', () => {
  const two = (...history: readonly RefundEvent[]) => given(requested(), approved(planned(1), planned(2)), ...history);

  it('F53 are cancelled only where none was touched, and otherwise those that were not wait for a person', () => {
    expect(cancel(two(), now)).toEqual({ is: 'events', events: [{ type: 'refund.cancelled', v: 1 }] });
    expect(cancel(two(fact('leg.sending')), now)).toMatchObject({
      events: [{ type: 'refund.cancel-refused' }, { type: 'leg.held', leg: 2, reasons: ['return-cancelled'] }],
    });
  });

  it('F103 one that was refused beside a second refund is no reason to stop what is not held', () => {
    const beside = [...legHistories.failed, fact('leg.surplus')];
    expect(approve(two(...beside), now)).toMatchObject({ fault: { code: 'not-held' } });
  });

  it('F70 hear of their own sendings only', () => {
    expect(record(first, { leg: 1, sending: 2 }, said({}), now)).toEqual({ is: 'nothing' });
    expect(record(resent, { leg: 1, sending: 1 }, said({}), now)).toEqual({ is: 'nothing' });
  });
});

describe('after a dispute', () => {
  it.each<[string, Refund]>([
    ...legStates.map((state): [string, Refund] => [state, legThatIs(state)]),
    ['held for more', givenLeg(fact('leg.held', { reasons: ['payment-disputed', 'no-proof'] }))],
    ['cancelled meanwhile', givenLeg({ type: 'refund.cancelled', v: 1 })],
  ])('F46 nothing goes on that it did not hold alone: %s', (_, refund) => {
    expect(resume(refund, 1, t0)).toEqual({ is: 'nothing' });
    expect(holdInstead(refund, 1, 'charged-back', now)).toEqual({ is: 'nothing' });
  });

  it('F46 each stage is said once, and that it was won only where somebody heard of it', () => {
    const refund = legThatIs('refunded');
    const open = givenLeg(...legHistories.refunded, fact('leg.disputed'));
    expect(dispute(refund, 1, 'open')).toEqual({ is: 'events', events: [fact('leg.disputed')] });
    expect(dispute(refund, 1, 'lost')).toEqual({ is: 'events', events: [fact('leg.disputed', { stage: 'lost' })] });
    expect(dispute(refund, 1, 'won')).toEqual({ is: 'nothing' });
    expect(dispute(open, 1, 'open')).toEqual({ is: 'nothing' });
    expect(dispute(open, 1, 'won')).toEqual({ is: 'events', events: [fact('leg.disputed', { stage: 'won' })] });
    expect(dispute(refund, 2, 'open')).toEqual({ is: 'nothing' });
    expect(dispute(waiting, 1, 'open')).toEqual({ is: 'nothing' });
  });

  it('F48 is about its own leg', () => {
    const two = given(requested(), approved(planned(1), planned(2)));
    expect(dispute(two, 2, 'open')).toEqual({ is: 'events', events: [{ ...fact('leg.disputed'), leg: 2 }] });
  });
});

describe('a success that is gone', () => {
  it('F102 is lost only by a question that was asked after it', () => {
    expect(lose(legThatIs('refunded'), 1, t0, now)).toEqual({ is: 'nothing' });
    for (const state of legStates.filter((one) => one !== 'refunded'))
      expect(lose(legThatIs(state), 1, clock(hour), now)).toEqual({ is: 'nothing' });
  });
});

describe('what is learned in full', () => {
  const learned = (refund: Refund, news: Parameters<typeof evidence>[0]) =>
    learn(refund, 1, evidence(news), 'webhook', now);
  const refusedAndHeld = givenLeg(...legHistories.refused, fact('leg.held', { reasons: ['refused-by-gateway'] }));
  const twoRefunds = givenLeg(
    ...legHistories.refunded,
    fact('leg.surplus'),
    fact('leg.held', { reasons: ['two-refunds'] }),
  );
  const accepted = (more: object = {}) => fact('leg.accepted', { source: 'webhook', ...more });
  const other = [...legHistories.sending, accepted({ amountMinor: 1n })];
  it.each<[string, () => Decision, readonly RefundEvent[]]>([
    ['pending', () => learned(first, {}), [accepted()]],
    ['pending, with a reason', () => learned(first, { reason: 'processing' }), [accepted({ reason: 'processing' })]],
    ['success', () => learned(legThatIs('pending'), { state: 'succeeded' }), [accepted({ state: 'succeeded' })]],
    [
      'failure',
      () => learned(legThatIs('refunded'), { state: 'failed', reason: 'expired-card' }),
      [fact('leg.failed'), held('failed-at-gateway')],
    ],
    [
      'failure without a reason',
      () => learned(legThatIs('pending'), { state: 'failed' }),
      [fact('leg.failed', { reason: 'failed' }), held('failed-at-gateway')],
    ],
    [
      'failure of what was refused: its hold stays',
      () => learned(refusedAndHeld, { state: 'failed' }),
      [fact('leg.failed', { reason: 'failed' }), held('refused-by-gateway')],
    ],
    ['failure of what is nobody’s try', () => learned(legThatIs('ready'), { state: 'failed' }), [fact('leg.noted')]],
    [
      'failure under no key that is known: of the request under way',
      () => learned({ ...first }, { state: 'failed', key: undefined as never }),
      [fact('leg.failed', { reason: 'failed' }), held('failed-at-gateway')],
    ],
    [
      'failure of another than the one that lives',
      () => learned(legThatIs('pending'), { theirs: 're_2', state: 'failed' }),
      [fact('leg.noted', { theirs: 're_2' })],
    ],
    [
      'failure beside another',
      () => learned(twoRefunds, { state: 'failed' }),
      [fact('leg.failed', { reason: 'failed' })],
    ],
    [
      'F78 another amount',
      () => learned(first, { amountMinor: 1n, state: 'succeeded' }),
      [accepted({ state: 'succeeded', amountMinor: 1n }), held('echo-mismatch')],
    ],
    [
      'F78 another currency, whose amount says nothing here',
      () => learned(first, { amountMinor: 1n, currency: currency('JPY') }),
      [accepted(), held('echo-mismatch')],
    ],
    [
      'F78 another amount than before',
      () => learned(legThatIs('pending'), { amountMinor: 1n, state: 'succeeded' }),
      [accepted({ state: 'succeeded', amountMinor: 1n }), held('echo-mismatch')],
    ],
    [
      'F78 that another amount has arrived, while a person compares',
      () => learned(givenLeg(...other, held('echo-mismatch')), { amountMinor: 1n, state: 'succeeded' }),
      [accepted({ state: 'succeeded', amountMinor: 1n })],
    ],
    [
      'F78 the same once a person has closed it',
      () =>
        learned(givenLeg(...other, held('echo-mismatch'), fact('leg.closed')), { amountMinor: 1n, state: 'succeeded' }),
      [accepted({ state: 'succeeded', amountMinor: 1n })],
    ],
    ...(['pending', 'succeeded'] as const).map((state): [string, () => Decision, readonly RefundEvent[]] => [
      `F78 that it is ${state} with the right amount after all`,
      () =>
        learned(givenLeg(...legHistories.sending, accepted({ state, amountMinor: 1n }), held('echo-mismatch')), {
          state,
        }),
      [accepted({ state })],
    ]),
    [
      'F78 the same while it was held for something else',
      () =>
        learned(givenLeg(...legHistories.pending, held('pending-too-long')), { amountMinor: 1n, state: 'succeeded' }),
      [accepted({ state: 'succeeded', amountMinor: 1n }), held('echo-mismatch')],
    ],
    [
      'F103 a second refund',
      () => learned(legThatIs('refunded'), { theirs: 're_2', amountMinor: 5n }),
      [fact('leg.surplus', { amountMinor: 5n }), held('two-refunds')],
    ],
    [
      'F103 a second refund of a leg that a person closed',
      () => learned(givenLeg(...legHistories.refunded, fact('leg.held'), fact('leg.closed')), { theirs: 're_2' }),
      [fact('leg.surplus')],
    ],
    [
      'F103 that the second failed gives back what was counted, whatever the failure says',
      () => learned(twoRefunds, { theirs: 're_2', state: 'failed', amountMinor: 1n }),
      [fact('leg.surplus-failed')],
    ],
  ])('%s', (_, decide, events) => expect(decide()).toStrictEqual({ is: 'events', events }));

  it.each<[string, () => Decision]>([
    ['the same again', () => learned(legThatIs('pending'), {})],
    ['less than is known', () => learned(legThatIs('refunded'), {})],
    [
      'no reason, where one is known',
      () => learned(givenLeg(fact('leg.sending'), fact('leg.accepted', { reason: 'processing' })), {}),
    ],
    [
      'F103 another reason for a second refund, once a person let the leg go on',
      () =>
        learned(givenLeg(...legHistories.pending, fact('leg.surplus'), fact('leg.held'), fact('leg.released')), {
          theirs: 're_2',
          reason: 'processing',
        }),
    ],
    ['another reason for what is no more pending', () => learned(legThatIs('refunded'), { reason: 'processing' })],
    ['another reason for another refund', () => learned(twoRefunds, { theirs: 're_2', reason: 'processing' })],
    ['that it failed, again', () => learned(legThatIs('failed'), { state: 'failed' })],
    [
      'F78 another amount once more',
      () =>
        learned(givenLeg(...legHistories.sending, fact('leg.accepted', { amountMinor: 1n }), held('echo-mismatch')), {
          amountMinor: 1n,
        }),
    ],
    [
      'F78 less than is known, of the right amount',
      () =>
        learned(givenLeg(...legHistories.sending, fact('leg.accepted', { state: 'succeeded', amountMinor: 1n })), {}),
    ],
    ['F78 another amount, while a person looks', () => learned(legThatIs('refunded'), { amountMinor: 1n })],
  ])('nothing by %s', (_, decide) => expect(decide()).toEqual({ is: 'nothing' }));
});
