import type { Logger } from '@aws-lambda-powertools/logger';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Table } from '../lib/app/ports/table.ts';
import { type JournalChange, type RelayNeeds, relay } from '../lib/app/relay.ts';
import { executeAtIn } from '../lib/app/urgency.ts';
import { observed } from './observed.ts';

/** The journal's stream in, hints out. A failure gives the whole batch back: hints may repeat. */
export const relayHandler = (
  { queues, log, table }: Pick<RelayNeeds, 'queues' | 'log'> & { readonly table: Pick<Table, 'get'> },
  logger: Logger,
) =>
  observed<DynamoDBStreamEvent, DynamoDBBatchResponse>(logger, async (event) => {
    await relay({ queues, log, executeAt: executeAtIn(table) }, event.Records.map(changeOf));
    return { batchItemFailures: [] };
  });

function changeOf(record: DynamoDBRecord): JournalChange {
  const stream = record.dynamodb?.Keys?.pk?.S ?? '';
  const image = record.dynamodb?.NewImage;
  const body = image?.body?.S;
  if (record.eventName !== 'INSERT' || body === undefined) return { is: 'tampered', stream };
  return { is: 'inserted', stored: { number: Number(image?.sk?.N), body, digest: image?.digest?.S ?? '' } };
}
