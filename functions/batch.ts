import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Log } from '../lib/app/ports/log.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { Work } from '../lib/domain/refund/work.ts';
import { observed } from './observed.ts';
import { unanswered } from './unanswered.ts';

/** What a worker function needs besides its use case. */
export interface Worker {
  /** Undefined for a message that is none of ours: it goes to the dead letters. */
  readonly read: (body: string) => Work | undefined;
  readonly run: (work: Work, context: Context) => Promise<'done' | 'busy'>;
  /** Puts what can't be worked on in front of a person, at the last try. */
  readonly setAside: (work: Work) => Promise<void>;
  /** Moves the due time of what a newer version wrote. */
  readonly waitForUpgrade: (work: Work) => Promise<void>;
  readonly log: Log;
  /** How often the queue hands a message over before it is a dead letter. */
  readonly maxReceives: number;
}

/**
 * Each message by itself, all of a batch at once: what failed comes again, what succeeded does not (F73). `busy` is a failure too. A message that keeps throwing
 * is set aside at its last try, so that the queue flows and a person sees it (F72).
 */
export const batchHandler = (worker: Worker, logger: Logger) =>
  observed<SQSEvent, SQSBatchResponse>(logger, (event, context) =>
    processPartialResponse(
      event,
      (record: SQSRecord) => one(worker, record, context),
      new BatchProcessor(EventType.SQS),
      {
        context,
        throwOnFullBatchFailure: false,
      },
    ),
  );

async function one(worker: Worker, record: SQSRecord, context: Context): Promise<void> {
  const work = worker.read(record.body);
  if (work === undefined) {
    worker.log.alarm('poison-message', { code: 'unreadable' });
    throw new Error('not a work message');
  }
  const about = { correlation: work.correlation, stream: work.stream };
  const result = await tried(worker, record, work, context);
  if (result !== 'done') {
    worker.log.note('work-busy', result === 'busy' ? about : { ...about, code: result.unanswered });
    throw new Error('busy');
  }
  worker.log.note('work-done', about);
}

const isLast = (worker: Worker, record: SQSRecord): boolean =>
  Number(record.attributes.ApproximateReceiveCount) >= worker.maxReceives;

async function tried(
  worker: Worker,
  record: SQSRecord,
  work: Work,
  context: Context,
): Promise<'done' | 'busy' | { readonly unanswered: string }> {
  try {
    return await worker.run(work, context);
  } catch (error) {
    if (error instanceof Unavailable) {
      const code = unanswered(error);
      if (isLast(worker, record))
        worker.log.alarm('work-stuck', { correlation: work.correlation, stream: work.stream, code });
      return { unanswered: code };
    }
    const code = error instanceof Error ? error.name : 'unknown';
    worker.log.alarm(code === 'NewerVersion' ? 'newer-version' : 'poison-message', {
      correlation: work.correlation,
      stream: work.stream,
      code,
    });
    if (code === 'NewerVersion') {
      await worker.waitForUpgrade(work);
      return 'done';
    }
    if (isLast(worker, record)) await worker.setAside(work);
    throw error;
  }
}
