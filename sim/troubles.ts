import { minute } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';
import { clockErrors } from './clocks.ts';
import { type CredentialInLife, credentialInLife } from './credentials.ts';
import type { Knobs } from './knobs.ts';
import { poisons } from './poison.ts';
import type { Scheduler } from './scheduler.ts';

/** What wakes an engineer on call, as far as a world has it: nothing of it happens before somebody in a life does it, or its knobs say so. */
export function troublesIn(
  world: { readonly time: Scheduler; readonly chance: Chances; readonly knobs: Knobs },
  seed: string,
  does: (name: string) => boolean,
) {
  const { time, chance, knobs } = world;
  const { clocks, happenings } = knobs;
  const { wrongBy, met } = clockErrors({ seed, time, ...(clocks && does('wrong clocks') && { clocks }) });
  const credential = credentialInLife();
  /** Only where somebody may refuse or exchange it: elsewhere each call reads it anew. */
  const guard: CredentialInLife | undefined = happenings.revoke > 0 || happenings.exchange > 0 ? credential : undefined;
  return {
    credential,
    guard,
    poisons: poisons(),
    wrongBy,
    wrongClocks: met,
    /** When the store has forgotten the token of a transaction. */
    later: (run: () => unknown): void =>
      time.after(chance.between('late again', 10 * minute, 30 * minute), 'transaction again', run),
  };
}
