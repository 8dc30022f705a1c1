import { moves, type Step } from './made-history.ts';

/** What a gateway does in a history that is made by hand, where it does more than refund. */

/** The gateway has this refund no more. */
export const gone =
  (id: string): Step =>
  (past) => {
    past.refunds.delete(id);
    moves()(past);
  };

/** What was captured of the payment that `theirs` is on, and of what more may be. */
export const truly =
  ({ captured = 10_000, open = [], unasked = [], untold = [] }: Truly): Step =>
  (past) =>
    past.truly({
      captured: new Map([['pi_1', captured]]),
      open: new Set(open),
      unasked: new Map(unasked.map((id) => [id, 'here'])),
      untold: new Set(untold),
    });

interface Truly {
  readonly captured?: number;
  readonly open?: readonly string[];
  /** Refunds that were made under a key of ours without our asking. */
  readonly unasked?: readonly string[];
  /** Refunds that were taken back, and nobody was told. */
  readonly untold?: readonly string[];
}
