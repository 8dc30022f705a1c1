import { describe, expect, it } from 'vitest';
import { hour, minute } from '../time.ts';
import {
  absent,
  cancel,
  giveUpLease,
  hold,
  holdCancelled,
  holdUnsent,
  type Permit,
  record,
  refuse,
  renew,
  restate,
  resume,
  send,
  unlessTakenBack,
} from './decide.ts';
import type { RefundEvent } from './event.ts';
import {
  approved,
  at,
  clock,
  fact,
  following,
  given,
  givenLeg,
  heldRefund,
  legHistories,
  legStates,
  legThatIs,
  planned,
  quoteOf,
  requested,
  tempo,
  words,
} from './given.ts';
import type { Outcome } from './outcome.ts';
import { approve, deny } from './people.ts';
import { legOf, none, type Refund } from './state.ts';

type Words = string | readonly string[];
const waiting: RefundEvent = { type: 'refund.waiting', v: 1, reason: 'payment-unknown', until: clock(1) };
const plan = [planned()];
const refunds: Record<string, Refund> = {
  none,
  requested: given(requested()),
  waiting: given(requested(), waiting),
  'held with a plan': given(requested(), heldRefund(['over-limit'], plan)),
  'held without a plan': given(requested(), heldRefund(['payment-not-found'])),
  'held with nothing to pay': given(
    { ...requested(), quote: quoteOf(0n) } as RefundEvent,
    heldRefund(['return-shrank'], plan),
  ),
  denied: given(requested(), { type: 'refund.denied', v: 1, reasons: ['by-person'] }),
  cancelled: given(requested(), { type: 'refund.cancelled', v: 1 }),
  ...Object.fromEntries(legStates.map((state) => [`approved, its leg ${state}`, legThatIs(state)])),
  'approved, its leg held unsent': givenLeg(fact('leg.held')),
  'approved, its leg closed unsent': givenLeg(fact('leg.held'), fact('leg.closed')),
  'approved, its leg deferred': givenLeg(fact('leg.sending'), fact('leg.deferred')),
  'approved, its leg known from the gateway only': givenLeg(fact('leg.accepted')),
};

/** Every command of a person by every state; what is not listed is `otherwise`. */
const table = (
  decide: (refund: Refund) => Parameters<typeof words>[0],
  otherwise: Words,
  allowed: Record<string, Words>,
) => {
  for (const name of Object.keys(allowed)) expect(refunds).toHaveProperty([name]);
  for (const [name, refund] of Object.entries(refunds)) {
    expect([name, words(decide(refund))]).toEqual([name, allowed[name] ?? otherwise]);
  }
};

describe('a person', () => {
  it('approves what is held, and nothing else', () => {
    table((refund) => approve(refund, at(0)), 'not-held', {
      'held with a plan': ['refund.approved'],
      'held without a plan': ['refund.resumed'],
      'held with nothing to pay': 'nothing-to-pay',
      'approved, its leg held': ['leg.released'],
      'approved, its leg held unsent': ['leg.released'],
    });
  });

  it('denies what is held or waits, and nothing else', () => {
    table(deny, 'not-held', {
      waiting: ['refund.denied'],
      'held with a plan': ['refund.denied'],
      'held without a plan': ['refund.denied'],
      'held with nothing to pay': ['refund.denied'],
      'approved, its leg held': ['leg.closed'],
      'approved, its leg held unsent': ['leg.closed'],
    });
  });

  it('F132 approves the plan as it was shown', () => {
    const decision = approve(refunds['held with a plan']!, at(0));
    expect(decision).toMatchObject({ events: [{ legs: plan, policy: 'person' }] });
  });

  const twoRefunds = [
    ...legHistories.refunded,
    fact('leg.surplus'),
    fact('leg.held', { reasons: ['two-refunds'] }),
  ] as const;
  const beside = (state: 'refused' | 'failed') => [...legHistories[state], fact('leg.surplus'), fact('leg.held')];
  it.each<[string, readonly RefundEvent[], Words]>([
    ['the first failed and the second lives', [...twoRefunds, fact('leg.failed')], 'incident'],
    ['it was refused and a second refund lives', beside('refused'), 'incident'],
    ['it failed and a second refund lives', beside('failed'), 'incident'],
    ['both live: nothing is sent by going on', twoRefunds, ['leg.released']],
    ['both failed', [...twoRefunds, fact('leg.failed'), fact('leg.surplus-failed')], ['leg.released']],
    ['it only ever failed', [...legHistories.failed, fact('leg.held')], ['leg.released']],
  ])('F103 who approves does not pay beside a refund nobody wanted: %s', (_, history, expected) => {
    expect(words(approve(givenLeg(...history), at(0)))).toEqual(expected);
    expect(words(deny(givenLeg(...history)))).toEqual(['leg.closed']);
  });

  it('F103 never lets a leg go on that would pay beside a refund nobody wanted, and lets the others', () => {
    const legs = [approved(planned(1), planned(2)), { ...fact('leg.held'), leg: 2 } as RefundEvent];
    const both = given(requested(), ...legs, ...beside('failed'));
    expect(approve(both, at(0))).toMatchObject({ events: [{ type: 'leg.released', leg: 2 }] });
    expect(words(approve(givenLeg(...beside('failed')), at(0)))).toBe('incident');
  });

  it('F48 goes on without the legs of payments that lack money, but with those whose amount is still reserved', () => {
    const legs = [approved(planned(1), planned(2)), { ...fact('leg.held'), leg: 2 } as RefundEvent];
    const refund = given(requested(), ...legs, fact('leg.sending'), fact('leg.failed'), fact('leg.held'));
    const released = (...lacking: number[]) =>
      approve(refund, at(0), { lacking: new Set(lacking.map((leg) => planned(leg).payment)) });
    for (const all of [[], [2]])
      expect(released(...all)).toMatchObject({ events: [{ type: 'leg.released', leg: 1 }, { leg: 2 }] });
    expect(released(1, 2)).toMatchObject({ events: [{ type: 'leg.released', leg: 2 }] });
  });

  it('F48 approves and denies only the legs that are held', () => {
    const two = given(
      requested(),
      approved(planned(1), planned(2)),
      fact('leg.sending'),
      fact('leg.unknown'),
      fact('leg.held'),
    );
    expect(approve(two, at(0))).toMatchObject({ events: [{ type: 'leg.released', leg: 1 }] });
    expect(deny(two)).toMatchObject({ events: [{ type: 'leg.closed', leg: 1 }] });
  });
});

