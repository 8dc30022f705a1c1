import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { lifeTables } from './tables.ts';

/** A status that follows from the one before it. The index by status is sorted by `createdAt`. */
export const moveRefund = (id: string, from: string, to: string, amount: number): TransactWriteItem => ({
  Update: {
    TableName: lifeTables.refunds,
    Key: { id: { S: id } },
    UpdateExpression: 'SET #status = :to, updatedAt = :at, amount = :amount',
    ConditionExpression: '#status = :from',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':from': { S: from },
      ':to': { S: to },
      ':at': { N: String(Date.now()) },
      ':amount': { N: String(amount) },
    },
  },
});

/** Only where the payment still has as much. */
export const takeFromPayment = (id: string, amount: number): TransactWriteItem => ({
  Update: {
    TableName: lifeTables.payments,
    Key: { id: { S: id } },
    UpdateExpression: 'SET available = available - :amount',
    ConditionExpression: 'available >= :amount',
    ExpressionAttributeValues: { ':amount': { N: String(amount) } },
  },
});

/** One event of the audit log, written once. */
export const audit = (
  of: string,
  event: string,
  detail: Readonly<Record<string, string | number>>,
): TransactWriteItem => ({
  Put: {
    TableName: lifeTables.audit,
    Item: {
      id: { S: `${of}#${event}` },
      event: { S: event },
      at: { N: String(Date.now()) },
      detail: { S: JSON.stringify(detail) },
    },
    ConditionExpression: 'attribute_not_exists(id)',
  },
});
