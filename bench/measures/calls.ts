import { watchClients } from '../counted.ts';
import { withEnvironment } from '../environment.ts';
import type { Measure } from '../measure.ts';
import { type Row, row } from '../row.ts';
import { apiGatewayEvent, lambdaContext, returnWebhook } from '../webhook.ts';

/** Commands that leave the process for one webhook on a warm function, counted at the SDK's clients. */
export const calls: Measure = ({ progress }) =>
  withEnvironment('SILENT', async ({ aws, secret, ours, baseline }) => {
    const sent: string[] = [];
    watchClients([aws.dynamo, aws.sqs, aws.kms], { after: ({ command }) => sent.push(command) });
    const deliver = async (handler: typeof ours, name: string, status: number): Promise<readonly string[]> => {
      sent.length = 0;
      const webhook = returnWebhook({ name, payment: `pi_${name}`, secret });
      const reply = await handler(apiGatewayEvent(webhook, name), lambdaContext('bench'));
      if (reply.statusCode !== status) throw new Error(`${name} was answered with ${reply.statusCode}`);
      return [...sent];
    };
    const twice = async (handler: typeof ours, name: string, repeated: number) => {
      await deliver(handler, `warm-${name}`, 202);
      const first = await deliver(handler, name, 202);
      const duplicate = await deliver(handler, name, repeated);
      progress(`calls: ${name} ${first.join(', ')}; a duplicate ${duplicate.join(', ')}`);
      return { first: first.length, duplicate: duplicate.length };
    };
    const mine = await twice(ours, 'ours', 200);
    const theirs = await twice(baseline, 'baseline', 202);
    return rows(mine, theirs);
  });

interface Counted {
  readonly first: number;
  readonly duplicate: number;
}

function rows(mine: Counted, theirs: Counted): Row[] {
  const common = { unit: 'AWS calls', n: 1 };
  const against = (name: 'first' | 'duplicate') => ({ name: `calls.baseline-${name}`, value: theirs[name] });
  return [
    row({ ...common, name: 'calls.first', value: mine.first, against: against('first'), goal: '<= 0.25' }),
    row({ ...common, name: 'calls.duplicate', value: mine.duplicate, against: against('duplicate'), goal: '<= 1' }),
    row({ ...common, name: 'calls.baseline-first', value: theirs.first }),
    row({ ...common, name: 'calls.baseline-duplicate', value: theirs.duplicate }),
  ];
}
