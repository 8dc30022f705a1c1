/** Test only: the usual refund, leg, clock and tempo, and a way to say given/when/then with events. */
import type { ConnectionName } from '../ids.ts';
import { parseConnection, paymentId } from '../ids.ts';
import { type Currency, parseCurrency } from '../money.ts';
import type { RefundEvidence } from '../notice.ts';
import type { Quote } from '../return.ts';
import type { StreamName } from '../streams.ts';
import { production, type Tempo } from '../tempo.ts';
import { hour, type Instant, instant, minute } from '../time.ts';
import type { Decision } from './decision.ts';
import type { PlannedLeg, RefundEvent } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import type { Leg } from './leg.ts';
import { evolve, legOf, none, type Refund } from './state.ts';
import type { KeyRules } from './step.ts';

/** Of every property in the domain: a failure is found again by running the test again. */
export const seeded = { seed: 20261121 };

export const currency = (code: string): Currency => {
  const known = parseCurrency(code);
  if (known === undefined) throw new Error(`no such currency: ${code}`);
  return known;
};
export const eur = currency('EUR');
export const connection = (name: string): ConnectionName => {
  const known = parseConnection(name);
  if (known === undefined) throw new Error(`no such connection: ${name}`);
  return known;
};

export const tempo: Tempo = production;
export const t0 = instant(Date.UTC(2026, 10, 21, 9));
export const clock = (ms: number): Instant => instant(t0 + ms);
export const at = (ms: number) => ({ now: clock(ms), tempo });

/** Like Stripe: keys remember everything for a day, the lookup is authoritative. */
export const rules: KeyRules = {
  keyWindowMs: 24 * hour,
  keyRemembers: 'all',
  lateArrivalMs: 5 * minute,
  lookup: 'authoritative',
};

export const quoteOf = (amountMinor: bigint): Quote => ({
  lines: [],
  shippingMinor: 0n,
  shippingTaxMinor: 0n,
  feesMinor: 0n,
  residueMinor: amountMinor,
  amountMinor,
});

export const amount = 4200n;
export const planned = (leg = 1, payment = `pay${leg}`, amountMinor = amount): PlannedLeg => ({
  leg,
  payment: paymentId(payment),
  connection: connection('stripe-demo'),
  amountMinor,
  rail: 'original',
});

export const requested = (amountMinor = amount): RefundEvent => ({
  type: 'refund.requested',
  v: 1,
  return: { connection: connection('generic-demo'), id: 'RMA-1' },
  number: 1,
  order: '1001',
  currency: eur,
  quote: quoteOf(amountMinor),
  notice: 'demo#notice#generic-demo#1' as StreamName,
});

export const approved = (...legs: PlannedLeg[]): RefundEvent => ({
  type: 'refund.approved',
  v: 1,
  legs: legs.length === 0 ? [planned()] : legs,
  policy: 'p1',
  inputs: 'digest',
});

export const heldRefund = (reasons: readonly HoldReason[], legs: readonly PlannedLeg[] = []): RefundEvent => ({
  type: 'refund.held',
  v: 1,
  reasons,
  until: clock(hour),
  legs,
});

type LegWord = Extract<RefundEvent, { leg: number }>['type'];
type LegFact<Word extends LegWord> = Partial<Extract<RefundEvent, { type: Word }>>;
const legDefaults = {
  'leg.sending': {
    sending: 1,
    epoch: 1,
    key: 'k1',
    request: 'r1',
    endpoint: 'https://api.example/v1',
    leaseUntil: clock(minute),
    latestStart: clock(5000),
  },
  'leg.accepted': { theirs: 're_1', state: 'pending', source: 'answer' },
  'leg.unknown': { why: 'timeout', spoiled: false },
  'leg.deferred': { code: 'rate-limited', until: clock(minute) },
  'leg.absent': { askedAt: t0 },
  'leg.renewed': { epoch: 2 },
  'leg.refused': { code: 'declined' },
  'leg.failed': { theirs: 're_1', reason: 'expired-card', source: 'webhook' },
  'leg.noted': { theirs: 're_1', source: 'webhook' },
  'leg.surplus': { theirs: 're_2', amountMinor: amount },
  'leg.surplus-failed': { theirs: 're_2', amountMinor: amount },
  'leg.held': { reasons: ['no-answer'], until: clock(hour) },
  'leg.restated': { reason: 'return-shrank' },
  'leg.released': { at: t0 },
  'leg.closed': {},
  'leg.lost': { theirs: 're_1', askedAt: t0 },
  'leg.disputed': { stage: 'open' },
} as const satisfies { [Word in LegWord]: LegFact<Word> };
/** One fact about leg 1, with the usual details where none are given. */
export const fact = <Word extends LegWord>(type: Word, details: LegFact<Word> = {}): RefundEvent =>
  ({ type, v: 1, leg: 1, ...legDefaults[type], ...details }) as RefundEvent;

/** The refund these events tell, all at `t0`. */
export const given = (...history: readonly RefundEvent[]): Refund =>
  history.reduce<Refund>((refund, event) => evolve(refund, event, t0), none);
/** An approved refund of one leg, clock these events. */
export const givenLeg = (...history: readonly RefundEvent[]): Refund => given(requested(), approved(), ...history);

/** One history for every state a leg can be in. */
export const legHistories = {
  ready: [],
  sending: [fact('leg.sending')],
  unknown: [fact('leg.sending'), fact('leg.unknown')],
  pending: [fact('leg.sending'), fact('leg.accepted')],
  refunded: [fact('leg.sending'), fact('leg.accepted', { state: 'succeeded' })],
  refused: [fact('leg.sending'), fact('leg.refused')],
  failed: [fact('leg.sending'), fact('leg.accepted'), fact('leg.failed')],
  held: [fact('leg.sending'), fact('leg.unknown'), fact('leg.held')],
  closed: [fact('leg.sending'), fact('leg.unknown'), fact('leg.held'), fact('leg.closed')],
} as const satisfies Record<Leg['now']['is'], readonly RefundEvent[]>;
export const legStates = Object.keys(legHistories) as Leg['now']['is'][];
export const legThatIs = (state: Leg['now']['is']): Refund => givenLeg(...legHistories[state]);

/** The words of the events that a decision comes to; its fault; or `nothing`. */
export const words = (decision: Decision): string | readonly string[] => {
  switch (decision.is) {
    case 'events':
      return decision.events.map((event) => event.type);
    case 'nothing':
      return 'nothing';
    case 'refused':
      return decision.fault.code;
  }
};
/** The refund after a decision; unchanged where nothing was decided. (Never named `then`: a module with that export is a promise.) */
export const following = (refund: Refund, decision: Decision, now: Instant = t0): Refund =>
  decision.is === 'events' ? decision.events.reduce((state, event) => evolve(state, event, now), refund) : refund;
export const nowOf = (refund: Refund, leg = 1): Leg['now']['is'] => legOf(refund, leg).now.is;

export const evidence = (details: Partial<RefundEvidence> = {}): RefundEvidence => ({
  theirs: 're_1',
  state: 'pending',
  amountMinor: amount,
  currency: eur,
  key: 'k1',
  ...details,
});
