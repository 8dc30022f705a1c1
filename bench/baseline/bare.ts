import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isSigned } from './signature.ts';
import { baselineTables } from './tables.ts';

/** The least that can be called a durable acknowledgement: the HMAC is right, and the body is put under its id, once. */
export const bareHandler =
  (needs: { readonly dynamo: DynamoDBClient; readonly secret: string }) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    if (!isSigned(event.headers, body, needs.secret)) return { statusCode: 401 };
    const id = event.headers['webhook-id'] ?? '';
    try {
      await needs.dynamo.send(
        new PutItemCommand({
          TableName: baselineTables.puts,
          Item: { id: { S: id }, body: { S: body.toString('utf8') } },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      );
      return { statusCode: 202, body: '{}' };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { statusCode: 200, body: '{}' };
      throw error;
    }
  };
