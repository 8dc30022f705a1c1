import type { RawRequest, Reading } from '../../../app/ports/gateway.ts';
import { parseConnection } from '../../../domain/ids.ts';
import { type Currency, parseCurrency, parseDecimal, type Unreadable } from '../../../domain/money.ts';
import type { NamedPayment, Notice, ReturnNotice, Snapshot } from '../../../domain/notice.ts';
import { sha256Hex } from '../../kit/hmac.ts';
import { asObject, canonical, type JsonObject, readJson } from '../../kit/json.ts';
import { problemOf } from './problem.ts';
import { type Body, body as schema, types } from './schema.ts';
import { messageId } from './verify.ts';

/** A verified body as one notice. What is wrong with it is said in words that name the field, never its content. */
export function read(raw: RawRequest): Reading {
  const id = messageId(raw);
  const json = readJson(raw.body);
  if (!json.ok) return { is: 'unreadable', problem: json.problem };
  const object = asObject(json.value);
  if (id === undefined || object === undefined)
    return { is: 'unreadable', problem: 'is not a JSON object with a webhook-id' };
  if (typeof object.type !== 'string' || object.type === '' || object.type.length > 100) {
    return { is: 'invalid', problem: 'type: is not a text of 1 to 100 characters' };
  }
  if (!types.some((known) => known === object.type))
    return { is: 'notices', notices: [unknownNotice(id, object.type, object)] };
  const parsed = schema.safeParse(object);
  if (!parsed.success) return { is: 'invalid', problem: problemOf(parsed.error.issues) };
  try {
    return { is: 'notices', notices: [toNotice(id, parsed.data)] };
  } catch (error) {
    if (error instanceof Invalid) return { is: 'invalid', problem: error.message };
    throw error;
  }
}

/** Thrown and caught in this file only. */
class Invalid extends Error {
  constructor(field: string, problem: string) {
    super(`data.${field}: ${problem}`);
  }
}

function toNotice(id: string, { type, data }: Body): ReturnNotice {
  const currency = parseCurrency(data.currency);
  if (currency === undefined) throw new Invalid('currency', 'is not a currency in use');
  const money = (field: string, text = '0') => amountOf(field, text, currency);
  const snapshot: Snapshot = {
    return: data.return,
    order: data.order,
    currency,
    lines: data.lines.map((line, index) => ({
      id: line.id,
      quantity: line.quantity,
      priceMinor: money(`lines[${index}].price`, line.price),
      taxMinor: money(`lines[${index}].tax`, line.tax),
    })),
    shipping: {
      amountMinor: money('shipping.amount', data.shipping?.amount),
      taxMinor: money('shipping.tax', data.shipping?.tax),
    },
    fees: (data.fees ?? []).map(({ kind, amount }, index) => ({
      kind,
      amountMinor: money(`fees[${index}].amount`, amount),
    })),
  };
  refuseTwice(
    'lines',
    'id',
    data.lines.map((line) => line.id),
  );
  refuseTwice(
    'payments',
    'reference',
    (data.payments ?? []).map((one) => `${one.connection} ${one.reference}`),
  );
  const payments = (data.payments ?? []).map(namedPayment);
  // What was said about goods is not kept, but who repeats an id repeats all of it.
  const goods = data.lines.map(({ sku, reason, condition }) => [sku, reason, condition]);
  return {
    kind: 'return',
    id,
    sameness: sha256Hex(canonical([type, snapshot, payments, goods])),
    type,
    trigger: type === 'return.approved' ? 'approved' : type === 'return.received' ? 'received' : 'cancelled',
    snapshot,
    payments,
  };
}

const amountProblems: Readonly<Record<Unreadable, string>> = {
  'not-a-decimal': 'is not a decimal string such as "12.30"',
  'too-many-decimals': 'has more decimals than its currency',
  'too-large': 'is too large',
};

function amountOf(field: string, text: string, currency: Currency): bigint {
  const minor = parseDecimal(text, currency);
  if (typeof minor === 'string') throw new Invalid(field, amountProblems[minor]);
  return minor;
}

function namedPayment(one: { connection: string; reference: string }, index: number): NamedPayment {
  const connection = parseConnection(one.connection);
  if (connection === undefined) throw new Invalid(`payments[${index}].connection`, 'is not the name of a connection');
  return { connection, reference: one.reference };
}

/** The same line twice could be one line told twice, or two halves of it: nobody can tell, so nobody guesses. */
function refuseTwice(list: string, field: string, values: readonly string[]): void {
  const index = values.findIndex((value, at) => values.indexOf(value) < at);
  if (index !== -1) throw new Invalid(`${list}[${index}].${field}`, 'is there twice');
}

/** Of a type that is not ours yet (F22). */
const unknownNotice = (id: string, type: string, object: JsonObject): Notice => ({
  kind: 'unknown',
  id,
  type,
  sameness: sha256Hex(canonical([type, object.data])),
});