describe('a shop that cancels', () => {
  it('F53 is in time before the first request and the first news, too late after it', () => {
    table((refund) => cancel(refund, at(0)), 'nothing', {
      requested: ['refund.cancelled'],
      waiting: ['refund.cancelled'],
      'held with a plan': ['refund.cancelled'],
      'held without a plan': ['refund.cancelled'],
      'held with nothing to pay': ['refund.cancelled'],
      'approved, its leg ready': ['refund.cancelled'],
      'approved, its leg held unsent': ['refund.cancelled'],
      'approved, its leg deferred': ['refund.cancel-refused', 'leg.held'],
      ...Object.fromEntries(
        [
          'sending',
          'unknown',
          'pending',
          'refunded',
          'refused',
          'failed',
          'held',
          'closed',
          'closed unsent',
          'known from the gateway only',
        ].map((state) => [`approved, its leg ${state}`, ['refund.cancel-refused']]),
      ),
    });
  });
});

describe('a return that is cancelled while the gateway is asked', () => {
  const steps = ['nothing', 'send', 'give-up-lease', 'find', 'poll', 'renew'] as const;
  const asIs = steps.map((word): string => word);
  const unless = (refund: Refund) => steps.map((word) => unlessTakenBack({ do: word }, refund, legOf(refund, 1)).do);
  const cancelled = following(givenLeg(fact('leg.sending')), cancel(givenLeg(fact('leg.sending')), at(0)));
  const waiting = asIs.map((word) => (word === 'send' || word === 'renew' ? 'hold' : word));

  it('F53 asks for nothing more, whatever came of that request, and asks what came of it', () => {
    expect(unlessTakenBack({ do: 'send' }, cancelled, legOf(cancelled, 1))).toEqual({
      do: 'hold',
      reasons: ['return-cancelled'],
    });
    const disputed = {
      is: 'refused',
      code: 'charge_disputed',
      again: 'person',
      because: 'disputed',
      couldBeOurs: false,
    };
    const notNow = { is: 'refused', code: 'rate_limit', again: 'not-now', couldBeOurs: false };
    const silent = { is: 'unknown', why: 'timeout', spoiled: false };
    for (const outcome of [disputed, notNow, silent]) {
      const after = following(cancelled, record(cancelled, { leg: 1, sending: 1 }, outcome as Outcome, at(1000)));
      expect(unless(after)).toEqual(waiting);
      const resumed = resume(after, 1, at(hour).now);
      if (resumed.is === 'events') expect(unless(following(after, resumed))).toEqual(waiting);
    }
  });

  it('F53 goes on where a person lets it go on, or nobody took it back', () => {
    expect(unless(givenLeg(fact('leg.sending')))).toEqual(asIs);
    const held = following(cancelled, {
      is: 'events',
      events: [fact('leg.unknown'), fact('leg.held', { reasons: ['return-cancelled'] })],
    });
    const released = following(held, approve(held, at(hour)));
    expect(unless(released)).toEqual(asIs);
    expect(words(cancel(released, at(hour)))).toBe('nothing');
  });
});

