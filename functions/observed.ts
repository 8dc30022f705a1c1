import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

/** What cuts across every function: its context on each log line. Measuring and tracing join here. */
export const observed = <Event, Result>(logger: Logger, run: (event: Event, context: Context) => Promise<Result>) =>
  middy<Event, Result>().use(injectLambdaContext(logger)).handler(run);
