import { queueNames } from '../lib/domain/refund/work.ts';
import { type Command, type Given, only, WrongUse } from './command.ts';
import type { Output } from './print.ts';
import { call, reach } from './stack.ts';

/** The command about what was given up. */
export const queueCommands: readonly Command[] = [
  {
    name: 'redrive',
    help: [['QUEUE', `put dead letters back on their queue: ${queueNames.join(', ')}`]],
    takes: [],
    run: redrive,
  },
];

interface RedrivenView {
  readonly moved: readonly { readonly stream: string; readonly leg: number | null }[];
  readonly unreadable: number;
  readonly more: boolean;
}

/**
 * What was looked at and left is shown again after this (SQS's own time: `stacks/queues.ts` says no other). Where nothing of ours came for as
 * long, the others come round again, and the API can't say that this was all.
 */
const roundMs = 30_000;

async function redrive(given: Given, out: Output): Promise<number> {
  const queue = only(given, `redrive takes the name of a queue: ${queueNames.join(', ')}`);
  if (!queueNames.some((name) => name === queue))
    throw new WrongUse(`there is no queue "${queue}"; there are: ${queueNames.join(', ')}`);
  const stack = reach(process.env);
  const moved: RedrivenView['moved'][number][] = [];
  const left: { readonly at: number; readonly unreadable: number }[] = [];
  let lastMoved = Date.now();
  let more = true;
  while (more && Date.now() < lastMoved + roundMs) {
    const at = Date.now();
    const page = await call<RedrivenView>(stack, 'operator', { method: 'POST', path: `/v1/queues/${queue}/redrive` });
    for (const { stream, leg } of page.moved) out.line(leg === null ? stream : `${stream} leg ${leg}`);
    moved.push(...page.moved);
    left.push({ at, unreadable: page.unreadable });
    if (page.moved.length > 0) lastMoved = Date.now();
    more = page.more;
  }
  const unreadable = seenIn(left, Date.now() - roundMs);
  out.line(`${moved.length} put back on ${queue}${rest(more, unreadable)}`);
  out.value({ queue, moved, unreadable, more });
  return more ? 1 : 0;
}

/** Each once: those of one round, since in a longer time they come twice. */
const seenIn = (left: readonly { readonly at: number; readonly unreadable: number }[], since: number): number =>
  left.filter(({ at }) => at >= since).reduce((sum, { unreadable }) => sum + unreadable, 0);

function rest(more: boolean, unreadable: number): string {
  if (more)
    return (
      `; then for ${roundMs / 1000} s there were only letters that are another merchant’s or no messages of ours. ` +
      'They stay where they are, and more of yours may lie behind them: what those are about is due, and the sweep asks for it'
    );
  return unreadable === 0 ? '' : `; ${unreadable} that are no messages of ours stay where they are`;
}
