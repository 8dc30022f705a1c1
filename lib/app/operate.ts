import { type Fault, fault } from '../domain/fault.ts';
import type { CorrelationId, MerchantId, RefundId } from '../domain/ids.ts';
import { approve, type Decision, deny } from '../domain/refund/decide.ts';
import type { Refund } from '../domain/refund/state.ts';
import { controlStream } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { blindOrder } from './blind.ts';
import { append, load } from './journal.ts';
import type { PaymentNeeds } from './payments.ts';
import { changeRefund, loadRefund } from './refunds.ts';
import { insist } from './retry.ts';

/** What people decide. Who it was is the actor of the entry; there is no other way to change a refund. */
export type OperateNeeds = Omit<PaymentNeeds, 'vault'>;

export interface Person {
  /** From the token's subject, never from the request. */
  readonly id: string;
  readonly merchant: MerchantId;
  readonly correlation: CorrelationId;
}

export type Operated = { readonly is: 'done' } | { readonly is: 'fault'; readonly fault: Fault };

const done: Operated = { is: 'done' };
const refuse = (...of: Parameters<typeof fault>): Operated => ({ is: 'fault', fault: fault(...of) });

const author = (person: Person) => ({
  actor: `person:${person.id}`,
  cause: 'operator',
  correlation: person.correlation,
});

/** Approves a held refund: its amounts are reserved in the same transaction, or it is refused and stays held. */
export async function approveRefund(needs: OperateNeeds, person: Person, id: RefundId): Promise<Operated> {
  return decideAs(needs, person, id, (refund, now) => approve(refund, { now, tempo: needs.tempo }));
}

export async function denyRefund(needs: OperateNeeds, person: Person, id: RefundId): Promise<Operated> {
  return decideAs(needs, person, id, (refund) => deny(refund));
}

async function decideAs(
  needs: OperateNeeds,
  person: Person,
  id: RefundId,
  decide: (refund: Refund, now: Instant) => Decision,
): Promise<Operated> {
  const loaded = await loadRefund(needs, person.merchant, id);
  if (loaded.refund.is === 'none') return refuse('not-found', 'There is no refund with this id.');
  const bind = await bindingOf(needs, person, loaded.refund);
  const changed = await changeRefund(needs, { merchant: person.merchant, id, author: author(person), ...bind }, decide);
  switch (changed.is) {
    case 'changed':
    case 'unchanged':
      return done;
    case 'refused':
      return { is: 'fault', fault: changed.fault };
    case 'blocked':
      return refuse(
        'not-reservable',
        'The payment has less left than this refund needs, or another order took it meanwhile. Deny it, or wait until other refunds of the payment are settled.',
      );
    case 'busy':
      return refuse('busy', 'The refund is being changed by somebody else. Try again.');
  }
}

/** What is approved binds its payments to its order, as the policy's own approval does; not where a person was told that they are another's. */
async function bindingOf(needs: OperateNeeds, { merchant }: Person, refund: Refund): Promise<{ bindTo?: string }> {
  if (refund.is !== 'held' || [...refund.reasons, ...refund.cleared].includes('other-order')) return {};
  return { bindTo: await blindOrder(needs.blind, merchant, refund.order) };
}

/** Stops or resumes every sending of a merchant. Requests already under way are not called back: their outcome is looked up. */
export async function switchSending(
  needs: OperateNeeds,
  person: Person,
  to: 'stopped' | 'running',
  reason: string,
): Promise<Operated> {
  const stream = controlStream(person.merchant);
  const switched = await insist(needs, async () => {
    const { end } = await load(needs, stream);
    const stop = to === 'stopped';
    const appended = await append(needs, {
      stream,
      after: end,
      at: needs.clock.now(),
      ...author(person),
      events: [{ type: stop ? 'control.sending-stopped' : 'control.sending-resumed', v: 1, reason }],
      head: stop ? { set: { stopped: true } } : { set: {}, remove: ['stopped'] },
      also: [],
    });
    return appended.is === 'appended' ? done : undefined;
  });
  return switched ?? refuse('busy', 'Somebody else is switching. Try again.');
}
