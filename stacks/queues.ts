/// <reference path="../.sst/platform/config.d.ts" />
import { gatewayPlatforms } from '../lib/adapters/gateways/platforms.ts';
import { named, type Settings } from './settings.ts';

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

export interface Queues {
  /** Of each kind of work, the common queue of `execute` among them: what says at no account that we know lies there. */
  readonly of: Readonly<Record<WorkName, Queue>>;
  /** For `execute`, one for each gateway, so that a slow one is in nobody else's way. */
  readonly gateways: readonly Queue[];
}

export const queues = (): Queues => ({
  of: {
    assess: queueWithDead('assess'),
    execute: queueWithDead('execute'),
    reconcile: queueWithDead('reconcile'),
    notify: queueWithDead('notify'),
  },
  // Senders find it by this name (`functions/wire/queues.ts`).
  gateways: gatewayPlatforms.map((platform) => queueWithDead(`execute-${platform}`)),
});

export const allOf = ({ of, gateways }: Queues): readonly Queue[] => [
  ...workNames.map((name) => of[name]),
  ...gateways,
];

/** Those that bring work of this kind. */
export const queuesFor = ({ of, gateways }: Queues, name: WorkName): readonly Queue[] =>
  name === 'execute' ? [of.execute, ...gateways] : [of[name]];

function queueWithDead(name: string): Queue {
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
  { actions: ['sqs:SendMessage'], resources: allOf(all).map(({ queue }) => queue.arn) },
];

/** For people who put back what was given up. */
export const takesDead = (all: Queues) => [
  { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], resources: allOf(all).map(({ dead }) => dead.arn) },
];

/** What senders are told: where each kind of work lies, and which gateway each account is at. */
export const urlsOf = ({ of }: Queues, settings: Settings) => ({
  REDRESS_ASSESS_QUEUE: of.assess.queue.url,
  REDRESS_EXECUTE_QUEUE: of.execute.queue.url,
  REDRESS_RECONCILE_QUEUE: of.reconcile.queue.url,
  REDRESS_NOTIFY_QUEUE: of.notify.queue.url,
  REDRESS_GATEWAYS: platformsOf(settings),
});

/** Which gateway each account is at, as functions are told it. */
export const platformsOf = ({ gateways }: Settings): string =>
  gateways.map(({ name, platform }) => `${name}=${platform}`).join(',');
