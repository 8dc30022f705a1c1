import { earlier, type Instant } from '../time.ts';
import type { LegEvent } from './event.ts';
import { chargebacksIn, shownBy } from './known.ts';
import type { ActiveState, Leg, LegState } from './leg.ts';

/** A leg that waits for a person from `at` on. */
export function heldLeg(before: Leg, event: Extract<LegEvent, { type: 'leg.held' }>, at: Instant): Leg {
  const { reasons, until } = event;
  const leg = reasons.includes('clock-wrong') ? notAfter(before, at) : before;
  const now: LegState = { is: 'held', reasons, since: at, until, from: active(leg.now), ...chargebacksIn(leg, event) };
  return { ...leg, ...shownBy(before, event, at), now };
}

/** A hold never holds a hold: the first `from` stays. */
export function active(state: LegState): ActiveState {
  if (state.is === 'closed') throw new Error('a closed leg is not held');
  return state.is === 'held' ? state.from : state;
}

/**
 * What a clock wrote that was far ahead was written before this in truth (F26), so that nothing waits for the instant it names. Nobody can tell
 * when the window of its key began: no request is repeated under it.
 */
function notAfter(leg: Leg, at: Instant): Leg {
  const { firstSentAt, lastSentAt, doubtSince, now } = leg;
  if (now.is === 'held' || now.is === 'closed') return leg;
  const doubt = doubtSince ?? (now.is === 'sending' ? at : undefined);
  return {
    ...leg,
    ...(firstSentAt !== undefined && { firstSentAt: earlier(firstSentAt, at), spoiled: true }),
    ...(lastSentAt !== undefined && { lastSentAt: earlier(lastSentAt, at) }),
    doubtSince: doubt && earlier(doubt, at),
    now: begunBy(now, at),
  };
}

/** A right to send that was taken so long ago is nobody's any more. */
function begunBy(state: ActiveState, at: Instant): ActiveState {
  switch (state.is) {
    case 'ready':
      return { ...state, notBefore: earlier(state.notBefore, at) };
    case 'sending':
      return { is: 'unknown', since: at, why: 'no-outcome', absentAt: [] };
    case 'unknown':
      return { ...state, since: earlier(state.since, at), absentAt: [] };
    default:
      return state;
  }
}
