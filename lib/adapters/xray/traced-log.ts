import type { About, AttemptLine, EndedLine, Log } from '../../app/ports/log.ts';
import type { Clock, Ids } from '../../app/ports/world.ts';
import type { Tell } from './daemon.ts';

export interface Tracing {
  readonly tell: Tell;
  /** What Lambda says of the invocation that runs: `Root=1-…;Parent=…;Sampled=1`. It changes with each. */
  readonly trace: () => string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a trace is searched by. No merchant's text, no reference of a payment, nobody's name. */
interface Annotations {
  readonly refund?: string | undefined;
  readonly leg?: number | undefined;
  readonly gateway?: string | undefined;
  readonly attempt?: string | undefined;
  readonly connection?: string | undefined;
  readonly correlation?: string | undefined;
  readonly outcome?: string | undefined;
}

/**
 * The port `Log` that puts what it is told into the trace, and hands it on: each call to a gateway as a subsegment with its time, and each
 * other line that has a correlation id as one without. `platforms` says at which gateway each account is.
 * Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
export function tracedLog(log: Log, tracing: Tracing, platforms: ReadonlyMap<string, string>): Log {
  const marked = (name: string, about: About) => {
    if (about.correlation !== undefined) subsegment(tracing, name, ofAbout(about, platforms));
  };
  return {
    attempt: (line) => {
      log.attempt(line);
      subsegment(tracing, `${line.connection} ${line.call}`, ofAttempt(line, platforms), line);
    },
    alarm: (code, about) => {
      log.alarm(code, about);
      marked(code, about);
    },
    note: (code, about) => {
      log.note(code, about);
      marked(code, about);
    },
    ended: (line) => {
      log.ended(line);
      subsegment(tracing, 'refund.ended', ofEnd(line));
    },
  };
}

const ofAttempt = (
  { refund, leg, epoch, sending, connection, correlation, outcome }: AttemptLine,
  platforms: ReadonlyMap<string, string>,
): Annotations => ({
  refund,
  leg,
  connection,
  correlation,
  outcome,
  gateway: platforms.get(connection),
  attempt: sending === undefined ? undefined : `${epoch ?? 1}.${sending}`,
});

/** A line names a refund by its stream or, as alarms do, by its id. That is ours; other streams may hold ids of others. */
const refundOf = (stream: string): string | undefined => /^(?:[^#]+#refund#)?(rf_[0-9a-f]+)$/.exec(stream)?.[1];

const ofAbout = (
  { stream = '', leg, connection, correlation }: About,
  platforms: ReadonlyMap<string, string>,
): Annotations => {
  return {
    refund: refundOf(stream),
    leg,
    connection,
    correlation,
    gateway: connection === undefined ? undefined : platforms.get(connection),
  };
};

const ofEnd = ({ refund, correlation, connection, status }: EndedLine): Annotations => ({
  refund,
  correlation,
  connection,
  outcome: status,
});

/** A subsegment of the segment that Lambda itself makes of the invocation: that one nobody else can annotate. */
function subsegment(
  { tell, trace, clock, ids }: Tracing,
  name: string,
  annotations: Annotations,
  call?: Pick<AttemptLine, 'startedAt' | 'tookMs' | 'outcome'>,
): void {
  const said = trace() ?? '';
  const [, root] = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(said) ?? [];
  const [, parent] = /Parent=([0-9a-f]{16})/.exec(said) ?? [];
  if (root === undefined || parent === undefined || !/Sampled=1/.test(said)) return;
  const start = call?.startedAt ?? clock.now();
  const doubtful = call?.outcome === 'unknown' || call?.outcome === 'cannot-tell';
  tell({
    type: 'subsegment',
    // What else the format allows in a name does not occur in ours.
    name: name.replace(/[^A-Za-z0-9 _.:/-]/g, '_').slice(0, 200),
    id: ids.random().slice(0, 16),
    trace_id: root,
    parent_id: parent,
    start_time: start / 1000,
    end_time: (start + (call?.tookMs ?? 0)) / 1000,
    ...(call && { namespace: 'remote', fault: doubtful }),
    annotations: Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== undefined)),
  });
}
