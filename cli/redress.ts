#!/usr/bin/env node
import { parseArgs } from 'node:util';
import {
  type BundleView,
  type EventView,
  type GatewayView,
  output,
  type RefundView,
  showBundle,
  showEvent,
  showGateway,
  showRefund,
} from './print.ts';
import { sendReturn } from './send-return.ts';
import { call, reach, Trouble } from './stack.ts';

const help = `redress: refunds on a running stack

  redress send-return --amount 42.00    sign and send a real return webhook, and follow its refund
          [--currency EUR] [--return ID] [--order ID] [--payment REFERENCE] [--no-wait]
  redress list                          refunds, newest first
          [--status STATUS] [--order ID] [--return ID] [--cursor CURSOR]
  redress show ID                       one refund, its legs and its history
  redress approve ID                    let a held refund go on
  redress deny ID                       close a held or waiting refund without paying
  redress evidence ID                   all that is known of a refund, to compare with the gateway's books
  redress gateways                      how each gateway account is asked now: its breaker and its pace
  redress stop-sending REASON           kill switch: no request to any gateway is started any more
          [--connection NAME]           of this gateway account only
  redress resume-sending REASON         and back
          [--connection NAME]
  redress audit verify                  prove every chain of the journal, stack running or stopped

  --json       one JSON value instead of lines
  --help       this text

The stack is the one on the data folder REDRESS_DATA (default .redress).
Exit: 0 done, 1 it did not work or does not hold, 2 wrong use.
`;

/** Wrong use: the sentence, then the help, then exit 2. */
class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  amount: { type: 'string' },
  currency: { type: 'string', default: 'EUR' },
  return: { type: 'string' },
  order: { type: 'string' },
  payment: { type: 'string' },
  status: { type: 'string' },
  cursor: { type: 'string' },
  connection: { type: 'string' },
  'no-wait': { type: 'boolean', default: false },
} as const;

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : 'the options are not understood');
  }
}

type Parsed = ReturnType<typeof read>;

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = read(args);
  if (parsed.values.help || parsed.positionals[0] === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const out = output(parsed.values.json);
  const [command, ...rest] = parsed.positionals;
  switch (command) {
    case 'send-return':
      return send(parsed, out, rest);
    case 'list':
      return list(parsed, out, rest);
    case 'show':
      return show(out, only(rest, 'show takes the id of a refund'));
    case 'evidence':
      return evidence(out, only(rest, 'evidence takes the id of a refund'));
    case 'approve':
    case 'deny':
      return decide(out, command, only(rest, `${command} takes the id of a refund`));
    case 'gateways':
      return gateways(out, rest);
    case 'stop-sending':
    case 'resume-sending':
      return sending(parsed, out, command === 'stop-sending' ? 'stopped' : 'running', rest.join(' '));
    case 'audit':
      if (rest.length !== 1 || rest[0] !== 'verify') throw new WrongUse('audit takes one word: verify');
      return audit(out);
    default:
      throw new WrongUse(command === undefined ? 'a command is missing' : `there is no command "${command}"`);
  }
}

type Out = ReturnType<typeof output>;

/** The only command that reads the tables: what that needs is loaded for it alone. */
async function audit(out: Out): Promise<number> {
  const { auditVerify } = await import('./audit.ts');
  return (await auditVerify(process.env, out)) ? 0 : 1;
}

async function send({ values }: Parsed, out: Out, rest: readonly string[]): Promise<number> {
  if (values.amount === undefined || rest.length > 0)
    throw new WrongUse('send-return takes --amount and no other word');
  const { amount, currency, order, payment } = values;
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

async function list({ values }: Parsed, out: Out, rest: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new WrongUse('list takes no other word');
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

async function show(out: Out, id: string): Promise<number> {
  const stack = reach(process.env);
  const path = `/v1/refunds/${encodeURIComponent(id)}`;
  const refund = await call<RefundView>(stack, 'viewer', { path });
  const { events } = await call<{ events: EventView[] }>(stack, 'viewer', { path: `${path}/events` });
  showRefund(out, refund);
  for (const event of events) showEvent(out, event);
  out.value({ ...refund, events });
  return 0;
}

async function decide(out: Out, command: 'approve' | 'deny', id: string): Promise<number> {
  const stack = reach(process.env);
  const path = `/v1/refunds/${encodeURIComponent(id)}`;
  const { version } = await call<{ version: number }>(stack, 'viewer', { path });
  await call(stack, 'approver', { method: 'POST', path: `${path}/${command}`, seen: version });
  const refund = await call<RefundView>(stack, 'viewer', { path });
  showRefund(out, refund);
  out.value(refund);
  return 0;
}

async function evidence(out: Out, id: string): Promise<number> {
  const path = `/v1/refunds/${encodeURIComponent(id)}/evidence`;
  const bundle = await call<BundleView>(reach(process.env), 'viewer', { path });
  showBundle(out, bundle);
  out.value(bundle);
  return 0;
}

async function gateways(out: Out, rest: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new WrongUse('gateways takes no other word');
  const found = await call<{ gateways: GatewayView[] }>(reach(process.env), 'viewer', { path: '/v1/gateways' });
  for (const gateway of found.gateways) showGateway(out, gateway);
  if (found.gateways.length === 0) out.line('no gateways');
  out.value(found);
  return 0;
}

async function sending({ values }: Parsed, out: Out, to: 'stopped' | 'running', reason: string): Promise<number> {
  if (reason === '') throw new WrongUse('say why, in a few words: it is kept on the record');
  const { connection } = values;
  const body = { to, reason, ...(connection !== undefined && { connection }) };
  const done = await call(reach(process.env), 'operator', { method: 'POST', path: '/v1/sending', body });
  const where = connection === undefined ? '' : ` through ${connection}`;
  out.line(`sending${where} ${to === 'stopped' ? 'is stopped' : 'goes on'}`);
  out.value(done);
  return 0;
}

function only(rest: readonly string[], sentence: string): string {
  const [id, ...more] = rest;
  if (id === undefined || more.length > 0) throw new WrongUse(sentence);
  return id;
}

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof WrongUse) {
      process.stderr.write(`${error.message}\n\n${help}`);
      process.exitCode = 2;
      return;
    }
    const known = error instanceof Trouble || (error instanceof Error && error.name === 'TypeError');
    process.stderr.write(`${known ? (error as Error).message : String(error)}\n`);
    process.exitCode = 1;
  },
);
