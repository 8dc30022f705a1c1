import { type Command, type Given, reasonIn, WrongUse } from './command.ts';
import { switchSending } from './gateways.ts';
import type { Output } from './print.ts';
import { call, reach } from './stack.ts';

/** The commands about the counterparts of a stack. */
export const connectionCommands: readonly Command[] = [
  {
    name: 'connections',
    help: [
      ['list', 'shops and gateway accounts, with their settings'],
      ['test NAME', 'its settings, secrets and credential, and what the other side says to it'],
      ['disable NAME REASON', 'start no request through this gateway account, as stop-sending does'],
      ['enable NAME REASON', 'and back'],
    ],
    takes: [],
    run: connections,
  },
];

const use = 'connections takes: list, test NAME, disable NAME REASON, or enable NAME REASON';

async function connections({ words }: Given, out: Output): Promise<number> {
  const [verb, name, ...reason] = words;
  if (verb === 'list' && name === undefined) return list(out);
  if (name === undefined) throw new WrongUse(use);
  if (verb === 'test' && reason.length === 0) return test(out, name);
  if ((verb === 'disable' || verb === 'enable') && reason.length > 0)
    return switchSending(out, {
      to: verb === 'disable' ? 'stopped' : 'running',
      reason: reasonIn(reason),
      connection: name,
    });
  throw new WrongUse(use);
}

interface ConnectionView {
  readonly connection: string;
  readonly kind: string;
  readonly platform: string;
  readonly mode: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly sending: string | null;
}

async function list(out: Output): Promise<number> {
  const found = await call<{ connections: ConnectionView[] }>(reach(process.env), 'viewer', {
    path: '/v1/connections',
  });
  for (const { connection, kind, platform, mode, settings, sending } of found.connections) {
    const of = Object.entries(settings).map(([name, text]) => `${name}=${text}`);
    const stopped = sending === 'stopped' ? '  STOPPED' : '';
    out.line(`${connection}  ${kind} ${platform}, ${mode}${stopped}  ${of.join(' ')}`.trimEnd());
  }
  if (found.connections.length === 0) out.line('no connections');
  out.value(found);
  return 0;
}

interface CheckedView {
  readonly connection: string;
  readonly ok: boolean;
  readonly checked: readonly { readonly what: string; readonly ok: boolean; readonly says: string }[];
}

/** The stack asks, with a credential that it never shows. */
async function test(out: Output, name: string): Promise<number> {
  const found = await call<CheckedView>(reach(process.env), 'operator', {
    method: 'POST',
    path: `/v1/connections/${encodeURIComponent(name)}/test`,
  });
  for (const { what, ok, says } of found.checked) out.line(`${ok ? 'ok   ' : 'WRONG'}  ${what.padEnd(10)}  ${says}`);
  out.value(found);
  return found.ok ? 0 : 1;
}
