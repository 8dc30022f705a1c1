import type { _Record as StreamedRecord, AttributeValue as StreamedValue } from '@aws-sdk/client-dynamodb-streams';
import type { AttributeValue, DynamoDBRecord, StreamRecord } from 'aws-lambda';

/** A stream's record as Lambda hands it to a handler: JSON, so binary is base64 and the time is in seconds. */
export function streamRecord(record: StreamedRecord, streamArn: string): DynamoDBRecord {
  const { dynamodb } = record;
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: record.eventSource,
    awsRegion: record.awsRegion,
    eventSourceARN: streamArn,
    dynamodb: {
      ...(dynamodb?.ApproximateCreationDateTime === undefined
        ? {}
        : { ApproximateCreationDateTime: Math.floor(dynamodb.ApproximateCreationDateTime.getTime() / 1000) }),
      ...image('Keys', dynamodb?.Keys),
      ...image('NewImage', dynamodb?.NewImage),
      ...image('OldImage', dynamodb?.OldImage),
      SequenceNumber: dynamodb?.SequenceNumber,
      SizeBytes: dynamodb?.SizeBytes,
      StreamViewType: dynamodb?.StreamViewType,
    },
    ...(record.userIdentity === undefined
      ? {}
      : { userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId } }),
  };
}

/** Where a record stands in its shard; also the identifier a handler names when it fails. */
export const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '';

function image(name: 'Keys' | 'NewImage' | 'OldImage', item: Record<string, StreamedValue> | undefined): StreamRecord {
  return item === undefined ? {} : { [name]: mapValues(item) };
}

const mapValues = (item: Record<string, StreamedValue>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([key, value]) => [key, attributeValue(value)]));

/** The SDK's values are those of Lambda, but for binary at any depth. */
function attributeValue(value: StreamedValue): AttributeValue {
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString('base64') };
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => Buffer.from(bytes).toString('base64')) };
  if (value.L !== undefined) return { L: value.L.map(attributeValue) };
  if (value.M !== undefined) return { M: mapValues(value.M) };
  return value as AttributeValue;
}
