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

async function redrive(given: Given, out: Output): Promise<number> {
  const queue = only(given, `redrive takes the name of a queue: ${queueNames.join(', ')}`);
  if (!queueNames.some((name) => name === queue))
    throw new WrongUse(`there is no queue "${queue}"; there are: ${queueNames.join(', ')}`);
  const stack = reach(process.env);
  const moved: RedrivenView['moved'][number][] = [];
  let unreadable = 0;
  let page: RedrivenView;
  do {
    page = await call<RedrivenView>(stack, 'operator', { method: 'POST', path: `/v1/queues/${queue}/redrive` });
    for (const { stream, leg } of page.moved) out.line(leg === null ? stream : `${stream} leg ${leg}`);
    moved.push(...page.moved);
    unreadable += page.unreadable;
  } while (page.more);
  const rest = unreadable === 0 ? '' : `; ${unreadable} that are no messages of ours stay where they are`;
  out.line(`${moved.length} put back on ${queue}${rest}`);
  out.value({ queue, moved, unreadable });
  return 0;
}
