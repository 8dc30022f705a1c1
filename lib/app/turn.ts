import { hold } from '../domain/refund/decide.ts';
import type { Seen } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { legDueAt } from '../domain/refund/step.ts';
import { atEach, type Work } from '../domain/refund/work.ts';
import { backoff, type Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, plus, second } from '../domain/time.ts';
import { changeAsRead } from './evidence.ts';
import { type CallNeeds, type NotNow, noTime } from './gateway-call.ts';
import { postpone, triesOf, waitsUntil } from './heads.ts';
import { behind } from './own-clock.ts';
import { neverTried, outOfPatience } from './patience.ts';
import { type PaymentNeeds, secretsOf } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Gateway } from './ports/gateway.ts';
import type { Queues } from './ports/queues.ts';
import { executeAt, isUnsent } from './refund-due.ts';
import type { Author, Loaded } from './refunds.ts';
import type { ConfirmedAccounts } from './right-account.ts';

export interface ExecuteNeeds extends CallNeeds, PaymentNeeds {
  readonly queues: Queues;
  readonly confirmed: ConfirmedAccounts;
}

/** One leg's turn: what was read when it began, and on whose behalf it acts. */
export interface Turn {
  readonly loaded: Loaded;
  readonly leg: Leg;
  readonly connection: Connection;
  readonly gateway: Gateway;
  readonly author: Author;
  readonly work: Work;
}

/** `occupied`: another leg has the payment's one place for requests. `again`: somebody changed the refund since it was read. */
export type Acted = 'done' | 'busy' | 'occupied' | 'again';

/** A leg as it was read, and on whose behalf it is held. */
export type HeldLeg = Pick<Turn, 'loaded' | 'leg' | 'author'>;

export const alarmHeld = (needs: PaymentNeeds, { loaded, leg, author }: HeldLeg, code: HoldReason | undefined): void =>
  needs.log.alarm('refund-held', {
    stream: loaded.id,
    leg: leg.leg,
    correlation: author.correlation,
    code: code ?? '',
  });

/** `seen`: what is known of its payment by that. */
export function holdLeg(
  needs: PaymentNeeds,
  of: HeldLeg,
  reasons: readonly HoldReason[],
  seen?: Seen,
): Promise<'done' | 'busy'> {
  alarmHeld(needs, of, reasons[0]);
  const moment = (now: Instant) => ({ now, tempo: needs.tempo, ...(seen && { seen }) });
  return changeAsRead(needs, of, (refund, now) => hold(refund, of.leg.leg, reasons, moment(now)));
}

/**
 * A leg that nobody can work on, for want of its connection or credential, is in front of a person in bounded time all the same.
 */
export async function holdIfOverdue(needs: PaymentNeeds, of: HeldLeg): Promise<'done' | 'busy'> {
  return (await outOfPatience(needs, of)) ? holdLeg(needs, of, ['cannot-process', ...ifWrong(needs, of)]) : 'done';
}

/** What it waits for did not come in days: in front of a person, for what it is. Undefined: it may wait on. */
export async function holdIfTooLong(needs: PaymentNeeds, of: HeldLeg): Promise<'done' | 'busy' | undefined> {
  if (!(await outOfPatience(needs, of))) return undefined;
  const [wrong = neverTried(of.leg) ? 'not-sent' : 'no-answer'] = ifWrong(needs, of);
  return holdLeg(needs, of, [wrong]);
}

/** Said wherever patience ends with what is written still ahead of us: a person's yes would wait for that instant otherwise. */
const ifWrong = (needs: PaymentNeeds, of: HeldLeg): HoldReason[] =>
  behind(needs, of, needs.clock.now()) === 0 ? [] : ['clock-wrong'];

/** The name to refund against, in memory only; undefined where its ciphertext is not this payment's. */
export async function referenceOf(needs: ExecuteNeeds, { loaded, leg }: Turn): Promise<string | undefined> {
  const secrets = await secretsOf(needs, loaded.merchant, leg.payment);
  return secrets === undefined || secrets === 'foreign' ? undefined : secrets.reference;
}

