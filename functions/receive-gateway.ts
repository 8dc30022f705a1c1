import type { Logger } from '@aws-lambda-powertools/logger';
import type { ReceiveNeeds } from '../lib/app/receive.ts';
import { receiveHandler } from './receive.ts';

/** `POST /webhooks/gateways/{connection}`: a gateway has news of a capture or a refund. */
export const receiveGateway = (needs: ReceiveNeeds, logger: Logger) => receiveHandler('gateway', needs, logger);
