import type { Faults } from './faults.ts';

/** One opportunity for a fault that a life came by: a call to the world outside, or a message on its way. */
export interface Met {
  readonly site: string;
  /** The how-many-eth of its site, from 1. */
  readonly count: number;
  readonly kinds: readonly string[];
}

export const faultName = (kind: string, { site, count }: Pick<Met, 'site' | 'count'>): string =>
  `${kind} at ${site} (${count})`;

/** Exactly the faults of a plan, and what `always` says; everything that was met is kept in `met`. No chance is asked. */
export function plannedFaults(
  plan: ReadonlySet<string>,
  always: (met: Met) => string | undefined,
): Faults & { readonly met: readonly Met[] } {
  const counts = new Map<string, number>();
  const met: Met[] = [];
  const struck: string[] = [];
  let over = false;
  return {
    strike(site, kinds) {
      if (over) return undefined;
      const count = (counts.get(site) ?? 0) + 1;
      counts.set(site, count);
      const here = { site, count, kinds };
      met.push(here);
      const usual = always(here);
      const kind = kinds.find((one) => plan.has(faultName(one, here))) ?? kinds.find((one) => one === usual);
      if (kind !== undefined) struck.push(faultName(kind, here));
      return kind;
    },
    stop: () => {
      over = true;
    },
    stopped: () => over,
    struck,
    get sites() {
      return new Map(met.map(({ site, kinds }) => [site, kinds]));
    },
    met,
  };
}
