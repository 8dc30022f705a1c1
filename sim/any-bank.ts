import type { Outcome, Refused } from '../lib/domain/refund/outcome.ts';
import { type Instant, minute, plus } from '../lib/domain/time.ts';
import type { Row } from './capabilities.ts';

/** What a gateway of any kind has: the truth, without a network, a clock or chance of its own. */
export interface BankPayment {
  readonly id: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly order: string | undefined;
  readonly at: Instant;
  /** Where it was only authorised at first: what was captured since. Otherwise all of it was, at once. */
  readonly parts?: BankPart[];
  /** Since when nothing more of that will be; until then more may. */
  closedAt?: Instant;
}

/** Some of a payment was captured; several under one id are one capture that grew. */
export interface BankPart {
  readonly theirs: string;
  readonly amountMinor: number;
  readonly at: Instant;
}

/** More of it may be captured than was by `at`. */
export const isOpen = ({ parts, closedAt }: BankPayment, at = Number.POSITIVE_INFINITY): boolean =>
  parts !== undefined && (closedAt === undefined || at < closedAt);

/** What was captured by `at`, or is: nobody asks about a payment that was captured at once before it was. */
export const capturedOf = ({ amountMinor, parts }: BankPayment, at = Number.POSITIVE_INFINITY): number =>
  parts === undefined
    ? amountMinor
    : parts.filter((part) => part.at <= at).reduce((all, part) => all + part.amountMinor, 0);

export interface BankRefund {
  readonly id: string;
  readonly payment: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The key that its request had, whatever is echoed. */
  readonly key: string | null;
  readonly at: Instant;
  /** Its request went to the other host, which shows what was made there. */
  readonly elsewhere: boolean;
  readonly unasked?: Unasked;
  /** Since when the gateway has it no more, whatever it said of it. */
  goneAt?: Instant;
  /** What happened to it so far, in order: a list that lags shows an earlier one. */
  readonly states: { readonly at: Instant; readonly state: State; readonly reason?: string }[];
  /** It was taken back in silence. */
  untold?: true;
}

export type State = 'pending' | 'succeeded' | 'failed';

/** A refund under a key of ours that we did not ask for: on the payment that the key is for, or on another one. */
export type Unasked = 'here' | 'elsewhere';

export interface BankDispute {
  readonly id: string;
  readonly payment: string;
  readonly amountMinor: number;
  readonly currency: string;
  stage: 'open' | 'won' | 'lost';
}

export interface Ask {
  readonly payment: string;
  readonly amountMinor: number;
  readonly key: string | null;
  /** At the other host, where the same money is, and no key of the first is known. */
  readonly elsewhere: boolean;
  /** Somebody else asks under a key of ours. */
  readonly unasked?: Unasked;
}

/** How one execution turns out where nothing of the gateway's rules stands against it. */
export interface Fate {
  readonly pending: boolean;
  readonly failsLater: boolean;
  /** How long it is pending, where not for a minute. */
  readonly pendingMs?: number;
  /** It breaks down: before it did anything, or after. */
  readonly breaks?: 'before' | 'after';
}

/** A refund that was made or moved, or none; what is said to whoever asked. */
export type Said =
  | { readonly is: 'made'; readonly refund: BankRefund }
  | { readonly is: 'said'; readonly outcome: Exclude<Outcome, { is: 'accepted' }> };

interface Remembered {
  readonly ask: Ask;
  readonly since: Instant;
  said: Said | 'running';
}

const no = (code: string, couldBeOurs: boolean, more: Partial<Refused> = {}): Said => ({
  is: 'said',
  outcome: { is: 'refused', code, again: 'final', couldBeOurs, ...more },
});
const broken = (spoiled: boolean): Said => ({ is: 'said', outcome: { is: 'unknown', why: 'server-error', spoiled } });

/** A request whose key was looked at: what it is told at once, or what is to be executed, now or later. */
export type Begun = { readonly is: 'told'; readonly said: Said } | { readonly is: 'running' };

export class Bank {
  readonly row: Row;
  readonly payments = new Map<string, BankPayment>();
  readonly refunds: BankRefund[] = [];
  readonly disputes: BankDispute[] = [];
  readonly #keys = new Map<string, Remembered>();
  /** What moves on by itself, and when. */
  readonly later: {
    readonly at: Instant;
    readonly refund: BankRefund;
    readonly to: State;
    readonly reason?: string;
  }[] = [];

  constructor(row: Row) {
    this.row = row;
  }

  /**
   * The key is looked at now, and what is not known under it is executed later. A gateway that remembers answers holds the key from here
   * on; one that remembers successes only does not know what is under way.
   */
  begin(ask: Ask, now: Instant): Begun {
    const { remembers, keyWindowMs } = this.row;
    if (ask.key === null || remembers === 'nothing') return { is: 'running' };
    const known = this.#keys.get(keyOf(ask));
    if (known !== undefined && now < plus(known.since, keyWindowMs)) {
      if (known.ask.amountMinor !== ask.amountMinor || known.ask.payment !== ask.payment)
        return { is: 'told', said: no('key-reused', true) };
      if (known.said !== 'running') return { is: 'told', said: known.said };
      if (remembers !== 'successes')
        return { is: 'told', said: { is: 'said', outcome: { is: 'unknown', why: 'in-progress', spoiled: false } } };
    }
    if (remembers !== 'successes') this.#keys.set(keyOf(ask), { ask, since: now, said: 'running' });
    return { is: 'running' };
  }

