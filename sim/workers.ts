import { assessWork } from '../lib/app/assess.ts';
import { executeWork } from '../lib/app/execute.ts';
import { NewerVersion } from '../lib/app/journal.ts';
import { notifyWork } from '../lib/app/notify.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import { reconcileWork } from '../lib/app/reconcile.ts';
import { setAside, waitForUpgrade } from '../lib/app/set-aside.ts';
import type { QueueName } from '../lib/domain/refund/work.ts';
import type { Engine } from './engine.ts';
import type { Poisons } from './poison.ts';
import type { Message } from './queues.ts';

/** How often a queue hands a message over before it is a dead letter. */
export const maxReceives = 5;

const workers = { assess: assessWork, execute: executeWork, reconcile: reconcileWork, notify: notifyWork };

interface More {
  readonly bug: (where: string, error: unknown) => void;
  readonly poisons: Pick<Poisons, 'takenUp'>;
}

/** A batch as `functions/batch.ts` takes it: each message by itself, all side by side. Answers the messages that are done. */
export async function workOn(
  engine: Engine,
  queue: QueueName,
  batch: readonly Message[],
  { done, ...more }: { readonly done: Set<Message> } & More,
): Promise<void> {
  await Promise.all(
    batch.map(async (message) => {
      if ((await one(engine, queue, message, more)) === 'done') done.add(message);
    }),
  );
}

/** A message that our own code fails on is set aside at its last try. */
async function one(
  engine: Engine,
  queue: QueueName,
  message: Message,
  { bug, poisons }: More,
): Promise<'done' | 'busy'> {
  try {
    poisons.takenUp(message.work.stream);
    return await workers[queue](engine, message.work);
  } catch (error) {
    if (error instanceof Unavailable) return 'busy';
    bug(queue, error);
    if (error instanceof NewerVersion) {
      engine.log.alarm('newer-version', { stream: message.work.stream });
      return untilUpgraded(engine, message);
    }
    engine.log.alarm('poison-message', { stream: message.work.stream, code: error instanceof Error ? error.name : '' });
    if (message.receives >= maxReceives) await unlessDown(() => setAside(engine, message.work));
    return 'busy';
  }
}

async function untilUpgraded(engine: Engine, { work }: Message): Promise<'done' | 'busy'> {
  return (await unlessDown(() => waitForUpgrade(engine, work))) ? 'done' : 'busy';
}

/** What failed of one message is no failure of the others beside it. */
async function unlessDown(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}
