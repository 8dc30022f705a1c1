import type { Logger } from '@aws-lambda-powertools/logger';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Log } from '../lib/app/ports/log.ts';
import type { Queues } from '../lib/app/ports/queues.ts';
import { type JournalChange, relay } from '../lib/app/relay.ts';
import { observed } from './observed.ts';

/** The journal's stream in, hints out. A failure gives the whole batch back: hints may repeat. */
export const relayHandler = (needs: { readonly queues: Queues; readonly log: Log }, logger: Logger) =>
  observed<DynamoDBStreamEvent, DynamoDBBatchResponse>(logger, async (event) => {
    await relay(needs, event.Records.map(changeOf));
    return { batchItemFailures: [] };
  });

function changeOf(record: DynamoDBRecord): JournalChange {
  const stream = record.dynamodb?.Keys?.pk?.S ?? '';
  const image = record.dynamodb?.NewImage;
  const body = image?.body?.S;
  if (record.eventName !== 'INSERT' || body === undefined) return { is: 'tampered', stream };
  return { is: 'inserted', stored: { number: Number(image?.sk?.N), body, digest: image?.digest?.S ?? '' } };
}