/**
 * Nothing can be done for so long, counted by how often that was so before: the due time moves, and a hint is sent where the wait is shorter
 * than a sweep is fine for. Not where somebody comes back sooner already, for this leg or for another one: two legs, or a message that came
 * twice, would otherwise become two for ever, then four.
 */
export async function wait(needs: ExecuteNeeds, turn: Turn, msOf: (tries: number) => number): Promise<'done'> {
  const { stream } = turn.work;
  const head = await needs.table.get({ table: 'state', pk: stream });
  const now = needs.clock.now();
  const before = triesOf(head);
  const ms = Math.max(msOf(before), 0);
  const hintAt = plus(now, ms);
  const comesBack = waitsUntil(head);
  // Who comes within a second is this one, by another clock.
  if (comesBack !== undefined && comesBack > plus(now, second) && comesBack <= hintAt) return 'done';
  const until = earliest(plus(hintAt, needs.tempo.graceMs), othersDueAt(turn, now, needs.tempo));
  const moved = { version: turn.loaded.end.version, until, tries: before + 1, before, hintAt };
  if (await postpone(needs.table, stream, moved)) await hint(needs, turn, ms);
  return 'done';
}

/** Nobody says: no fact, only a longer wait each time. */
export const waitLonger = (needs: ExecuteNeeds, turn: Turn): Promise<'done'> =>
  wait(needs, turn, (tries) => backoff(needs.tempo.askAgainMs, tries));

/** The same, but not for ever: in the end it is in front of a person. */
export const waitForWord = async (needs: ExecuteNeeds, turn: Turn): Promise<'done' | 'busy'> =>
  (await holdIfTooLong(needs, turn)) ?? waitLonger(needs, turn);

/**
 * The refund has one due time for all its legs: this leg's patience must not become another one's. Those that the same message works on have
 * their own turn, and their own wait.
 */
const othersDueAt = ({ loaded: { refund }, leg, work }: Turn, now: Instant, tempo: Tempo): Instant[] =>
  refund.is !== 'approved'
    ? []
    : refund.legs
        .filter((one) => one.leg !== leg.leg && !(isUnsent(one) && concerns(work, one)))
        .flatMap((one) => legDueAt(one, now, tempo) ?? []);

/** Whether a message of this kind is about this leg. */
export const concerns = (work: Work, { leg, connection }: Leg): boolean =>
  (work.leg ?? leg) === leg && (work.connection ?? connection) === connection;

/**
 * Its gateway account is not to be asked now. That counts as no try and is no fact: only the due time moves, and no hint is sent, since
 * the sweep gives each leg of the account its turn. In front of a person in bounded time all the same.
 */
export async function waitForAccount(needs: ExecuteNeeds, turn: Turn, until: Instant): Promise<'done' | 'busy'> {
  const held = await holdIfTooLong(needs, turn);
  if (held !== undefined) return held;
  const now = needs.clock.now();
  const at = earliest(until, othersDueAt(turn, now, needs.tempo));
  await postpone(needs.table, turn.work.stream, { version: turn.loaded.end.version, until: at });
  return 'done';
}

/** A question that was not asked. Where that is for want of time, the next one is no sooner for it: other legs' answers may take as long again. */
export const waitToAsk = (needs: ExecuteNeeds, turn: Turn, { why, until }: NotNow): Promise<'done' | 'busy'> =>
  why === noTime ? waitForWord(needs, turn) : waitForAccount(needs, turn, until);

const earliest = (at: Instant, others: readonly Instant[]): Instant => others.reduce(earlier, at);

const longestHintMs = 15 * 60 * 1000;

/** For all of the refund: its legs share one due time, so whoever comes back must look at all of them. */
export async function hint(needs: ExecuteNeeds, { work, author, loaded }: Turn, ms: number): Promise<void> {
  if (ms > longestHintMs) return;
  const { merchant, stream } = work;
  const whole: Work = { queue: 'execute', merchant, stream, correlation: author.correlation };
  await needs.queues.send(atEach(whole, executeAt(loaded.refund)), Math.max(ms, 0));
}
