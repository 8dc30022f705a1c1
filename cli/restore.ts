import { type Command, type Given, reasonIn, WrongUse } from './command.ts';
import type { Output } from './print.ts';
import { type RestoreView, showRestore } from './print-gateways.ts';
import { call, type Reached, reach } from './stack.ts';

/** What is done after the tables were put back to an earlier instant; docs/runbook.md has the whole of it. */
export const restoreCommands: readonly Command[] = [
  {
    name: 'restore',
    help: [
      ['status', 'whether the tables were put back, and what is to be done before anything is sent'],
      ['begin REASON --since INSTANT', 'say to which instant they were put back, 2026-11-21T12:00:00Z'],
      ['reconcile', 'take in what every gateway account refunded since then'],
      ['end REASON', 'let sending go on, once all of it is dealt with'],
      ['[--put-aside N]', 'but what was put aside: so many, each compared by you at the gateway'],
    ],
    takes: ['since', 'put-aside'],
    run: restore,
  },
];

const use = 'restore takes: status, begin REASON --since INSTANT, reconcile, or end REASON';

async function restore({ values: { since, 'put-aside': aside }, words }: Given, out: Output): Promise<number> {
  const [verb, ...rest] = words;
  const reason = reasonIn(rest);
  if ((since !== undefined) !== (verb === 'begin')) throw new WrongUse(use);
  if (aside !== undefined && !(verb === 'end' && /^[1-9]\d{0,5}$/.test(aside)))
    throw new WrongUse(
      'restore end takes --put-aside with how many refunds were put aside, and no other restore command does',
    );
  if (verb === 'status' && reason === '') return status(out);
  if (verb === 'reconcile' && reason === '') return reconcile(out);
  if (verb === 'begin' && reason !== '') return begin(out, { since, reason });
  if (verb === 'end' && reason !== '')
    return end(out, { reason, ...(aside !== undefined && { putAside: Number(aside) }) });
  throw new WrongUse(use);
}

async function status(out: Output): Promise<number> {
  const found = await call<RestoreView>(reach(process.env), 'viewer', { path: '/v1/restore' });
  showRestore(out, found);
  const elsewhere = (found.restoring ?? 0) > found.deployment;
  if (found.journal === found.deployment && !elsewhere) out.line(`nothing to restore: epoch ${found.journal}`);
  out.value(found);
  return 0;
}

async function begin(out: Output, body: object): Promise<number> {
  const done = await call(reach(process.env), 'admin', { method: 'POST', path: '/v1/restore/begin', body });
  out.line('now: redress restore reconcile');
  out.value(done);
  return 0;
}

interface EndView {
  readonly result: 'done' | 'looking';
  readonly cursor?: string;
}

/** Every page of every account is looked at; only the last answer says that it has ended. */
async function end(out: Output, said: { readonly reason: string; readonly putAside?: number }): Promise<number> {
  const stack = reach(process.env);
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const body = { ...said, ...(cursor !== undefined && { cursor }) };
    const found: EndView = await call(stack, 'admin', { method: 'POST', path: '/v1/restore/end', body });
    if (found.result === 'done') {
      out.line(`sending goes on; ${pages} pages of the gateways were looked at`);
      out.value({ ...found, pages });
      return 0;
    }
    cursor = found.cursor;
  }
}

interface PageView {
  readonly recorded: number;
  readonly seen: number;
  readonly cursor: string | null;
}

async function reconcile(out: Output): Promise<number> {
  const stack = reach(process.env);
  const { connections } = await call<{ connections: { connection: string; kind: string }[] }>(stack, 'viewer', {
    path: '/v1/connections',
  });
  const accounts = [];
  for (const { connection, kind } of connections) {
    if (kind !== 'gateway') continue;
    const found = await reconcileAccount(stack, connection);
    out.line(`${connection}  ${found.recorded} refunds recorded, ${found.seen} recorded before`);
    accounts.push({ connection, ...found });
  }
  out.value({ accounts });
  return 0;
}

async function reconcileAccount(stack: Reached, connection: string): Promise<Omit<PageView, 'cursor'>> {
  let [recorded, seen] = [0, 0];
  let cursor: string | null = null;
  do {
    const body: object = { connection, ...(cursor !== null && { cursor }) };
    const page: PageView = await call(stack, 'admin', { method: 'POST', path: '/v1/restore/reconcile', body });
    recorded += page.recorded;
    seen += page.seen;
    cursor = page.cursor;
  } while (cursor !== null);
  return { recorded, seen };
}
