import { type Environment, withEnvironment } from '../environment.ts';
import { type Replay, recordThenReplay } from '../replay.ts';
import { apiGatewayEvent, lambdaContext, returnWebhook } from '../webhook.ts';

/**
 * Run as a process of its own, with its logs thrown away: CPU microseconds per invocation of both handlers, round by round, side by
 * side. Arguments: rounds, invocations per round.
 */
type Kind = 'first' | 'duplicate' | 'elsewhere';
type Side = 'ours' | 'baseline';
export type CpuSamples = Readonly<Record<`${Side}-${Kind}`, number[]>>;

/** What is measured, in the order in which the engines see it for the first time. */
const kinds = ['first', 'elsewhere', 'duplicate'] as const;

const webhooks = 64;

async function main(): Promise<void> {
  const [rounds = 0, invocations = 0] = process.argv.slice(2).map(Number);
  const samples = await withEnvironment('INFO', async (environment) => {
    const { aws } = environment;
    const replay = recordThenReplay([aws.dynamo, aws.sqs, aws.kms]);
    const events = await record(environment, replay);
    replay.replay();
    return measure(environment, replay, { events, rounds, invocations });
  });
  process.send?.(samples);
}

type Events = readonly ReturnType<typeof apiGatewayEvent>[];

type Handlers = Readonly<Record<Side, Readonly<Record<Kind, Environment['ours'] | Environment['baseline']>>>>;

/** The first delivery, and one to an environment that does not know of it, are the same to the other side. */
const handlersOf = ({ ours, oursElsewhere, baseline }: Environment): Handlers => ({
  ours: { first: oursElsewhere, elsewhere: oursElsewhere, duplicate: ours },
  baseline: { first: baseline, elsewhere: baseline, duplicate: baseline },
});

/** Every webhook in every way, on both sides, against the engines. */
async function record(environment: Environment, replay: Replay): Promise<Events> {
  const { secret } = environment;
  const handlers = handlersOf(environment);
  const events = Array.from({ length: webhooks }, (_, index) => {
    const name = `cpu-${index}`;
    return apiGatewayEvent(returnWebhook({ name, payment: `pi_${name}`, secret }), name);
  });
  for (const side of ['ours', 'baseline'] as const)
    for (const kind of kinds)
      for (const [index, event] of events.entries()) {
        // The second time it knows: the first one tells it.
        for (const scene of kind === 'duplicate' ? ['telling', kind] : [kind]) {
          replay.scene = `${side} ${scene} ${index}`;
          await accepted(handlers[side][kind], event, replay.scene);
        }
      }
  return events;
}

async function accepted(handler: Environment['ours'] | Environment['baseline'], event: Events[number], what: string) {
  const reply = await handler(event, lambdaContext('bench'));
  if (![200, 202].includes(reply.statusCode ?? 0)) throw new Error(`${what} was answered with ${reply.statusCode}`);
}

interface Plan {
  readonly events: Events;
  readonly rounds: number;
  readonly invocations: number;
}

async function measure(environment: Environment, replay: Replay, plan: Plan): Promise<CpuSamples> {
  const handlers = handlersOf(environment);
  const samples: CpuSamples = {
    'ours-first': [],
    'baseline-first': [],
    'ours-duplicate': [],
    'baseline-duplicate': [],
    'ours-elsewhere': [],
    'baseline-elsewhere': [],
  };
  // One round more than asked for: the first warms up.
  for (let round = 0; round <= plan.rounds; round += 1)
    for (const kind of kinds)
      for (const side of ['ours', 'baseline'] as const) {
        const before = process.cpuUsage();
        for (let index = 0; index < plan.invocations; index += 1) {
          const which = index % webhooks;
          replay.scene = `${side} ${kind} ${which}`;
          await accepted(handlers[side][kind], plan.events[which] as Events[number], replay.scene);
        }
        const { user, system } = process.cpuUsage(before);
        if (round > 0) samples[`${side}-${kind}`].push((user + system) / plan.invocations);
      }
  return samples;
}

await main();
