import { type Environment, withEnvironment } from '../environment.ts';
import { type Replay, recordThenReplay } from '../replay.ts';
import { apiGatewayEvent, lambdaContext, returnWebhook } from '../webhook.ts';

/**
 * Run as a process of its own, with its logs thrown away: CPU microseconds per invocation of both handlers, round by round, side by
 * side. Arguments: rounds, invocations per round.
 */
type Kind = 'first' | 'duplicate';
type Side = 'ours' | 'baseline';
export type CpuSamples = Readonly<Record<`${Side}-${Kind}`, number[]>>;

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

/** Every webhook once and twice, on both sides, against the engines. */
async function record({ secret, ours, baseline }: Environment, replay: Replay): Promise<Events> {
  const events = Array.from({ length: webhooks }, (_, index) => {
    const name = `cpu-${index}`;
    return apiGatewayEvent(returnWebhook({ name, payment: `pi_${name}`, secret }), name);
  });
  for (const [side, handler] of [['ours', ours] as const, ['baseline', baseline] as const])
    for (const kind of ['first', 'duplicate'] as const)
      for (const [index, event] of events.entries()) {
        replay.scene = `${side} ${kind} ${index}`;
        const reply = await handler(event, lambdaContext('bench'));
        if (![200, 202].includes(reply.statusCode ?? 0))
          throw new Error(`${replay.scene} was answered with ${reply.statusCode}`);
      }
  return events;
}

interface Plan {
  readonly events: Events;
  readonly rounds: number;
  readonly invocations: number;
}

async function measure({ ours, baseline }: Environment, replay: Replay, plan: Plan): Promise<CpuSamples> {
  const samples: CpuSamples = {
    'ours-first': [],
    'baseline-first': [],
    'ours-duplicate': [],
    'baseline-duplicate': [],
  };
  // One round more than asked for: the first warms up.
  for (let round = 0; round <= plan.rounds; round += 1)
    for (const kind of ['first', 'duplicate'] as const)
      for (const [side, handler] of [['ours', ours] as const, ['baseline', baseline] as const]) {
        const before = process.cpuUsage();
        for (let index = 0; index < plan.invocations; index += 1) {
          const which = index % webhooks;
          replay.scene = `${side} ${kind} ${which}`;
          await handler(plan.events[which] as Events[number], lambdaContext('bench'));
        }
        const { user, system } = process.cpuUsage(before);
        if (round > 0) samples[`${side}-${kind}`].push((user + system) / plan.invocations);
      }
  return samples;
}

await main();
