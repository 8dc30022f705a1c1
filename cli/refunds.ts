import { type Command, type Given, none, only, WrongUse } from './command.ts';
import {
  type BundleView,
  type EventView,
  type Output,
  type RefundView,
  showBundle,
  showEvent,
  showRefund,
} from './print.ts';
import { sendReturn } from './send-return.ts';
import { call, reach } from './stack.ts';

/** The commands about refunds. */
export const refundCommands: readonly Command[] = [
  {
    name: 'send-return',
    help: [
      ['--amount 42.00', 'sign and send a real return webhook, and follow its refund'],
      ['[--currency EUR] [--return ID] [--order ID] [--payment REFERENCE] [--no-wait]', ''],
    ],
    takes: ['amount', 'currency', 'return', 'order', 'payment', 'no-wait'],
    run: send,
  },
  {
    name: 'list',
    help: [
      ['', 'refunds, newest first'],
      ['[--status STATUS] [--order ID] [--return ID] [--cursor CURSOR]', ''],
    ],
    takes: ['status', 'order', 'return', 'cursor'],
    run: list,
  },
  { name: 'show', help: [['ID', 'one refund, its legs and its history']], takes: [], run: show },
  {
    name: 'approve',
    help: [['ID', 'let a held refund go on']],
    takes: [],
    run: (given, out) => decide(given, out, 'approve'),
  },
  {
    name: 'deny',
    help: [['ID', 'close a held or waiting refund without paying']],
    takes: [],
    run: (given, out) => decide(given, out, 'deny'),
  },
  {
    name: 'evidence',
    help: [['ID', "all that is known of a refund, to compare with the gateway's books"]],
    takes: [],
    run: evidence,
  },
];

async function send({ values, words }: Given, out: Output): Promise<number> {
  if (values.amount === undefined || words.length > 0)
    throw new WrongUse('send-return takes --amount and no other word');
  const { amount, currency = 'EUR', order, payment } = values;
  await sendReturn(reach(process.env), out, {
    amount,
    currency,
    return: values.return,
    order,
    payment,
    wait: !values['no-wait'],
  });
  return 0;
}

async function list(given: Given, out: Output): Promise<number> {
  none(given, 'list');
  const { values } = given;
  const query = new URLSearchParams();
  for (const name of ['status', 'order', 'return', 'cursor'] as const) {
    const value = values[name];
    if (value !== undefined) query.set(name, value);
  }
  const path = `/v1/refunds?${query}`;
  const page = await call<{ refunds: RefundView[]; cursor: string | null }>(reach(process.env), 'viewer', { path });
  for (const refund of page.refunds) showRefund(out, refund);
  if (page.refunds.length === 0) out.line('no refunds');
  if (page.cursor !== null) out.line(`more: redress list --cursor '${page.cursor}'`);
  out.value(page);
  return 0;
}

const pathOf = (id: string): string => `/v1/refunds/${encodeURIComponent(id)}`;

async function show(given: Given, out: Output): Promise<number> {
  const path = pathOf(only(given, 'show takes the id of a refund'));
  const stack = reach(process.env);
  const refund = await call<RefundView>(stack, 'viewer', { path });
  const { events } = await call<{ events: EventView[] }>(stack, 'viewer', { path: `${path}/events` });
  showRefund(out, refund);
  for (const event of events) showEvent(out, event);
  out.value({ ...refund, events });
  return 0;
}

async function decide(given: Given, out: Output, command: 'approve' | 'deny'): Promise<number> {
  const path = pathOf(only(given, `${command} takes the id of a refund`));
  const stack = reach(process.env);
  const { version } = await call<{ version: number }>(stack, 'viewer', { path });
  await call(stack, 'approver', { method: 'POST', path: `${path}/${command}`, seen: version });
  const refund = await call<RefundView>(stack, 'viewer', { path });
  showRefund(out, refund);
  out.value(refund);
  return 0;
}

async function evidence(given: Given, out: Output): Promise<number> {
  const path = pathOf(only(given, 'evidence takes the id of a refund'));
  const bundle = await call<BundleView>(reach(process.env), 'viewer', { path: `${path}/evidence` });
  showBundle(out, bundle);
  out.value(bundle);
  return 0;
}
