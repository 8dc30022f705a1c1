import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../../app/ports/log.ts';
import { iso } from '../../domain/time.ts';

/** The port `Log` by Powertools: structured lines with the function's context. What is logged was decided by the port's types. */
export const powertoolsLog = (logger: Logger): Log => ({
  attempt: ({ startedAt, ...line }) => logger.info('gateway.attempt', { ...line, startedAt: iso(startedAt) }),
  alarm: (code, about) => logger.error('alarm', { alarm: code, ...about }),
  note: (code, about) => logger.info(code, { ...about }),
  ended: (line) => logger.info('refund.ended', { ...line }),
});
