import type { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import type { Reply } from '../http.ts';
import { observed } from '../observed.ts';
import { type OperatorNeeds, operatorApi } from './app.ts';

/** `/v1/…` for people and their tools. */
export function operatorHandler(needs: OperatorNeeds, logger: Logger) {
  const run = handle(operatorApi(needs));
  return observed<APIGatewayProxyEventV2, Reply>(
    logger,
    async (event, context: Context) => (await run(event as LambdaEvent, context)) as Reply,
  );
}
