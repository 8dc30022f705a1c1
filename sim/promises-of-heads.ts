import type { Promised } from './promises.ts';

/** What holds of a head whenever it is written. */

const doneIsNotDue: Promised = {
  name: 'done-is-not-due',
  says: 'What is done with is not due: nobody is sent to look at it again, for as long as the table stands.',
  stored: (_, { pk, status, dueAt }) =>
    status === 'done' && dueAt !== undefined ? `${String(pk)} is done, and due` : undefined,
};

export const ofHeads: readonly Promised[] = [doneIsNotDue];
