import type { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import type { Reply } from '../http.ts';
import { observed } from '../observed.ts';
import { type OperatorNeeds, operatorApi } from './app.ts';

/** `/v1/…` for people and their tools. */
export function operatorHandler(needs: OperatorNeeds, logger: Logger) {
  // Hono types the events of four services in one; under exact optional properties they are not those of `aws-lambda`.
  const run: (event: never, context: Context) => Promise<unknown> = handle(
    operatorApi(needs, (code) => logger.warn('unavailable', { code })),
  );
  return observed<APIGatewayProxyEventV2, Reply>(
    logger,
    async (event, context) => (await run(event as never, context)) as Reply,
  );
}
