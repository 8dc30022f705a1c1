import type { RefundId } from '../domain/ids.ts';
import { encode } from '../domain/json.ts';
import type { Snapshot } from '../domain/notice.ts';
import { assess, type Inputs, type Policy } from '../domain/policy.ts';
import type { RefundEvent, WaitReason } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { type Instant, plus } from '../domain/time.ts';
import type { Sources } from './ports/source.ts';
import type { Author } from './refunds.ts';
import type { Resolved, ResolveNeeds } from './resolve.ts';
import type { Velocity } from './velocity.ts';

export interface AssessNeeds extends ResolveNeeds {
  readonly sources: Sources;
  readonly policy: Policy;
  readonly velocity: Velocity;
}

/** What a decision is made from. */
export interface Known {
  readonly refund: RefundId;
  readonly amountMinor: bigint;
  readonly snapshot: Snapshot;
  readonly concerns: readonly HoldReason[];
  readonly cleared: readonly HoldReason[];
  readonly resolved: Resolved;
  readonly late: boolean;
}

const inputsOf = (needs: AssessNeeds, known: Known): Inputs => ({
  amountMinor: known.amountMinor,
  currency: known.snapshot.currency,
  concerns: known.resolved.voided ? [...known.concerns, 'payment-voided'] : known.concerns,
  cleared: known.cleared,
  payments: known.resolved.payments,
  // What a restored journal forgot may be this very refund, taken in as somebody else's: if that fails later, a person must know of this one.
  complete: !known.resolved.byOrder && needs.restored === 0 && known.resolved.unfinished !== true,
  missing: known.resolved.missing satisfies WaitReason | undefined,
  waitedTooLong: known.late || known.resolved.hopeless,
  policy: needs.policy,
});

/** The decision as an event, with the digest of all it was made from. */
export function decisionEvent(needs: AssessNeeds, known: Known, until: Instant, at: Instant): RefundEvent {
  const inputs = inputsOf(needs, known);
  const { seen } = known.resolved;
  const decided = assess(inputs);
  switch (decided.is) {
    case 'waiting':
      return { type: 'refund.waiting', v: 1, reason: decided.reason, until };
    case 'held':
      return {
        type: 'refund.held',
        v: 1,
        reasons: decided.reasons,
        legs: decided.legs,
        until: plus(at, needs.tempo.holdLimitMs),
        seen,
      };
    case 'denied':
      return { type: 'refund.denied', v: 1, reasons: decided.reasons };
    case 'approved':
      return {
        type: 'refund.approved',
        v: 1,
        legs: decided.legs,
        policy: inputs.policy.version,
        inputs: needs.hash(encode(inputs)),
        seen,
      };
  }
}

/** A person is needed: they hear of it now. */
export function alarmIfHeld(needs: AssessNeeds, id: RefundId, { correlation }: Author, decided: RefundEvent): void {
  if (decided.type !== 'refund.held') return;
  needs.log.alarm('refund-held', { stream: id, correlation, code: decided.reasons[0] ?? '' });
}
