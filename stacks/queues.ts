/// <reference path="../.sst/platform/config.d.ts" />
import { named } from './settings.ts';

/** One queue for each kind of work, by the name it has in the code. */
export const workNames = ['assess', 'execute', 'reconcile', 'notify'] as const;
export type WorkName = (typeof workNames)[number];

/** As `functions/wire/parts.ts` has it: at its last try a function puts what can't be worked on in front of a person. */
export const maxReceives = 5;

/**
 * Of a worker: shorter than a leg's lease (a minute), so that nobody asks what came of a request while the function that sent it can
 * still record it.
 */
export const workerSeconds = 50;

const deadSeconds = 14 * 24 * 60 * 60;

export interface Queue {
  readonly name: string;
  readonly queue: aws.sqs.Queue;
  readonly dead: aws.sqs.Queue;
}

export type Queues = Readonly<Record<WorkName, Queue>>;

export const queues = (): Queues => ({
  assess: queueWithDead('assess'),
  execute: queueWithDead('execute'),
  reconcile: queueWithDead('reconcile'),
  notify: queueWithDead('notify'),
});

function queueWithDead(name: WorkName): Queue {
  const dead = deadLetters(name);
  const queue = new aws.sqs.Queue(`${title(name)}Queue`, {
    name: named(name),
    visibilityTimeoutSeconds: 6 * workerSeconds,
    messageRetentionSeconds: 4 * 24 * 60 * 60,
    receiveWaitTimeSeconds: 20,
    sqsManagedSseEnabled: true,
    redrivePolicy: $jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: maxReceives }),
  });
  return { name, queue, dead };
}

/** A message in it is a hint that is kept for people; what it is about is still due, and the sweep asks again. */
export const deadLetters = (name: string) =>
  new aws.sqs.Queue(`${title(name)}Dead`, {
    name: named(`${name}-dead`),
    messageRetentionSeconds: deadSeconds,
    sqsManagedSseEnabled: true,
  });

export const title = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

export const sendsTo = (all: Queues) => [
  { actions: ['sqs:SendMessage'], resources: workNames.map((name) => all[name].queue.arn) },
];

/** For people who put back what was given up. */
export const takesDead = (all: Queues) => [
  {
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
    resources: workNames.map((name) => all[name].dead.arn),
  },
];

export const urlsOf = (all: Queues) => ({
  REDRESS_ASSESS_QUEUE: all.assess.queue.url,
  REDRESS_EXECUTE_QUEUE: all.execute.queue.url,
  REDRESS_RECONCILE_QUEUE: all.reconcile.queue.url,
  REDRESS_NOTIFY_QUEUE: all.notify.queue.url,
});
