import type { Chances } from './chance.ts';

/** How often each kind of fault strikes, per opportunity. */
export type Rates = Readonly<Record<string, number>>;

/**
 * Every fault of a run passes here. A fault has a name made of its site, the how-many-eth time of that site, and its kind; the names
 * that struck are the plan of the run, and a run can be repeated with some of them only.
 */
export interface Faults {
  /** Which of `kinds` strikes at this opportunity, if any. */
  strike<K extends string>(site: string, kinds: readonly K[]): K | undefined;
  /** No more from now on: the phase in which everything must come to an end. */
  stop(): void;
  stopped(): boolean;
  readonly struck: readonly string[];
  /** Every kind of opportunity that there was, and what could have struck there. */
  readonly sites: ReadonlyMap<string, readonly string[]>;
}

/** `only`: the faults that may strike; all that chance wants where it is left out. */
export function faults(chance: Chances, rates: Rates, only?: ReadonlySet<string>): Faults {
  const struck: string[] = [];
  const sites = new Map<string, readonly string[]>();
  let over = false;
  return {
    strike(site, kinds) {
      const luck = chance.draw(site);
      if (!sites.has(site)) sites.set(site, kinds);
      if (over) return undefined;
      let sum = 0;
      for (const kind of kinds) {
        sum += rates[kind] ?? 0;
        if (luck >= sum) continue;
        const name = `${kind} at ${site} (${chance.count(site)})`;
        if (only !== undefined && !only.has(name)) return undefined;
        struck.push(name);
        return kind;
      }
      return undefined;
    },
    stop: () => {
      over = true;
    },
    stopped: () => over,
    struck,
    sites,
  };
}