describe('a return that was approved after it was cancelled', () => {
  it('F53 waits for a person where it would be cancelled, and is too late where that would be', () => {
    for (const [name, refund] of Object.entries(refunds)) {
      const cancelled = words(cancel(refund, at(0)));
      const inTime = Array.isArray(cancelled) && cancelled.includes('refund.cancelled');
      const waits = holdUnsent(refund, ['return-cancelled'], at(0));
      expect([name, words(holdCancelled(refund, at(0)))]).toEqual([name, inTime ? words(waits) : cancelled]);
    }
  });
});

describe('a return that states less while the gateway is asked', () => {
  const less = (refund: Refund) => restate(refund, 'return-shrank', at(0));
  const resend = (refund: Refund) => unlessTakenBack({ do: 'send' }, refund, legOf(refund, 1));
  const waits = { do: 'hold', reasons: ['return-shrank'] };

  it('F41 asks for nothing more before a person knows, whatever came of what was asked for', () => {
    const started = Object.fromEntries(legStates.map((state) => [state, words(less(legThatIs(state)))]));
    const marked = ['leg.restated'];
    expect(started).toEqual({
      ...{ ready: ['leg.held'], refused: 'nothing', failed: 'nothing', closed: 'nothing' },
      ...{ sending: marked, unknown: marked, pending: marked, refunded: marked, held: [...marked, 'leg.held'] },
    });
    for (const state of ['sending', 'unknown', 'pending', 'refunded'] as const) {
      const after = following(legThatIs(state), less(legThatIs(state)));
      expect([state, resend(after), words(less(after))]).toEqual([state, waits, 'nothing']);
      expect(unlessTakenBack({ do: 'find' }, after, legOf(after, 1))).toEqual({ do: 'find' });
    }
  });

  it('F41 goes on where a person lets it go on, until it states less once more', () => {
    const after = following(legThatIs('unknown'), less(legThatIs('unknown')));
    const held = following(after, hold(after, 1, ['no-answer'], at(hour)));
    expect(legOf(held, 1).now).toMatchObject({ reasons: ['no-answer', 'return-shrank'] });
    const released = following(held, approve(held, at(hour)));
    expect(resend(released)).toEqual({ do: 'send' });
    expect(resend(following(released, less(released)))).toEqual(waits);
  });

  it('F41 tells whoever looks at a leg in doubt, whose word on it counts as before', () => {
    const held = following(legThatIs('held'), less(legThatIs('held')));
    expect(legOf(held, 1).now).toMatchObject({ reasons: ['no-answer', 'return-shrank'] });
    expect(words(approve(held, at(hour), { word: 'absent' }))).toEqual(['leg.released', 'leg.renewed']);
  });

  it('F41 F46 does not go on with the end of a dispute alone', () => {
    const after = following(legThatIs('sending'), less(legThatIs('sending')));
    const held = following(after, hold(after, 1, ['payment-disputed'], at(hour)));
    expect(words(resume(held, 1, at(hour).now))).toBe('nothing');
  });
});

describe('a shop that cancels twice', () => {
  it('F53 is told once that it is too late, and what is cancelled stays so', () => {
    for (const state of legStates.filter((one) => one !== 'ready')) {
      const told = following(legThatIs(state), cancel(legThatIs(state), at(0)));
      expect([state, words(cancel(told, at(hour)))]).toEqual([state, 'nothing']);
    }
    expect(words(cancel(following(givenLeg(), cancel(givenLeg(), at(0))), at(hour)))).toBe('nothing');
    const deferred = givenLeg(fact('leg.sending'), fact('leg.deferred'));
    expect(words(cancel(following(deferred, cancel(deferred, at(0))), at(hour)))).toBe('nothing');
  });
});

const permit: Permit = { leg: 1, key: 'k1', request: 'r1', endpoint: 'https://api.example/v1' };

