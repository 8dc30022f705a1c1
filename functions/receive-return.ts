import type { Logger } from '@aws-lambda-powertools/logger';
import type { ReceiveNeeds } from '../lib/app/receive.ts';
import { receiveHandler } from './receive.ts';

/** `POST /webhooks/returns/{connection}`: a shop says what came back. The story of one webhook begins here. */
export const receiveReturn = (needs: ReceiveNeeds, logger: Logger) => receiveHandler('source', needs, logger);
