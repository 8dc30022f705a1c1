import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, embedded, production, type Tempo } from '../tempo.ts';
import { hour, type Instant, instant, minute, second } from '../time.ts';
import { absent, giveUpLease, hold, record, refuse, renew, send } from './decide.ts';
import type { Decision } from './decision.ts';
import { evidence, following, givenLeg, seeded, t0 } from './given.ts';
import { learn } from './learn.ts';
import type { Leg } from './leg.ts';
import type { Outcome } from './outcome.ts';
import { approve } from './people.ts';
import { legOf, type Refund } from './state.ts';
import { type KeyRules, nextStep } from './step.ts';

/**
 * One leg, driven by `nextStep` alone, against a gateway that loses requests and replies, is late up to its bound, stores failures
 * and forgets keys when their window ends. The adversary picks what happens to each request and how late everybody is.
 */
interface Fate {
  /** Whether the request arrives, and how much of the allowed delay and lateness it takes. */
  readonly arrives: boolean;
  readonly start: number;
  readonly late: number;
  /** How far this worker's clock is ahead, of the skew we allow for. */
  readonly ahead: number;
  readonly effect: 'refunds' | 'stores-failure' | 'refuses' | 'not-now';
  readonly reply: 'seen' | 'lost' | 'sender-dies';
  /** How long the next worker oversleeps. */
  readonly sleepMs: number;
  readonly lookup: 'answers' | 'cannot-tell';
  readonly person: boolean;
}
const part = fc.oneof(fc.constantFrom(0, 0, 1, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const fate: fc.Arbitrary<Fate> = fc.record({
  arrives: fc.constantFrom(true, true, false),
  start: part,
  late: part,
  ahead: part,
  effect: fc.constantFrom('refunds', 'refunds', 'stores-failure', 'refuses', 'refuses', 'not-now'),
  reply: fc.constantFrom('lost', 'seen', 'seen', 'sender-dies'),
  sleepMs: fc.constantFrom(0, 0, 0, 0, 1, second, minute, hour, 23 * hour),
  lookup: fc.constantFrom('answers', 'answers', 'answers', 'answers', 'cannot-tell'),
  person: fc.boolean(),
});
const rules: fc.Arbitrary<KeyRules> = fc.record({
  keyWindowMs: fc.constantFrom(10 * minute, 24 * hour),
  keyRemembers: fc.constantFrom('all', 'successes', 'nothing'),
  lateArrivalMs: fc.constantFrom(0, second, 5 * minute),
  lookup: fc.constantFrom('authoritative', 'authoritative', 'eventual', 'none'),
});
const tempo = fc.constantFrom(production, embedded);

interface Arrival {
  /** When the gateway looks at the key, and when the request takes effect. */
  readonly looksAt: number;
  readonly at: number;
  readonly key: string;
  readonly effect: Fate['effect'];
}

/**
 * The gateway's whole truth at `now`. A key protects from the effect that it remembers on. One that remembers successes only
 * protects from nothing that is under way, and a refusal is remembered by none: it never began.
 */
function truth(arrivals: readonly Arrival[], now: number, { keyRemembers, keyWindowMs }: KeyRules) {
  const refunds: { readonly theirs: string; readonly key: string }[] = [];
  const keys = new Map<string, { readonly since: number; readonly effect: Fate['effect'] }>();
  const due = arrivals.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  for (const { looksAt, at, key, effect } of due) {
    const known = keys.get(key);
    const seen = keyRemembers === 'all' ? at : looksAt;
    if (known !== undefined && seen >= known.since && at < known.since + keyWindowMs) continue;
    if (effect === 'refunds') refunds.push({ theirs: `re_${refunds.length + 1}`, key });
    const remembers =
      effect === 'refunds' ? keyRemembers !== 'nothing' : effect === 'stores-failure' && keyRemembers === 'all';
    if (remembers) keys.set(key, { since: at, effect });
  }
  return { refunds, keys };
}

/** What the sender hears at `now` of its own request. */
function answer(arrivals: readonly Arrival[], { key, effect }: Arrival, now: number, of: KeyRules): Outcome {
  const { refunds, keys } = truth(arrivals, now, of);
  const stored = keys.get(key);
  const mine = refunds.findLast((one) => one.key === key);
  if (stored?.effect === 'stores-failure') return { is: 'unknown', why: 'server-error', spoiled: true };
  if (mine !== undefined)
    return { is: 'accepted', evidence: evidence({ theirs: mine.theirs, key, state: 'succeeded' }) };
  if (effect === 'not-now') return { is: 'refused', code: 'busy', again: 'not-now', couldBeOurs: false };
  if (effect === 'refuses') return { is: 'refused', code: 'too-large', again: 'final', couldBeOurs: false };
  return { is: 'unknown', why: 'server-error', spoiled: false };
}

/** Plays the fates and says what the gateway has in the end; checks every `send` and every `renew` on the way. */
class World {
  refund: Refund = givenLeg();
  readonly arrivals: Arrival[] = [];
  private trueNow = t0 as number;
  private absences: number[] = [];
  private readonly rules: KeyRules;
  private readonly tempo: Tempo;

  constructor(of: KeyRules, pace: Tempo) {
    this.rules = of;
    this.tempo = pace;
  }

  /** All refunds there are and ever will be. */
  get refunds() {
    return truth(this.arrivals, this.trueNow + 1000 * hour, this.rules).refunds;
  }
  get leg(): Leg {
    return legOf(this.refund, 1);
  }

  play(fates: readonly Fate[]): this {
    for (const one of fates) {
      this.turn(one);
      this.trueNow += one.sleepMs;
    }
    return this;
  }

  /** Every worker has its own clock: two of them differ by at most the skew we allow for. */
  private turn(one: Fate): void {
    const now = instant(this.trueNow + Math.floor(one.ahead * this.tempo.skewMs));
    const moment = { now, tempo: this.tempo };
    const step = nextStep(this.leg, now, this.rules, this.tempo);
    const take = (decision: Decision) => {
      this.refund = following(this.refund, decision, now);
    };
    switch (step.do) {
      case 'wait':
        this.trueNow += Math.max(0, step.until - now);
        break;
      case 'send':
        this.send(one, now);
        break;
      case 'give-up-lease':
        take(giveUpLease(this.refund, 1, now));
        break;
      case 'find':
        this.find(one, now);
        break;
      case 'renew':
        this.checkRenewal();
        take(renew(this.refund, 1));
        break;
      case 'refuse':
        take(refuse(this.refund, 1, step));
        break;
      case 'hold':
        take(hold(this.refund, 1, step.reasons, moment));
        break;
      case 'poll':
      case 'nothing':
        // A person who sees a hold says: go on. That never makes the machine careless.
        if (one.person) take(approve(this.refund, moment));
    }
  }

  private send(one: Fate, now: Instant): void {
    const { leg, rules: of, tempo: pace } = this;
    this.checkResend(now);
    this.absences = [];
    const key = `k${leg.epoch}`;
    this.refund = following(
      this.refund,
      send(this.refund, { leg: 1, key, request: 'r', endpoint: 'e' }, { now, tempo: pace }),
      now,
    );
    const looksAt = this.trueNow + Math.floor(one.start * pace.latestStartMs);
    // Late counts from when we gave up: what is under way till then and a lateness longer still takes effect.
    const slowest = pace.gatewayLimitMs + of.lateArrivalMs;
    const arrival = { looksAt, at: looksAt + Math.floor(one.late * slowest), key, effect: one.effect };
    if (one.arrives) this.arrivals.push(arrival);
    if (one.reply === 'sender-dies') return;
    const answered = one.reply === 'seen' && one.arrives && arrival.at <= looksAt + pace.gatewayLimitMs;
    const passed = (answered ? arrival.at : looksAt + pace.gatewayLimitMs) - this.trueNow;
    this.trueNow += passed;
    const outcome: Outcome = answered
      ? answer(this.arrivals, arrival, this.trueNow, of)
      : { is: 'unknown', why: 'timeout', spoiled: false };
    const then = instant(now + passed);
    this.refund = following(
      this.refund,
      record(this.refund, { leg: 1, sending: leg.sendings + 1 }, outcome, { now: then, tempo: pace }),
      then,
    );
  }

  private find(one: Fate, now: Instant): void {
    if (one.lookup === 'cannot-tell') {
      this.trueNow += backoff(this.tempo.askAgainMs, 0);
      return;
    }
    const found = truth(this.arrivals, this.trueNow, this.rules).refunds;
    const moment = { now, tempo: this.tempo };
    for (const { theirs, key } of found) {
      const decision = learn(this.refund, 1, evidence({ theirs, key, state: 'succeeded' }), 'lookup', moment);
      this.refund = following(this.refund, decision, now);
    }
    if (found.length > 0) return;
    this.refund = following(this.refund, absent(this.refund, 1, now), now);
    this.absences.push(now);
  }

  /** In doubt: only inside the window, with room, under a key that can protect. */
  private checkResend(now: Instant): void {
    const { leg, rules: of, tempo: pace } = this;
    if (leg.doubtSince === undefined) return;
    const last = now + pace.latestStartMs + pace.gatewayLimitMs + of.lateArrivalMs + pace.skewMs;
    expect(last).toBeLessThan((leg.firstSentAt ?? 0) + of.keyWindowMs);
    expect([of.keyRemembers, leg.spoiled]).not.toContain('nothing');
    expect(leg.spoiled).toBe(false);
  }

  /** Two absences, both after the last request could have arrived, a lateness apart. */
  private checkRenewal(): void {
    const { leg, rules: of, tempo: pace } = this;
    const settled = (leg.lastSentAt ?? 0) + pace.gatewayLimitMs + of.lateArrivalMs + pace.skewMs;
    const proofs = this.absences.filter((at) => at >= settled);
    expect(proofs.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...proofs) - Math.min(...proofs)).toBeGreaterThanOrEqual(of.lateArrivalMs);
  }
}

const played = fc.tuple(fc.array(fate, { minLength: 1, maxLength: 30 }), rules, tempo).map(
  ([fates, of, pace]) =>
    () =>
      new World(of, pace).play(fates),
);

describe('a leg against a hostile gateway', () => {
  it('F57 F58 F59 F60 F63 F64 F88 is refunded at most once, and called refused or refunded only where that is so', () => {
    const once = fc.property(played, (play) => {
      const { refunds, leg } = play();
      expect(refunds.length).toBeLessThanOrEqual(1);
      if (leg.now.is === 'refused') expect(refunds).toEqual([]);
      if (leg.now.is === 'refunded') expect(refunds).toHaveLength(1);
    });
    fc.assert(once, { ...seeded, numRuns: 4000 });
  });

  it('is really tried: legs are renewed, refused, held and refunded', () => {
    const legs = fc.sample(played, { ...seeded, numRuns: 500 }).map((play) => play().leg);
    expect(new Set(legs.map((leg) => leg.now.is))).toEqual(
      new Set(['sending', 'unknown', 'ready', 'refunded', 'refused', 'held']),
    );
    expect(Math.max(...legs.map((leg) => leg.epoch))).toBeGreaterThan(1);
  });
});