  /** Executes what `begin` let through. */
  complete(ask: Ask, fate: Fate, now: Instant): Said {
    const said = fate.breaks === 'before' ? broken(false) : this.#execute(ask, fate, now);
    const { remembers } = this.row;
    if (ask.key !== null && remembers !== 'nothing') this.#remember(ask, said, fate, now);
    return fate.breaks === undefined ? said : broken(false);
  }

  #remember(ask: Ask, said: Said, fate: Fate, now: Instant): void {
    const { remembers, keyWindowMs } = this.row;
    const key = keyOf(ask);
    const known = this.#keys.get(key);
    const since = known !== undefined && now < plus(known.since, keyWindowMs) ? known.since : now;
    const fails = fate.breaks !== undefined;
    if (remembers === 'failures-too') this.#keys.set(key, { ask, since, said: fails ? broken(true) : said });
    else if (said.is === 'made') this.#keys.set(key, { ask, since, said });
    else if (remembers === 'answers' && !fails) this.#keys.set(key, { ask, since, said });
    // It came to nothing that is kept: the key is free again.
    else if (known?.said === 'running') this.#keys.delete(key);
  }

  #execute(ask: Ask, fate: Fate, now: Instant): Said {
    const payment = this.payments.get(ask.payment);
    if (payment === undefined) return no('no-such-payment', false);
    if (this.disputes.some((one) => one.payment === ask.payment && one.stage !== 'won'))
      return no('disputed', false, { again: 'person', because: 'disputed' });
    const captured = capturedOf(payment);
    if (captured === 0) return no('not-captured', false);
    if (this.row.caps && ask.amountMinor > captured - this.#out(ask.payment)) return no('more-than-left', true);
    return { is: 'made', refund: this.#make(ask, payment.currency, fate, now) };
  }

  #make(ask: Ask, currency: string, fate: Fate, now: Instant): BankRefund {
    const { payment, amountMinor, key, elsewhere, unasked } = ask;
    const refund: BankRefund = {
      id: `ar_${this.refunds.length + 1}`,
      payment,
      amountMinor,
      currency,
      key,
      elsewhere,
      ...(unasked !== undefined && { unasked }),
      at: now,
      states: [{ at: now, ...(fate.pending ? pendingState : { state: 'succeeded' }) }],
    };
    this.refunds.push(refund);
    const until = plus(now, fate.pendingMs ?? minute);
    if (fate.pending) this.#moves(refund, fate.failsLater ? 'failed' : 'succeeded', until);
    else if (fate.failsLater) this.#moves(refund, 'failed', plus(now, minute));
    return refund;
  }

  /** It executes once more what it executed once, under the same key, whatever is left. */
  makeAgain(of: BankRefund, fate: Fate, now: Instant): BankRefund {
    return this.#make({ ...of, unasked: 'here' }, of.currency, fate, now);
  }

  #moves(refund: BankRefund, to: State, at: Instant): void {
    this.later.push({ at, refund, to, ...(to === 'failed' ? { reason: 'declined' } : {}) });
  }

  /** A success of which it says later that it was none. */
  takeBack(refund: BankRefund, now: Instant): void {
    refund.states.push({ at: now, state: 'failed', reason: 'reversed' });
  }

  #out(payment: string): number {
    return this.refunds
      .filter((one) => one.payment === payment && one.goneAt === undefined && stateAt(one)?.state !== 'failed')
      .reduce((all, { amountMinor }) => all + amountMinor, 0);
  }

  /** What became due by `now`. */
  advance(now: Instant): readonly BankRefund[] {
    const due = this.later.filter(({ at }) => at <= now);
    for (const one of due) {
      this.later.splice(this.later.indexOf(one), 1);
      one.refund.states.push({ at: now, state: one.to, ...(one.reason === undefined ? {} : { reason: one.reason }) });
    }
    return due.map(({ refund }) => refund);
  }

  nextAt(): Instant | undefined {
    return this.later.map(({ at }) => at).sort((a, b) => a - b)[0];
  }
}

/** What a host knows a key by. */
const keyOf = ({ key, elsewhere }: Ask): string => (elsewhere ? `elsewhere ${key}` : String(key));

/** Its own balance is too low for the moment: somebody must top it up. */
const pendingState = { state: 'pending', reason: 'insufficient_funds' } as const;

/** The last state of a refund by `at`; undefined where it did not exist yet. */
export const stateAt = (refund: BankRefund, at?: number): BankRefund['states'][number] | undefined =>
  at === undefined ? refund.states.at(-1) : refund.states.findLast((one) => one.at <= at);

/** Whether the gateway has it by `at`, or now: one that it lost is in no list of its any more. */
export const isThere = ({ goneAt }: BankRefund, at = Number.POSITIVE_INFINITY): boolean =>
  goneAt === undefined || at < goneAt;
