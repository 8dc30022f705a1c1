import { hour, minute } from '../lib/domain/time.ts';
import { few, hints, kills, network, type Profile, store, webhooks } from './ceilings.ts';
import type { Life } from './life.ts';
import type { Do } from './people.ts';
import type { Poisoned } from './poison.ts';
import type { World } from './world.ts';

/**
 * What wakes an engineer on call: a credential that is refused, code that always throws at one refund, clocks that are wrong or come past
 * a strange day, a store that carries a transaction out again long after it was done, a policy that approves whatever it sees.
 */
export const onCall: Profile = {
  ceilings: { ...network, 'net-late': 0.4, ...store, 'late-again': 0.1, ...kills, ...webhooks, ...hints },
  happenings: { ...few, revoke: 2, exchange: 1, poison: 3, dashboard: 1, 'late-failure': 1, cancel: 1, redrive: 2 },
  spanMs: 2 * hour,
  narrow: true,
  lateMs: 4 * minute,
  pending: 0.4,
  clocks: true,
  hourly: true,
};

/** Heads of refunds that may have been asked for and have no answer. */
const inDoubt = (w: World): boolean =>
  w.table.dump().state.some(({ pk, status }) => String(pk).includes('#refund#') && unanswered.has(String(status)));

const unanswered = new Set(['sending', 'unknown']);

/** Half of the time somebody waits for the worst moment to come, for some minutes: a refund has no answer. */
function atABadMoment(w: World, life: Life, draw: string, act: () => void): void {
  const wanted = w.chance.fixed(`${draw} in doubt`) < 0.5;
  const look = (tries: number): void => {
    const now = inDoubt(w);
    if (now) life.reached.add('credential refused in doubt');
    if (now || !wanted || tries > 120) act();
    else w.time.after(5000, `${draw} waits`, () => look(tries + 1));
  };
  look(0);
}

/** The gateway refuses the credential for a while, as revoked or as one that may not do that; and then lets it in again. */
export const revoke: Do = (w, life, n) =>
  atABadMoment(w, life, `revoke ${n}`, () => {
    w.credential.refuse(w.chance.fixed(`revoked how ${n}`) < 0.5 ? 401 : 403);
    const ms = minute + Math.floor(w.chance.fixed(`revoked for ${n}`) ** 2 * 6 * hour);
    w.time.after(ms, `credential is good again ${n}`, () => w.credential.refuse(undefined));
  });

/** Another credential in place of the one before: stored first, or let in first, with a time between. */
export const exchange: Do = (w, life, n) =>
  atABadMoment(w, life, `exchange ${n}`, () => {
    const gap = Math.floor(w.chance.fixed(`exchange gap ${n}`) ** 2 * hour);
    const storedFirst = w.chance.fixed(`exchange order ${n}`) < 0.5;
    if (storedFirst) w.credential.store();
    else w.credential.exchange();
    w.time.after(gap, `exchanged ${n}`, () => (storedFirst ? w.credential.exchange() : w.credential.store()));
  });

const isOpen = (status: unknown): boolean =>
  ['approved', 'sending', 'unknown', 'pending', 'waiting'].includes(String(status));

/** Our code can't get past one refund, or past one notice. A notice's bug is mended at the latest when the life becomes quiet. */
export const poison: Do = (w, life, n) => lookFor(w, life, n, 0);

/** Most refunds are open for a moment: somebody waits until there is one. */
function lookFor(w: World, life: Life, n: number, looks: number): void {
  const { state } = w.table.dump();
  const ofNotices = w.chance.fixed(`poisoned notice ${n}`) < 0.3;
  const is = (pk: string, status: unknown) =>
    ofNotices ? pk.includes('#notice#') && status !== 'done' : pk.includes('#refund#') && isOpen(status);
  const chosen = state.filter(({ pk, status }) => is(String(pk), status));
  const stream = chosen[Math.floor(w.chance.fixed(`poisoned ${n}`) * chosen.length)]?.pk;
  if (stream === undefined) {
    if (looks < 800) w.time.after(500, `poison ${n} waits`, () => lookFor(w, life, n, looks + 1));
    return;
  }
  const how: Poisoned = ofNotices || w.chance.fixed(`poisoned how ${n}`) < 0.5 ? 'at-once' : 'after-an-answer';
  life.reached.add(ofNotices ? 'poisoned notice' : `poisoned ${how}`);
  w.poisons.put(String(stream), how);
}
