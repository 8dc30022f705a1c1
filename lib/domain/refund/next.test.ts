import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { approved, fact, planned, requested } from './given.ts';
import { next } from './next.ts';
import { queueNames } from './work.ts';

const assess = [{ queue: 'assess' }];
const reconcile = [{ queue: 'reconcile' }];
const execute = [{ queue: 'execute', leg: 1 }];
const event = (type: Event['type'], details: object = {}) => ({ type, v: 1, leg: 1, ...details }) as unknown as Event;

/** Every event there is: the type makes a new one impossible to forget here. */
const table: Record<Event['type'], readonly (readonly [Event, readonly object[]])[]> = {
  'notice.recorded': [
    [event('notice.recorded', { kind: 'return' }), assess],
    [event('notice.recorded', { kind: 'gateway' }), reconcile],
    [event('notice.recorded', { kind: 'unknown' }), []],
  ],
  'notice.conflicted': [
    [event('notice.conflicted', { kind: 'return' }), assess],
    [event('notice.conflicted', { kind: 'gateway' }), reconcile],
    [event('notice.conflicted', { kind: 'unknown' }), []],
  ],
  'notice.confirmed': [[event('notice.confirmed'), []]],
  'notice.cancelling': [[event('notice.cancelling'), assess]],
  'notice.settled': [[event('notice.settled'), []]],
  'notice.replayed': [
    [event('notice.replayed', { kind: 'return' }), assess],
    [event('notice.replayed', { kind: 'gateway' }), reconcile],
  ],
  'refund.requested': [[requested(), []]],
  'refund.waiting': [[event('refund.waiting'), []]],
  'refund.held': [[event('refund.held'), []]],
  'refund.resumed': [[event('refund.resumed'), assess]],
  'refund.approved': [
    [approved(), [{ ...execute[0], connection: planned(1).connection }]],
    [
      approved(planned(1), planned(2)),
      [1, 2].map((leg) => ({ queue: 'execute', leg, connection: planned(leg).connection })),
    ],
  ],
  'refund.denied': [[event('refund.denied'), []]],
  'refund.cancelled': [[event('refund.cancelled'), []]],
  'refund.cancel-refused': [[event('refund.cancel-refused'), []]],
  'refund.telling': [[event('refund.telling'), []]],
  'refund.told': [[event('refund.told'), []]],
  'refund.tell-given-up': [[event('refund.tell-given-up'), []]],
  'leg.sending': [[fact('leg.sending'), []]],
  'leg.accepted': [[fact('leg.accepted'), []]],
  'leg.unknown': [[fact('leg.unknown'), execute]],
  'leg.deferred': [[fact('leg.deferred'), []]],
  'leg.absent': [[fact('leg.absent'), execute]],
  'leg.renewed': [[fact('leg.renewed'), execute]],
  'leg.refused': [[fact('leg.refused'), []]],
  'leg.failed': [[fact('leg.failed'), []]],
  'leg.noted': [[fact('leg.noted'), []]],
  'leg.surplus': [[fact('leg.surplus'), []]],
  'leg.surplus-failed': [[fact('leg.surplus-failed'), []]],
  'leg.held': [[fact('leg.held'), []]],
  'leg.restated': [[fact('leg.restated'), []]],
  'leg.released': [[fact('leg.released'), execute]],
  'leg.closed': [[fact('leg.closed'), []]],
  'leg.lost': [[fact('leg.lost'), []]],
  'leg.disputed': [[fact('leg.disputed'), []]],
  'payment.learned': [[event('payment.learned'), []]],
  'payment.captured': [[event('payment.captured'), assess]],
  'payment.refund-adopted': [[event('payment.refund-adopted'), []]],
  'payment.adoption-reversed': [[event('payment.adoption-reversed'), assess]],
  'payment.dispute-opened': [[event('payment.dispute-opened'), []]],
  'payment.dispute-won': [[event('payment.dispute-won'), [...assess, { queue: 'execute' }]]],
  'payment.dispute-lost': [[event('payment.dispute-lost'), [...assess, { queue: 'execute' }]]],
  'payment.fraud-warned': [[event('payment.fraud-warned'), []]],
  'control.sending-stopped': [[event('control.sending-stopped'), []]],
  'control.sending-resumed': [[event('control.sending-resumed'), []]],
  'control.account-stopped': [[event('control.account-stopped'), []]],
  'control.account-resumed': [[event('control.account-resumed'), []]],
  'control.restore-begun': [[event('control.restore-begun'), []]],
  'control.restore-ended': [[event('control.restore-ended'), []]],
};

describe('what follows', () => {
  it.each(Object.entries(table))('from %s is decided', (_, cases) => {
    for (const [given, follows] of cases) expect(next(given)).toEqual(follows);
  });

  it('goes to a queue that exists', () => {
    const queues = Object.values(table).flatMap((cases) =>
      cases.flatMap(([given]) => next(given).map((one) => one.queue)),
    );
    expect(queueNames).toEqual(expect.arrayContaining(queues));
  });
});
