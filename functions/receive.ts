import type { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Incoming, type Received, type ReceiveNeeds, receive } from '../lib/app/receive.ts';
import { answering, correlationOf, json, problem, type Reply, rawRequest } from './http.ts';
import { observed } from './observed.ts';

/**
 * Both receiving functions: 202 recorded, 200 seen or quarantined, 429 with Retry-After in a flood, and the fault's own status otherwise. The answer is given after the
 * notice is durable.
 */
export const receiveHandler = (kind: Incoming['kind'], needs: ReceiveNeeds, logger: Logger) =>
  observed<APIGatewayProxyEventV2, Reply>(logger, (event) => {
    const correlation = correlationOf(event);
    return answering(
      async () => {
        const connection = event.pathParameters?.connection ?? '';
        return reply(await receive(needs, { kind, connection, raw: rawRequest(event), correlation }));
      },
      (code) => logger.warn('unavailable', { correlation, code }),
    );
  });

function reply(received: Received): Reply {
  switch (received.is) {
    case 'recorded':
      return json(202, { result: 'recorded', ids: received.ids });
    case 'seen':
      return json(200, { result: 'seen', ids: received.ids });
    case 'quarantined':
      return json(200, { result: 'quarantined' });
    case 'fault':
      return problem(received.fault);
  }
}