describe('a worker', () => {
  const byState = (
    decide: (refund: Refund) => Parameters<typeof words>[0],
    otherwise: Words,
    allowed: Partial<Record<(typeof legStates)[number], Words>>,
  ) => {
    for (const state of legStates)
      expect([state, words(decide(legThatIs(state)))]).toEqual([state, allowed[state] ?? otherwise]);
  };

  it('F67 takes the right to send only where nobody has it and nothing is known', () => {
    byState((refund) => send(refund, permit, at(0)), 'nothing', { ready: ['leg.sending'], unknown: ['leg.sending'] });
  });

  it('F62 stops where one key would ask two things', () => {
    const decision = send(legThatIs('unknown'), { ...permit, request: 'r2' }, at(0));
    expect(decision).toMatchObject({ events: [{ type: 'leg.held', reasons: ['key-reused'] }] });
    expect(
      words(send(givenLeg(fact('leg.sending'), fact('leg.deferred')), { ...permit, request: 'r2' }, at(0))),
    ).toEqual(['leg.held']);
  });

  it('F62 may ask another thing under a new key', () => {
    const renewed = givenLeg(...legHistories.unknown, fact('leg.renewed'));
    expect(words(send(renewed, { ...permit, key: 'k2', request: 'r2' }, at(0)))).toEqual(['leg.sending']);
  });

  it('F87 gives every sending its number, its lease and its latest start', () => {
    const decision = send(legThatIs('unknown'), permit, at(minute));
    expect(decision).toMatchObject({
      events: [
        {
          sending: 2,
          epoch: 1,
          leaseUntil: clock(minute + tempo.leaseMs),
          latestStart: clock(minute + tempo.latestStartMs),
        },
      ],
    });
  });

  it('F88 gives a lease up only when it is over', () => {
    byState((refund) => giveUpLease(refund, 1, clock(hour)), 'nothing', { sending: ['leg.unknown'] });
    expect(words(giveUpLease(legThatIs('sending'), 1, clock(minute - 1)))).toBe('nothing');
    expect(words(giveUpLease(legThatIs('sending'), 1, clock(minute)))).toEqual(['leg.unknown']);
  });

  it.each([
    ['absence is proved', (refund: Refund) => absent(refund, 1, clock(hour)), 'leg.absent'],
    ['a key is renewed', (refund: Refund) => renew(refund, 1), 'leg.renewed'],
    ['a refusal is believed', (refund: Refund) => refuse(refund, 1, { code: 'declined' }), 'leg.refused'],
  ] as const)('F59 %s only about a leg that is unknown', (_, decide, word) => {
    byState(decide, 'nothing', { unknown: [word] });
  });

  it('F59 takes an absence for one only about requests allowed before the question', () => {
    const asked = (ms: number) => words(absent(legThatIs('unknown'), 1, clock(ms)));
    expect(asked(-1)).toBe('nothing');
    expect(asked(0)).toEqual(['leg.absent']);
  });

  it('holds a leg that is neither held nor ended well', () => {
    byState((refund) => hold(refund, 1, ['no-proof'], at(0)), ['leg.held'], {
      held: 'nothing',
      closed: 'nothing',
      refunded: 'nothing',
    });
  });

  it('F46 holds whatever is not sent yet, and nothing that is', () => {
    table((refund) => holdUnsent(refund, ['payment-overdrawn'], at(0)), 'nothing', {
      waiting: ['refund.held'],
      'held with a plan': ['refund.held'],
      'held without a plan': ['refund.held'],
      'held with nothing to pay': ['refund.held'],
      'approved, its leg ready': ['leg.held'],
      'approved, its leg held unsent': ['leg.held'],
      'approved, its leg deferred': ['leg.held'],
    });
  });

  it.each([
    ['before it was sent', []],
    ['after the gateway refused it', legHistories.refused],
    ['after it failed', legHistories.failed],
  ])('F10 F46 tells whoever looks at a leg held %s of one more reason, once', (_, history) => {
    const before = givenLeg(...history, fact('leg.held', { reasons: ['payment-disputed'] }));
    const again = holdUnsent(before, ['notice-conflict'], at(hour));
    const reasons = ['payment-disputed', 'notice-conflict'];
    expect(again).toMatchObject({ events: [{ type: 'leg.held', leg: 1, reasons, until: clock(hour) }] });
    expect(words(holdUnsent(following(before, again), ['notice-conflict'], at(hour)))).toBe('nothing');
    expect(words(resume(following(before, again), 1, clock(hour)))).toBe('nothing');
  });

  it('F10 tells the person who looks at a held refund of one more reason, once, and leaves the plan', () => {
    const before = given(requested(), heldRefund(['over-limit'], [planned(1)]));
    const again = holdUnsent(before, ['notice-conflict'], at(hour));
    expect(again).toMatchObject({ events: [{ reasons: ['over-limit', 'notice-conflict'], legs: [planned(1)] }] });
    expect(words(holdUnsent(following(before, again), ['notice-conflict'], at(hour)))).toBe('nothing');
  });
});
