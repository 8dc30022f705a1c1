import type { Event } from '../events.ts';
import type { ConnectionName } from '../ids.ts';
import type { QueueName } from './work.ts';

/** What follows from an event: which kind of work, for which leg. */
export interface Follow {
  readonly queue: QueueName;
  readonly leg?: number;
  /** The gateway account it is about, where the event says so. */
  readonly connection?: ConnectionName;
}

const none: readonly Follow[] = [];
const execute = (leg: number): readonly Follow[] => [{ queue: 'execute', leg }];

/**
 * The map of the system: what follows from each event, in words of queues. Pure and exhaustive: nobody can add an event without
 * deciding here what follows. Where nothing follows, the line says who looks next.
 */
export function next(event: Event): readonly Follow[] {
  switch (event.type) {
    case 'notice.recorded':
    case 'notice.conflicted':
    case 'notice.replayed':
      return event.kind === 'return'
        ? [{ queue: 'assess' }]
        : event.kind === 'gateway'
          ? [{ queue: 'reconcile' }]
          : none;
    case 'notice.confirmed':
      return none; // who asked the shop goes on at once; the sweep, if they died
    case 'notice.cancelling':
      return [{ queue: 'assess' }];
    case 'notice.settled':
      return none; // done
    case 'refund.requested':
      return none; // what was decided stands in the same entry
    case 'refund.waiting':
      return none; // the payment's capture, or the sweep
    case 'refund.held':
      return none; // a person; the sweep alarms when it takes too long
    case 'refund.resumed':
      return [{ queue: 'assess' }];
    case 'refund.approved':
      return event.legs.map(({ leg, connection }) => ({ queue: 'execute', leg, connection }));
    case 'refund.denied':
    case 'refund.cancelled':
    case 'refund.cancel-refused':
      return none; // final, or not changed
    case 'refund.telling':
      return none; // who took the right tells the shop; the sweep, if they died
    case 'refund.told':
    case 'refund.tell-given-up':
      return none; // done, or a person
    case 'leg.sending':
      return none; // the sender itself; the sweep when its lease ends
    case 'leg.accepted':
      return none; // the gateway's webhook, or the sweep polls; where the shop is to be told, the sweep asks for that too
    case 'leg.unknown':
      return execute(event.leg);
    case 'leg.restated':
      return none; // whoever would send next holds it instead
    case 'leg.deferred':
      return none; // the sender hints with a delay; the sweep
    case 'leg.absent':
    case 'leg.renewed':
    case 'leg.released':
      return execute(event.leg);
    case 'leg.refused':
    case 'leg.failed':
    case 'leg.noted':
    case 'leg.surplus':
    case 'leg.surplus-failed':
    case 'leg.held':
    case 'leg.closed':
    case 'leg.lost':
      return none; // final, or a person; where money may have moved, the sweep asks on
    case 'leg.disputed':
      return none; // a mark for people
    case 'payment.learned':
      return none; // its captures stand in the same entry
    case 'payment.captured':
    case 'payment.adoption-reversed':
      return [{ queue: 'assess' }]; // refunds that waited for this payment
    case 'payment.dispute-won':
    case 'payment.dispute-lost':
      return [{ queue: 'assess' }, { queue: 'execute' }]; // refunds and legs that waited for its end
    case 'payment.dispute-opened':
    case 'payment.fraud-warned':
      return none; // legs not sent yet meet the balance
    case 'payment.refund-adopted':
      return none; // counted; legs not sent yet meet the balance
    case 'control.sending-stopped':
    case 'control.sending-resumed':
    case 'control.account-stopped':
    case 'control.account-resumed':
    case 'control.restore-begun':
    case 'control.restore-ended':
      return none; // read at every sending
    default:
      return event satisfies never;
  }
}
