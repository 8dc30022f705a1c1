import type { Entry } from '../domain/chain.ts';
import type { RefundEvent } from '../domain/refund/event.ts';

/** One request to the gateway, under a right that was recorded first, and what has been heard of it until the next one. */
export interface Attempt {
  /** Counted over all epochs, from 1. */
  readonly sending: number;
  readonly epoch: number;
  readonly key: string;
  readonly endpoint: string;
  /** When the right to send was recorded. Milliseconds since the epoch, as all times here. */
  readonly at: number;
  /** In the order in which they became known; empty while nobody knows. The last one counts; of several refunds of the gateway's, the last of each. */
  readonly outcomes: readonly AttemptOutcome[];
}

/** `absent`: asked, the gateway had nothing, which proves nothing about later. */
export interface AttemptOutcome {
  readonly at: number;
  readonly is: 'accepted' | 'unknown' | 'deferred' | 'refused' | 'failed' | 'absent' | 'surplus' | 'lost';
  /** The gateway's own id for the refund. */
  readonly gatewayRefund: string | null;
  /** `answer`, `lookup` or `webhook`, where the gateway said it. */
  readonly source: string | null;
  /** State or reason, as a short code. */
  readonly why: string | null;
}

/** What was asked for one leg, and what came of it, from its refund's history alone. Pure. */
export function attemptsOf(entries: readonly Entry<RefundEvent>[], leg: number): readonly Attempt[] {
  const attempts: (Attempt & { outcomes: AttemptOutcome[] })[] = [];
  for (const { at, events } of entries) {
    for (const event of events) {
      if (!('leg' in event) || event.leg !== leg) continue;
      if (event.type === 'leg.sending') {
        const { sending, epoch, key, endpoint } = event;
        attempts.push({ sending, epoch, key, endpoint, at, outcomes: [] });
        continue;
      }
      const outcome = outcomeOf(event);
      if (outcome !== undefined) attempts.at(-1)?.outcomes.push({ at, ...outcome });
    }
  }
  return attempts;
}

function outcomeOf(event: RefundEvent): Omit<AttemptOutcome, 'at'> | undefined {
  const said = (is: AttemptOutcome['is'], why: string | null) => ({ is, gatewayRefund: null, source: null, why });
  switch (event.type) {
    case 'leg.accepted':
      return { is: 'accepted', gatewayRefund: event.theirs, source: event.source, why: event.reason ?? event.state };
    case 'leg.failed':
      return { is: 'failed', gatewayRefund: event.theirs, source: event.source, why: event.reason };
    case 'leg.surplus':
      return { ...said('surplus', null), gatewayRefund: event.theirs };
    case 'leg.surplus-failed':
      return { ...said('failed', 'surplus'), gatewayRefund: event.theirs };
    case 'leg.noted':
      return { ...said('failed', 'earlier-try'), gatewayRefund: event.theirs, source: event.source };
    case 'leg.lost':
      return { ...said('lost', null), gatewayRefund: event.theirs };
    case 'leg.unknown':
      return said('unknown', event.refusal ?? event.why);
    case 'leg.deferred':
    case 'leg.refused':
      return said(event.type === 'leg.refused' ? 'refused' : 'deferred', event.code);
    case 'leg.absent':
      return said('absent', null);
    default:
      return undefined;
  }
}
