import type { Step } from './made-history.ts';

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
