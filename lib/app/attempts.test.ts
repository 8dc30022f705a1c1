import { expect, it } from 'vitest';
import type { Entry } from '../domain/chain.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { fact } from '../domain/refund/given.ts';
import { attemptsOf } from './attempts.ts';

const heard = (...events: RefundEvent[]) =>
  attemptsOf(
    events.map((event, at) => ({ at, events: [event] }) as unknown as Entry<RefundEvent>),
    1,
  ).map(({ outcomes }) => outcomes.map(({ is, gatewayRefund, why }) => [is, gatewayRefund, why]));

it('F103 show that a second refund failed, and which one', () => {
  const first = fact('leg.accepted', { state: 'succeeded' });
  expect(heard(fact('leg.sending'), first, fact('leg.surplus'), fact('leg.surplus-failed'))).toEqual([
    [
      ['accepted', 're_1', 'succeeded'],
      ['surplus', 're_2', null],
      ['failed', 're_2', 'surplus'],
    ],
  ]);
});

it('F59 show beside the request under way that the one before it failed, as what it is', () => {
  const renewed = [fact('leg.unknown'), fact('leg.renewed'), fact('leg.sending', { sending: 2, epoch: 2, key: 'k2' })];
  expect(heard(fact('leg.sending'), ...renewed, fact('leg.noted'), fact('leg.accepted', { theirs: 're_2' }))).toEqual([
    [['unknown', null, 'timeout']],
    [
      ['failed', 're_1', 'earlier-try'],
      ['accepted', 're_2', 'pending'],
    ],
  ]);
});
