import { type Command, type Given, none, reasonIn, WrongUse } from './command.ts';
import type { Output } from './print.ts';
import { type GatewaysView, showGateways } from './print-gateways.ts';
import { call, reach } from './stack.ts';

/** How gateways are asked, and the kill switches. */
export const gatewayCommands: readonly Command[] = [
  {
    name: 'gateways',
    help: [['', 'how each gateway account is asked now: stops, breaker, pace']],
    takes: [],
    run: gateways,
  },
  {
    name: 'stop-sending',
    help: [
      ['REASON', 'kill switch: no request to any gateway is started any more'],
      ['[--connection NAME]', 'of this gateway account only'],
    ],
    takes: ['connection'],
    run: (given, out) => sending(given, out, 'stopped'),
  },
  {
    name: 'resume-sending',
    help: [
      ['REASON', 'and back'],
      ['[--connection NAME]', ''],
    ],
    takes: ['connection'],
    run: (given, out) => sending(given, out, 'running'),
  },
];

async function gateways(given: Given, out: Output): Promise<number> {
  none(given, 'gateways');
  const found = await call<GatewaysView>(reach(process.env), 'viewer', { path: '/v1/gateways' });
  showGateways(out, found);
  out.value(found);
  return 0;
}

async function sending({ values, words }: Given, out: Output, to: 'stopped' | 'running'): Promise<number> {
  const reason = reasonIn(words);
  if (reason === '') throw new WrongUse('say why, in a few words: it is kept on the record');
  return switchSending(out, { to, reason, connection: values.connection });
}

/** Presses the merchant's switch, or that of one account. */
export async function switchSending(
  out: Output,
  { to, reason, connection }: { to: 'stopped' | 'running'; reason: string; connection: string | undefined },
): Promise<number> {
  const body = { to, reason, ...(connection !== undefined && { connection }) };
  const done = await call(reach(process.env), 'operator', { method: 'POST', path: '/v1/sending', body });
  const where = connection === undefined ? '' : ` through ${connection}`;
  out.line(`sending${where} ${to === 'stopped' ? 'is stopped' : 'goes on'}`);
  out.value(done);
  return 0;
}
