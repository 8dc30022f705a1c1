import type { Event } from '../lib/domain/events.ts';
import { hour, minute } from '../lib/domain/time.ts';
import { begun, byPerson, knobs, later, payment, type Step, stream, wrote } from './made-history.ts';
import { approved, captured, held } from './made-history-facts.ts';

/** What wakes an engineer on call, in a history that is made by hand. */

/** Whoever writes from now on has a clock that is so much ahead. */
export const aheadBy =
  (ms: number): Step =>
  (past) => {
    past.aheadMs = ms;
  };

/** Our code tries this so often, and throws each time. */
export const triedInVain =
  (name: string, times: number): Step =>
  ({ watched }) => {
    for (let tries = 0; tries < times; tries += 1) watched.tried(name);
  };

/** The machine approves two refunds and 50.00 in an hour. */
const limited: Step = ({ watched: { seen } }) => {
  const limit = { refunds: 2, amount: '50.00' };
  const hourly = { ofEach: limit, ofAll: undefined, wrongPolicyAt: 0 };
  Object.assign(seen, { knobs: { ...knobs, hourly } });
};
const paid = wrote(payment, captured());
const approves = (n: number, amountMinor: bigint): Step => wrote(stream(n), approved(amountMinor));
const resumed: Event = { type: 'refund.resumed', v: 1, cleared: ['velocity-limit'], until: begun };
const three = [approves(1, 1000n), approves(2, 1000n), approves(3, 1000n)];

export const hourlyHistories = {
  'no-faster-than-its-limit': [
    {
      when: 'a third refund is approved in its hour',
      bad: [limited, paid, later(10 * minute), ...three],
      mended: [limited, paid, later(10 * minute), ...three.slice(0, 2), later(hour), ...three.slice(2)],
    },
    {
      when: 'the hour’s refunds come to more money',
      bad: [limited, paid, later(10 * minute), approves(1, 2500n), approves(2, 2501n)],
      mended: [limited, paid, later(10 * minute), approves(1, 2500n), approves(2, 2500n)],
    },
    {
      when: 'one is approved that no person looked at',
      bad: [
        limited,
        paid,
        later(10 * minute),
        ...three.slice(0, 2),
        wrote(stream(3), held('over-limit')),
        ...three.slice(2),
      ],
      mended: [limited, paid, later(10 * minute), ...three.slice(0, 2), wrote(stream(3), resumed), ...three.slice(2)],
    },
    {
      when: 'it is not a person who says yes',
      bad: [limited, paid, later(10 * minute), ...three],
      mended: [limited, paid, later(10 * minute), ...three.slice(0, 2), byPerson(...three.slice(2))],
    },
  ],
};
