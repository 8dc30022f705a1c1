import { dayMs, minute, plus } from '../lib/domain/time.ts';
import type { Success } from './any-errors.ts';
import { mayBeAsked } from './capabilities.ts';
import type { Do } from './people.ts';
import type { World } from './world.ts';

/** What goes wrong at a processor after its word, and what people do about it. */

/** While a success is still looked for at one of its ages: what its gateway says of it after the last of them without telling is never heard. */
function isWatched({ knobs, time }: World): (success: Success) => boolean {
  const ages = knobs.tempo.verifyMs.filter((age) => age <= 7 * dayMs);
  const last = Math.max(...ages);
  return ({ at, ours }) => ours && time.now() < plus(at, Math.floor(last * 0.9));
}

/** Some time after the deed itself, when successes are there that have been looked at once. */
const laterOn = (w: World, what: string): number => {
  const ages = w.knobs.tempo.verifyMs.filter((age) => age <= 7 * dayMs);
  return Math.floor(w.chance.fixed(`${what} later`) ** 2 * Math.max(...ages) * 0.7);
};

/** The gateway takes a success back, days later perhaps, and says so or not. */
export const takeBack: Do = (w, _, n) => {
  const luck = w.chance.fixed(`which is taken back ${n}`);
  const silently = w.knobs.row !== undefined && mayBeAsked(w.knobs.row) && w.chance.fixed(`silently ${n}`) < 0.5;
  w.time.after(laterOn(w, `taken back ${n}`), `taken back ${n}`, () =>
    w.account.errors?.takeBack(silently ? isWatched(w) : () => true, luck, silently),
  );
};

/** The gateway has a success no more: where it can be asked about it, since nobody else can say that. */
export const lose: Do = (w, _, n) => {
  if (w.knobs.row === undefined || !mayBeAsked(w.knobs.row)) return;
  const luck = w.chance.fixed(`which is lost ${n}`);
  w.time.after(laterOn(w, `lost ${n}`), `lost ${n}`, () => w.account.errors?.lose(isWatched(w), luck));
};

/** The gateway executes a request twice. */
export const twin: Do = (w) => w.account.errors?.twinNext();

/** Another system with the same credential has the key of a request of ours, and uses it before that request comes or after it. */
export const borrowKey: Do = (w, _, n) => {
  const is = (what: string) => w.chance.fixed(`borrowed ${what} ${n}`);
  const other = 1 + Math.floor(is('payment') * w.knobs.payments);
  w.account.errors?.borrowNext({
    afterMs: is('after') < 0.5 ? undefined : Math.floor(minute + is('how long after') ** 3 * 2 * dayMs),
    amountMinor: is('amount') < 0.3 ? undefined : Math.floor(1 + is('how much') * 3000),
    payment: is('elsewhere') < 0.4 ? `pi_canary${other}` : undefined,
  });
};
