import { type Currency, print as printMoney } from '../lib/domain/money.ts';
import { type Instant, iso } from '../lib/domain/time.ts';

/**
 * What a command says: lines for people, or one JSON value with `--json`. Either may hold what a shop or a platform wrote: characters that
 * would move the cursor, begin another line or turn the direction of reading are shown as `?` in a line, and as their numbers in JSON.
 */
export interface Output {
  readonly json: boolean;
  line(text: string): void;
  value(value: unknown): void;
}

export function output(json: boolean, write: (text: string) => void): Output {
  return {
    json,
    line: (text) => {
      if (!json) write(`${harmless(text)}\n`);
    },
    value: (value) => {
      if (!json) return;
      const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
      write(`${text.replace(moving, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`);
    },
  };
}

/** What a terminal or a reader takes for more than a letter. JSON itself writes out only those below a space. */
const moving = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A text of somebody else's, as one line that stays where it is. */
export const harmless = (text: string): string => text.replace(moving, '?');

/** As one word for a shell, whatever is in it: a line that is there to be typed again must not be another command (F142). */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export interface RefundView {
  readonly id: string;
  /** Of one refund by itself; a list has none. */
  readonly version?: number;
  readonly status: string;
  readonly return: string;
  readonly order: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reasons: readonly string[];
  readonly dueAt: number | null;
  readonly createdAt: number;
  readonly legs?: readonly {
    leg: number;
    state: string;
    amountMinor: number;
    connection: string;
    epoch: number;
    sendings: number;
    gatewayRefunds: readonly string[];
    reason: string | null;
    since: number | null;
    deadline: number | null;
    attempts: readonly AttemptView[];
  }[];
}

export interface AttemptView {
  readonly sending: number;
  readonly epoch: number;
  readonly key: string;
  readonly at: number;
  readonly outcomes: readonly { is: string; gatewayRefund: string | null; source: string | null; why: string | null }[];
}

