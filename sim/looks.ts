import { switchAccount } from '../lib/app/operate.ts';
import { correlationId } from '../lib/domain/ids.ts';
import { controlStream } from '../lib/domain/streams.ts';
import { dayMs, hour } from '../lib/domain/time.ts';
import { gateway, merchant } from './connections.ts';
import type { Life } from './life.ts';
import { happenings } from './people.ts';
import type { World } from './world.ts';

/** Somebody looks at what is held some times a day, and at what is stopped as long as the world lasts, and lets it go on or not. */
export function lookForDays(w: World, life: Life): void {
  const { knobs, chance, time } = w;
  if (knobs.lookDays === undefined) return;
  for (let n = 1; n <= 3 * knobs.lookDays; n += 1) {
    if (!w.does(`look ${n}`)) continue;
    const ms = Math.floor(((n + chance.fixed(`look ${n}`)) * dayMs) / 3);
    time.after(ms, `look ${n}`, () => happenings.decide(w, life, 1000 + n));
  }
  const everyMs = hour + Math.floor(chance.fixed('looks at stops') * 7 * hour);
  const look = (): unknown => {
    time.after(everyMs, 'a look at stops', look);
    return letGoOn(w, life);
  };
  time.after(everyMs, 'a look at stops', look);
}

function letGoOn(w: World, life: Life) {
  const head = w.table.dump().state.find(({ pk }) => pk === controlStream(merchant));
  if (head?.[`stopped.${gateway}`] === undefined) return undefined;
  life.reached.add('account resumed');
  return w.functions.invoke('operate', (engine) =>
    switchAccount(engine, { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) }, gateway, {
      to: 'running',
      reason: 'compared',
    }),
  );
}
