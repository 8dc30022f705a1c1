import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** As the SDK writes it into every transaction; inside of texts the quotes are escaped, so that nothing else looks like this. */
const token = /,"ClientRequestToken":"[^"\\]*"|"ClientRequestToken":"[^"\\]*",/;

/**
 * Takes the SDK's token out of transactions. The engine remembers each one for ten minutes and looks through all of them at each
 * transaction: after a few thousand that is most of its work. DynamoDB would answer an SDK's retry with the first answer by it; here
 * a retry is answered with the condition that no longer holds, which the journal tells from a rival by its own writer token (F71).
 */
export function withoutRequestTokens(client: DynamoDBClient): DynamoDBClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body?: unknown } | undefined;
      const text = request === undefined ? undefined : textOf(request.body);
      if (request !== undefined && text !== undefined) request.body = text.replace(token, '');
      return next(args);
    },
    // After the request was written, before its length is.
    { step: 'serialize', priority: 'low', name: 'withoutRequestTokens' },
  );
  return client;
}

function textOf(body: unknown): string | undefined {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return typeof body === 'string' ? body : undefined;
}
