import { final, type Status, statuses } from '../lib/domain/refund/status.ts';
import { type Command, type Given, none, only, WrongUse } from './command.ts';
import {
  type BundleView,
  type EventView,
  listRefund,
  type Output,
  quoted,
  type RefundView,
  showBundle,
  showEvent,
  showRefund,
} from './print.ts';
import { type GatewaysView, showStops } from './print-gateways.ts';
import { sendReturn, shopOf } from './send-return.ts';
import { call, type Reached, reach, Trouble } from './stack.ts';

/** The commands about refunds. */
export const refundCommands: readonly Command[] = [
  {
    name: 'send-return',
    help: [
      ['--amount 42.00', 'sign and send a real return webhook, and follow its refund'],
      ['[--currency EUR] [--return ID] [--order ID] [--payment REFERENCE] [--no-wait]', ''],
      ['[--connection SHOP] [--gateway NAME]', 'as another shop, on a payment at another account'],
    ],
    takes: ['amount', 'currency', 'return', 'order', 'payment', 'no-wait', 'connection', 'gateway'],
    run: send,
  },
  {
    name: 'list',
    help: [
      ['', 'refunds, newest first, with age, reason and next time'],
      ['[--held]', 'those that wait for a person'],
      ['[--unknown]', 'those of which nobody can tell yet whether money moved'],
      ['[--due]', 'those that should have moved by now'],
      ['[--status STATUS] [--order ID] [--return ID] [--cursor CURSOR]', ''],
    ],
    takes: ['held', 'unknown', 'due', 'status', 'order', 'return', 'cursor'],
    run: list,
  },
  { name: 'show', help: [['ID', 'one refund, its legs, their requests, and its history']], takes: [], run: show },
  {
    name: 'approve',
    help: [
      ['ID', 'let a held refund go on'],
      [
        '[--gateway-has-nothing --seen VERSION]',
        'you have looked there for what was in doubt in that version: it has none',
      ],
    ],
    takes: ['gateway-has-nothing', 'seen'],
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
    throw new WrongUse('send-return takes --amount, as in --amount 42.00, and no other word');
  const { amount, currency = 'EUR', order, payment } = values;
  await sendReturn(shopOf(process.env, values), out, {
    amount,
    currency,
    return: values.return,
    order,
    payment,
    wait: !values['no-wait'],
  });
  return 0;
}

interface RefundPage {
  readonly refunds: RefundView[];
  readonly cursor: string | null;
}

async function list(given: Given, out: Output): Promise<number> {
  none(given, 'list');
  const filters = filtersOf(given.values);
  const stack = reach(process.env);
  let cursor: string | null = given.values.cursor ?? null;
  let page: RefundPage;
  // A page looks at so many refunds; where a filter lets few through, there may be none on it, and more behind.
  do {
    const query = new URLSearchParams({ ...filters, ...(cursor !== null && { cursor }) });
    page = await call<RefundPage>(stack, 'viewer', { path: `/v1/refunds?${query}` });
    cursor = page.cursor;
  } while (page.refunds.length === 0 && cursor !== null);
  const now = Date.now();
  for (const refund of page.refunds) listRefund(out, refund, now);
  if (page.refunds.length === 0) out.line('no refunds');
  if (cursor !== null) out.line(`more: redress list ${typed(given.values)}--cursor ${quoted(cursor)}`);
  await sayWhatStops(stack, out, page.refunds);
  out.value(page);
  return 0;
}

/** A refund behind a kill switch says `approved`, as does one that goes out within the second: the switch is said beside it. */
async function sayWhatStops(stack: Reached, out: Output, refunds: readonly RefundView[]): Promise<void> {
  if (out.json || refunds.every(({ status }) => final.has(status as Status))) return;
  try {
    showStops(out, await call<GatewaysView>(stack, 'viewer', { path: '/v1/gateways' }));
  } catch (error) {
    // What was asked for has been said: settings that can't be read make no failure of that.
    if (!(error instanceof Trouble)) throw error;
    out.line(`whether something is stopped could not be asked: ${error.message}`);
  }
}

/** As the API calls them. */
function filtersOf({ held, unknown, due, status, order, return: of }: Given['values']): Record<string, string> {
  const words = [held && 'held', unknown && 'unknown', status].filter((one) => typeof one === 'string');
  if (words.length > 1) throw new WrongUse('list takes one of --held, --unknown and --status');
  const [one] = words;
  if (one !== undefined && !statuses.includes(one as Status))
    throw new WrongUse(`--status takes one of ${statuses.join(', ')}`);
  return {
    ...(one !== undefined && { status: one }),
    ...(due && { due: 'now' }),
    ...(order !== undefined && { order }),
    ...(of !== undefined && { return: of }),
  };
}

/** The filters again, for the command that shows the next page. */
const typed = (values: Given['values']): string =>
  Object.entries(values)
    .filter(([name]) => name !== 'cursor' && name !== 'json')
    .map(([name, value]) => (value === true ? `--${name} ` : `--${name} ${quoted(String(value))} `))
    .join('');

const pathOf = (id: string): string => `/v1/refunds/${encodeURIComponent(id)}`;

/** To look at, the id within what names the refund elsewhere will do: an alarm's stream, a key at the gateway, a note in the shop. */
const idWithin = (word: string): string => /(?<!\w)rf_[0-9a-f]{20}(?!\w)/.exec(word)?.[0] ?? word;

async function show(given: Given, out: Output): Promise<number> {
  const path = pathOf(idWithin(only(given, 'show takes the id of a refund')));
  const stack = reach(process.env);
  const refund = await call<RefundView>(stack, 'viewer', { path });
  const { events } = await call<{ events: EventView[] }>(stack, 'viewer', { path: `${path}/events` });
  showRefund(out, refund);
  const [first] = events;
  if (refund.version !== undefined) out.line(`  version ${refund.version}`);
  if (first !== undefined) out.line(`  followed by ${String(first.correlation)} in the journal and in the logs`);
  if (first !== undefined) out.line(`  came of ${String(first.cause)}`);
  for (const event of events) showEvent(out, event);
  await sayWhatStops(stack, out, [refund]);
  out.value({ ...refund, events });
  return 0;
}

async function decide(given: Given, out: Output, command: 'approve' | 'deny'): Promise<number> {
  const path = pathOf(only(given, `${command} takes the id of a refund`));
  const looked = seenOf(given.values);
  const stack = reach(process.env);
  const word = given.values['gateway-has-nothing'] === true && { body: { gatewayHasNothing: true } };
  const seen = looked ?? (await call<{ version: number }>(stack, 'viewer', { path })).version;
  await call(stack, 'approver', { method: 'POST', path: `${path}/${command}`, seen, ...word });
  const refund = await call<RefundView>(stack, 'viewer', { path });
  showRefund(out, refund);
  out.value(refund);
  return 0;
}

/** The version that `show` said, where the decision is about no other; `WrongUse` where it must be, and is not. */
function seenOf({ seen, 'gateway-has-nothing': absent }: Given['values']): number | undefined {
  if (absent === true && seen === undefined)
    throw new WrongUse(
      '--gateway-has-nothing takes --seen with the version that you looked for, as `redress show` says it',
    );
  if (seen !== undefined && !/^\d{1,9}$/.test(seen))
    throw new WrongUse('--seen takes a version, as `redress show` says it');
  return seen === undefined ? undefined : Number(seen);
}

async function evidence(given: Given, out: Output): Promise<number> {
  const path = pathOf(idWithin(only(given, 'evidence takes the id of a refund')));
  const bundle = await call<BundleView>(reach(process.env), 'viewer', { path: `${path}/evidence` });
  showBundle(out, bundle);
  out.value(bundle);
  return 0;
}
