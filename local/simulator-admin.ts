import {
  type Faults,
  parseFaults,
  type SimDisputing,
  type SimMove,
  type SimPayment,
  type Simulator,
  type SimWebhook,
} from '../lib/adapters/kit/simulator.ts';
import type { Instant } from '../lib/domain/time.ts';
import type { PlainAnswer, PlainRequest } from './front.ts';

/** What somebody does to the simulator by hand, as its file has it. */
export type Change =
  | { readonly op: 'seed'; readonly at: Instant; readonly payment: SimPayment }
  | { readonly op: 'dispute'; readonly at: Instant; readonly of: SimDisputing }
  | {
      readonly op: 'close';
      readonly at: Instant;
      readonly of: { readonly id: string; readonly status: 'won' | 'lost' };
    }
  | { readonly op: 'move'; readonly at: Instant; readonly of: SimMove & { readonly id: string } };

type Changed =
  | { readonly is: 'changed'; readonly webhooks: readonly SimWebhook[]; readonly id?: string }
  | { readonly is: 'refused'; readonly problem: string };

/** Carries it out: when it is asked for, and again when the file is read. */
export function change(simulator: Simulator, what: Change): Changed {
  const changed = carriedOut(simulator, what);
  if (changed === undefined) return { is: 'refused', problem: 'this simulator can not do that' };
  return changed.is === 'refused' ? changed : { ...changed, is: 'changed' };
}

function carriedOut(simulator: Simulator, what: Change) {
  switch (what.op) {
    case 'seed':
      return simulator.seedPayment(what.payment, what.at);
    case 'dispute':
      return simulator.openDispute?.(what.of, what.at);
    case 'close':
      return simulator.closeDispute?.(what.of, what.at);
    case 'move':
      return simulator.moveRefund?.(what.of, what.at);
  }
}

interface Hands {
  readonly write: (what: Change | { readonly op: 'faults'; readonly faults: Faults }) => void;
  readonly tell: (webhooks: readonly SimWebhook[], at: Instant) => void;
}

/** The admin paths, which begin with an underscore; undefined for any other. */
export function simulatorAdmin(
  simulator: Simulator,
  request: PlainRequest,
  at: Instant,
  hands: Hands,
): PlainAnswer | undefined {
  const { path } = request;
  if (!path.startsWith('/_')) return undefined;
  const [, kind = '', id, ...rest] = path.split('/');
  const route = `${request.method} /${kind}${id === undefined ? '' : '/{id}'}${rest.length > 0 ? '/…' : ''}`;
  switch (route) {
    case 'GET /_refunds':
      return json(200, simulator.refunds());
    case 'GET /_calls':
      return json(200, simulator.calls());
    case 'POST /_faults': {
      const faults = parseFaults(parsed(request.body));
      if (typeof faults === 'string') return json(400, { problem: faults });
      hands.write({ op: 'faults', faults });
      simulator.setFaults(faults);
      return json(200, faults);
    }
    default: {
      const read = readers[route];
      if (read === undefined) return json(404, { problem: 'there is no such admin path' });
      const what = read(fieldsOf(request.body), id ?? '', at);
      if (typeof what === 'string') return json(400, { problem: what });
      const changed = change(simulator, what);
      if (changed.is === 'refused') return json(400, { problem: changed.problem });
      hands.write(what);
      hands.tell(changed.webhooks, at);
      return json(201, what.op === 'seed' ? what.payment : { id: changed.id ?? id });
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Read = (fields: Fields, id: string, at: Instant) => Change | string;

/** What is asked for, or what is wrong with the question. */
const readers: Readonly<Record<string, Read>> = {
  'POST /_payments': (fields, _, at) => {
    const problem = unlike(fields, { id: 'string', amountMinor: 'number', currency: 'string' }, seedOptions);
    return problem ?? { op: 'seed', at, payment: seedOf(fields) };
  },
  'POST /_disputes': (fields, _, at) => {
    const problem = unlike(fields, { payment: 'string' }, { amountMinor: 'number', kind: 'string' });
    if (problem !== undefined) return problem;
    const kind = kinds.find((one) => one === fields.kind);
    if (kind === undefined && fields.kind !== undefined) return 'kind is "inquiry" or "formal"';
    const of = { payment: text(fields.payment) ?? '', ...given({ kind, amountMinor: number(fields.amountMinor) }) };
    return { op: 'dispute', at, of };
  },
  'POST /_disputes/{id}': (fields, id, at) => {
    const { status } = fields;
    return status === 'won' || status === 'lost'
      ? { op: 'close', at, of: { id, status } }
      : 'send {"status": "won" | "lost"}';
  },
  'POST /_refunds/{id}': (fields, id, at) => {
    const problem = unlike(fields, { status: 'string' }, { reason: 'string' });
    const status = moves.find((one) => one === fields.status);
    if (problem !== undefined) return problem;
    if (status === undefined) return `status is one of ${moves.join(', ')}`;
    return { op: 'move', at, of: { id, status, ...given({ reason: text(fields.reason) }) } };
  },
};

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
const flag = (value: unknown) => (typeof value === 'boolean' ? value : undefined);

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what was left out. */
function given<T extends object>(fields: T): Given<T>;
function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const kinds = ['inquiry', 'formal'] as const;
const moves = ['pending', 'succeeded', 'failed', 'canceled'] as const;

const seedOptions = {
  order: 'string',
  captured: 'boolean',
  capturedMinor: 'number',
  voided: 'boolean',
  refundsNeedAction: 'boolean',
  refundsPending: 'string',
} as const;

/** `captured: false` is the short word for nothing captured. */
const seedOf = (fields: Fields): SimPayment => ({
  id: text(fields.id) ?? '',
  amountMinor: number(fields.amountMinor) ?? 0,
  currency: text(fields.currency) ?? '',
  ...given({
    order: text(fields.order),
    capturedMinor: fields.captured === false ? 0 : number(fields.capturedMinor),
    voided: flag(fields.voided),
    refundsNeedAction: flag(fields.refundsNeedAction),
    refundsPending: text(fields.refundsPending),
  }),
});

/** A misspelt field is a problem in words, not silence. */
function unlike(
  fields: Fields,
  needed: Readonly<Record<string, string>>,
  optional: Readonly<Record<string, string>>,
): string | undefined {
  const all = { ...needed, ...optional };
  const wrong =
    Object.keys(fields).find((name) => !Object.hasOwn(all, name) || typeof fields[name] !== all[name]) ??
    Object.keys(needed).find((name) => fields[name] === undefined);
  if (wrong === undefined) return undefined;
  const form = [...Object.keys(needed), ...Object.keys(optional).map((name) => `${name}?`)].join(', ');
  return Object.hasOwn(all, wrong)
    ? `${wrong} is a ${all[wrong]}; send {${form}}`
    : `there is no field of that name; send {${form}}`;
}

const json = (status: number, value: unknown): PlainAnswer => ({
  reply: { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) },
});

function fieldsOf(body: Buffer): Fields {
  const value = parsed(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
