import { randomUUID } from 'node:crypto';
import type { ScheduledEvent } from 'aws-lambda';
import { failureOf, type Invoke } from './lambda.ts';
import { pause, type Report, type Running, running } from './running.ts';

export interface ClockWork {
  readonly name: string;
  readonly everyMs: number;
  readonly invoke: Invoke<ScheduledEvent, unknown>;
  readonly now: () => number;
  readonly report: Report;
}

/**
 * Plays EventBridge: the first run is at once, the next `everyMs` after the start of the last. A run that takes longer delays
 * the next one, which never overlaps with it; missed runs are not made up for, since each run asks for whatever is due.
 */
export function startClockWork(work: ClockWork): Running {
  return running(async (stopping) => {
    while (!stopping.aborted) {
      const startedAt = performance.now();
      await runOnce(work);
      await pause(Math.max(0, work.everyMs - (performance.now() - startedAt)), stopping);
    }
  });
}

async function runOnce(work: ClockWork): Promise<void> {
  const invocation = await work.invoke(scheduledEvent(work.name, work.now()));
  const failure = failureOf(invocation);
  if (failure !== undefined) work.report(`${work.name} ${failure}; the next run comes anyway`);
}

function scheduledEvent(name: string, now: number): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    // EventBridge writes whole seconds.
    time: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: 'us-east-1',
    resources: [`arn:aws:events:us-east-1:000000000000:rule/${name}`],
    detail: {},
  };
}