export interface EventView {
  readonly number: number;
  readonly at: number;
  readonly actor: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

export const amountOf = (view: { amountMinor: number; currency: string }) =>
  printMoney({ amountMinor: BigInt(view.amountMinor), currency: view.currency as Currency });

/** One line of a list: what it is, how old, and when something happens next, or should have. */
export function listRefund(out: Output, refund: RefundView, now: number): void {
  const { dueAt } = refund;
  const late = dueAt !== null && dueAt <= now ? `, ${ageOf(now - dueAt)} late` : '';
  const next = dueAt === null ? 'nothing more' : `next ${iso(dueAt as Instant)}${late}`;
  out.line(`${lineOf(refund)}  age ${ageOf(now - refund.createdAt)}  ${next}`);
}

function lineOf(refund: RefundView): string {
  const why = refund.reasons.length === 0 ? '' : `  (${refund.reasons.join(', ')})`;
  return `${refund.id}  ${refund.status}${why}  ${amountOf(refund)}  return ${refund.return}, order ${refund.order}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `3 d`, `5 h`, `12 min`, `8 s`: in the largest unit that there is one of. */
export function ageOf(ms: number): string {
  const [unit, size] = units.find(([, of]) => ms >= of) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

export function showRefund(out: Output, refund: RefundView): void {
  out.line(lineOf(refund));
  for (const leg of refund.legs ?? []) {
    const theirs = leg.gatewayRefunds.length === 0 ? '' : ` as ${leg.gatewayRefunds.join(', ')}`;
    out.line(
      `  leg ${leg.leg}  ${leg.state}  ${amountOf({ ...leg, currency: refund.currency })} at ${leg.connection}${theirs}, ${leg.sendings} request(s), epoch ${leg.epoch}`,
    );
    if (leg.since !== null) out.line(`         ${standing(leg)}`);
    for (const attempt of leg.attempts) out.line(`         ${attemptLine(attempt)}`);
  }
}

/** `request 1  2026-11-21T12:00:00.000Z  under rf_…, epoch 1: unknown (timeout), accepted (succeeded, re_1, says the lookup)`. */
function attemptLine({ sending, epoch, key, at, outcomes }: AttemptView): string {
  const heard = outcomes.map(({ is, gatewayRefund, source, why }) => {
    const details = [why, gatewayRefund, source === null ? null : `says the ${source}`].filter((one) => one !== null);
    return details.length === 0 ? is : `${is} (${details.join(', ')})`;
  });
  return `request ${sending}  ${iso(at as Instant)}  under ${key}, epoch ${epoch}: ${heard.join(', ') || 'not heard of yet'}`;
}

/** `since 2026-11-21T12:00:00.000Z: insufficient_funds, until …`: whoever reads it wants to know whether to act or to wait. */
function standing({ reason, since, deadline }: NonNullable<RefundView['legs']>[number]): string {
  const why = reason === null ? '' : `: ${reason}`;
  const until = deadline === null ? '' : `, until ${iso(deadline as Instant)}`;
  return `since ${iso(since as Instant)}${why}${until}`;
}

/** Fields that every event has, or that are for programs. */
const quiet: ReadonlySet<string> = new Set([
  'number',
  'at',
  'actor',
  'cause',
  'correlation',
  'type',
  'v',
  'quote',
  'legs',
  'notice',
  'inputs',
  'request',
  'endpoint',
]);

const instants: ReadonlySet<string> = new Set(['leaseUntil', 'latestStart', 'until', 'askedAt']);

export function showEvent(out: Output, event: EventView): void {
  const details = Object.entries(event)
    .filter(([name, value]) => !quiet.has(name) && (typeof value !== 'object' || Array.isArray(value)))
    .map(([name, value]) => `${name}=${instants.has(name) ? iso(value as Instant) : String(value)}`);
  out.line(`  ${iso(event.at as Instant)}  ${event.type.padEnd(20)} ${event.actor.padEnd(10)} ${details.join(' ')}`);
}

interface BundledEntryView {
  readonly number: number;
  readonly at: number;
  readonly actor: string;
  readonly digest: string;
  readonly events: readonly { readonly type: string }[];
}

export interface BundleView {
  readonly refund: RefundView;
  readonly legs: readonly { leg: number; keys: readonly string[]; gatewayRefunds: Readonly<Record<string, string>> }[];
  readonly entries: readonly { number: number; digest: string; body: string }[];
  readonly payments: readonly {
    payment: string;
    connection: string;
    balance: Readonly<Record<string, unknown>>;
    entries: readonly BundledEntryView[];
  }[];
  readonly switches: readonly BundledEntryView[];
}

/** For people: what to compare with the gateway. All of it is in the JSON. */
export function showBundle(out: Output, { refund, legs, entries, payments, switches }: BundleView): void {
  showRefund(out, refund);
  for (const { leg, keys, gatewayRefunds } of legs) {
    out.line(`  leg ${leg}  asked under ${keys.join(', ')}`);
    for (const [id, said] of Object.entries(gatewayRefunds)) out.line(`    ${id}  ${said}`);
  }
  for (const { number, digest, body } of entries) {
    const { at, actor, events } = JSON.parse(body) as BundledEntryView;
    showEntry(out, { number, at, actor, events, digest });
  }
  for (const { payment, connection, balance, entries: facts } of payments) {
    const amounts = Object.entries(balance).map(([name, value]) => `${name}=${String(value)}`);
    out.line(`payment ${payment} at ${connection}  ${amounts.join(' ')}`);
    for (const entry of facts) showEntry(out, entry);
  }
  if (switches.length > 0) out.line('sending stopped and resumed');
  for (const entry of switches) showEntry(out, entry);
}

function showEntry(out: Output, { number, at, actor, digest, events }: BundledEntryView): void {
  const types = events.map(({ type }) => type).join(', ');
  out.line(`  ${number}  ${iso(at as Instant)}  ${actor.padEnd(10)} ${types}  ${digest}`);
}
