import { createHmac } from 'node:crypto';
import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { readJson } from '../lib/adapters/kit/json.ts';
import type { Secret } from '../lib/app/ports/connections.ts';
import type { Reader } from '../lib/app/ports/gateway.ts';
import { type Currency, parseCurrency } from '../lib/domain/money.ts';
import type { News, Notice, RefundEvidence } from '../lib/domain/notice.ts';
import { instant } from '../lib/domain/time.ts';
import { type BankDispute, type BankPayment, type BankRefund, stateAt } from './any-bank.ts';
import type { Row } from './capabilities.ts';

/** How a gateway of any kind says what it has: what its row leaves out or gets wrong is left out or wrong everywhere alike. */

const currencyOf = (text: string): Currency => {
  const currency = parseCurrency(text);
  if (currency === undefined) throw new Error('not a currency');
  return currency;
};

/** Undefined where there is no such refund yet, or nobody can say in which amount: an adapter calls that unreadable. */
export function evidenceOf(row: Row, refund: BankRefund, at?: number): RefundEvidence | undefined {
  const now = stateAt(refund, at);
  // Of every third refund, so that what is wrong is an accident and not the rule.
  const odd = Number(refund.id.split('_')[1]) % 3 === 0;
  if (now === undefined || (odd && row.echoAmount === 'absent')) return undefined;
  const wrong = odd && row.echoAmount === 'wrong' ? 1 : 0;
  const key = row.echoKey === 'absent' ? null : row.echoKey === 'wrong' ? refund.key?.slice(0, 20) : refund.key;
  return {
    theirs: refund.id,
    state: now.state,
    amountMinor: BigInt(refund.amountMinor + wrong),
    currency: currencyOf(refund.currency),
    ...(key === null || key === undefined ? {} : { key }),
    ...(now.reason === undefined ? {} : { reason: now.reason }),
  };
}

export const captureOf = (payment: BankPayment) => ({
  theirs: `ac_${payment.id}`,
  amountMinor: BigInt(payment.amountMinor),
  currency: currencyOf(payment.currency),
  at: payment.at,
});

/** Each capture as it was by `at`, or is: what it comes to so far, since when it is there. */
export function capturesOf(payment: BankPayment, at = Number.POSITIVE_INFINITY): ReturnType<typeof captureOf>[] {
  const { parts, currency } = payment;
  if (parts === undefined) return [captureOf(payment)];
  const shown = Map.groupBy(
    parts.filter((part) => part.at <= at),
    ({ theirs }) => theirs,
  );
  return [...shown].map(([theirs, all]) => ({
    theirs,
    amountMinor: BigInt(all.reduce((sum, { amountMinor }) => sum + amountMinor, 0)),
    currency: currencyOf(currency),
    at: all[0]?.at ?? payment.at,
  }));
}

export const disputeOf = (dispute: BankDispute) => ({
  theirs: dispute.id,
  stage: dispute.stage,
  kind: 'formal' as const,
  amountMinor: BigInt(dispute.amountMinor),
  currency: currencyOf(dispute.currency),
});

/** The body of a webhook. */
export const written = (id: string, type: string, news: News): string =>
  JSON.stringify({ id, type, news }, (_, value) => (typeof value === 'bigint' ? { minor: String(value) } : value));

export const signed = (secret: Secret, body: string): Readonly<Record<string, string>> => ({
  'any-signature': createHmac('sha256', secret.reveal()).update(body).digest('hex'),
});

const isMinor = (value: unknown): value is { minor: string } =>
  typeof value === 'object' && value !== null && 'minor' in value;

export const reader: Reader = {
  answers: 'platform',
  problemWith: () => undefined,
  settings: [],
  verify({ body, headers }, secrets) {
    const said = headers['any-signature'];
    if (said === undefined) return { verified: false, why: 'no-signature' };
    const at = secrets.findIndex((secret) => signed(secret, Buffer.from(body).toString())['any-signature'] === said);
    return at < 0 ? { verified: false, why: 'mismatch' } : { verified: true, secretIndex: at };
  },
  read({ body }) {
    if (!readJson(body).ok) return { is: 'unreadable', problem: 'is no JSON' };
    const { id, type, news } = JSON.parse(Buffer.from(body).toString(), (name, value: unknown) =>
      isMinor(value) ? BigInt(value.minor) : name === 'at' ? instant(Number(value)) : value,
    ) as { id: string; type: string; news: News };
    const notice: Notice = { kind: 'gateway', id, type, news, sameness: sha256Hex(written('', type, news)) };
    return { is: 'notices', notices: [notice] };
  },
};
