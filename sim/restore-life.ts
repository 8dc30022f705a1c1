import { endRestore } from '../lib/app/end-restore.ts';
import type { Person } from '../lib/app/operate.ts';
import { beginRestore, reconcileRestore, restoreOf } from '../lib/app/restore.ts';
import { correlationId } from '../lib/domain/ids.ts';
import { instant, minute, plus, second } from '../lib/domain/time.ts';
import { gateway, merchant } from './connections.ts';
import type { Engine } from './engine.ts';
import type { Life } from './life.ts';
import { switchTo } from './people.ts';
import type { Dump } from './restores.ts';
import { sendReturn } from './returns.ts';
import type { World } from './world.ts';

/** What was restored so far: the epoch of the deployment, and the instant that each restore went back to. */
interface Restored {
  epoch: number;
  readonly points: { readonly epoch: number; readonly at: number }[];
}

/** The tables go back to an earlier instant, and an operator does what docs/runbook.md says, sometimes late, sometimes in the wrong order. */
export function playRestores(w: World, life: Life): void {
  const restored: Restored = { epoch: 0, points: [] };
  const begun = w.time.now();
  for (const [n, restore] of w.knobs.restores.entries()) {
    if (!w.does(`restore ${n + 1}`)) continue;
    let tables: Dump | undefined;
    w.time.after(restore.point, `restore point ${n}`, () => {
      tables = w.store.tables();
    });
    // Who restores on purpose stops sending first; who has lost the tables can't.
    if (w.chance.fixed(`restore ${n} on purpose`) < 0.5)
      w.time.after(restore.gone - minute, `stop for restore ${n}`, () => switchTo(w, 'stopped'));
    w.time.after(restore.gone, `gone ${n}`, () => {
      lost(w, n, () => {
        w.store.lose();
        w.time.after(restore.back - restore.gone, `back ${n}`, back);
      });
    });
    const back = () => {
      if (tables === undefined) return;
      restored.epoch += 1;
      restored.points.push({ epoch: restored.epoch, at: plus(begun, restore.point) });
      w.store.comeBack(tables, restored.epoch);
      forget(w, life, n);
      life.reached.add('restored');
      if (restored.points.length > 1) life.reached.add('restored twice');
      return asTheRunbookSays(w, life, n, restored);
    };
  }
}

/** At once, or at the worst moment within the next minutes: when a request for money has just left. That one arrives when it likes. */
function lost(w: World, n: number, lose: () => void): void {
  const { account, time, chance, knobs } = w;
  if (account.strandNext === undefined || chance.fixed(`restore ${n} at a request`) < 0.5) {
    lose();
    return;
  }
  let isLost = false;
  const once = (): void => {
    account.strandNext?.(undefined);
    if (!isLost) lose();
    isLost = true;
  };
  account.strandNext((arrive) => {
    once();
    time.after(chance.fixed(`restore ${n} stranded`) * knobs.lateArrivalMs, `stranded ${n}`, arrive);
  });
  time.after(10 * minute, `gone ${n} all the same`, once);
}

/** What shops were told is recorded and is not any more: some say again what each return is by now, and some never do. */
function forget(w: World, life: Life, n: number): void {
  const known = new Set(w.table.dump().state.map(({ pk }) => String(pk).split('#').at(-1)));
  const gone = life.accepted.filter(({ deliveryId }) => !known.has(deliveryId));
  const kept = life.accepted.filter(({ deliveryId }) => known.has(deliveryId));
  life.accepted.splice(0, Number.POSITIVE_INFINITY, ...kept);
  if (gone.length > 0) life.reached.add('return forgotten');
  for (const [name, { body, deliveryId }] of new Map(gone.map((one) => [one.name, one]))) {
    const is = (what: string) => w.chance.fixed(`again ${n} ${name} ${what}`);
    if (body === undefined || is('told') > 0.8) {
      life.reached.add('return forgotten for good');
      continue;
    }
    life.reached.add('return told again');
    const id = is('same id') < 0.5 ? deliveryId : `msg_again_${n}_${name}`;
    w.time.after(is('at') ** 3 * w.knobs.spanMs * 0.3, `again ${n} ${name}`, () =>
      sendReturn(w, life, { name, body }, id, 1),
    );
  }
}

/** A person at a terminal: every command is repeated until it has an answer, unless the tables were restored once more. */
function terminal(w: World, life: Life, n: number, restored: Restored) {
  const { epoch } = restored;
  const { time, chance } = w;
  const sleep = (ms: number, what: string) =>
    new Promise<void>((resolve) => time.after(ms, `operator ${n} ${what}`, () => resolve()));
  const isCurrent = () => restored.epoch === epoch;
  return {
    is: (what: string) => chance.fixed(`operator ${n} ${what}`),
    sleep,
    isCurrent,
    async ask<T>(command: (engine: Engine, person: Person) => Promise<T>): Promise<T | undefined> {
      for (let tries = 1; isCurrent(); tries += 1) {
        const ended = await w.functions.invoke(
          'operate',
          (engine) => command(engine, { id: 'ann', merchant, correlation: correlationId(engine.ids.random()) }),
          15 * second,
        );
        if (ended.is === 'done') return ended.value;
        await sleep(20 * second * Math.min(tries, 9), 'again');
      }
      life.reached.add('restore interrupted');
      return undefined;
    },
  };
}

type Terminal = ReturnType<typeof terminal>;

/** The commands of `redress restore`. */
function commandsAt({ is, ask, sleep }: Terminal, { points }: Restored) {
  /** The earliest instant that these tables were put back to and not reconciled from: a restore before may not have ended in them. */
  const since = async (): Promise<number> => {
    const journal = (await ask((engine) => restoreOf(engine, merchant)))?.journal ?? 0;
    return Math.min(...points.flatMap((one) => (one.epoch > journal ? [one.at] : [])));
  };
  return {
    async begin(): Promise<void> {
      const from = instant((await since()) - (is('early') < 0.3 ? Math.floor(is('by') * 10 * minute) : 0));
      const say = () => ask((engine, person) => beginRestore(engine, person, { since: from, reason: 'simulated' }));
      // Who was quick is told by a clock that is behind that the instant has not come yet.
      while ((await say())?.is === 'fault') await sleep(minute, 'begins again');
    },
    async reconcile(): Promise<void> {
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const at = { connection: gateway, ...(cursor !== undefined && { cursor }) };
        const page = await ask((engine, person) => reconcileRestore(engine, person, at));
        cursor = page?.is === 'page' && page.cursor !== null ? page.cursor : undefined;
      }
    },
    async end() {
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const how = { reason: 'simulated', ...(cursor !== undefined && { cursor }) };
        const page = await ask((engine, person) => endRestore(engine, person, how));
        cursor = page?.is === 'page' ? page.cursor : undefined;
      }
    },
    async isEnded(): Promise<boolean> {
      const at = await ask((engine) => restoreOf(engine, merchant));
      return at === undefined || at.journal === at.deployment;
    },
  };
}

async function asTheRunbookSays(w: World, life: Life, n: number, restored: Restored): Promise<void> {
  const at = terminal(w, life, n, restored);
  const { is, sleep, isCurrent } = at;
  const { begin, reconcile, end, isEnded } = commandsAt(at, restored);
  const longest = is('comes') < 0.3 ? 5 * second : is('comes') < 0.7 ? 5 * minute : w.knobs.spanMs * 0.3;
  await sleep(is('by then') * longest, 'comes');
  if (is('hasty') < 0.3) await end();
  await begin();
  if (is('begins twice') < 0.2) await begin();
  if (is('loses it') < 0.3) await unstated(w, life, at, { epoch: restored.epoch, when: 'before the end' });
  // Somebody who has not read the next line.
  if (is('skips') < 0.5) await end();
  for (let rounds = 1; !(await isEnded()); rounds += 1) {
    if (is('skips again') < 0.5) await sleep(2 * minute, 'forgets a step');
    else await reconcile();
    await end();
    await reconcile();
    await sleep((minute + is('waits') * 3 * minute) * Math.min(rounds, 20), 'waits');
    await end();
  }
  if (!isCurrent()) return;
  await switchTo(w, 'running');
  if (is('unstated') < 0.4) await unstated(w, life, at, { epoch: restored.epoch, when: 'unstated' });
}

/** A deployment that forgets to state the epoch, until somebody sees that nothing is sent. */
async function unstated(
  w: World,
  life: Life,
  { is, sleep, isCurrent }: Terminal,
  { epoch, when }: { readonly epoch: number; readonly when: string },
): Promise<void> {
  await sleep(is(`${when} at`) * 20 * minute, 'deploys without it');
  if (!isCurrent()) return;
  life.reached.add('epoch not stated');
  w.store.deploy(epoch - 1);
  await sleep(is(`${when} for`) * 30 * minute, 'states it again');
  if (isCurrent()) w.store.deploy(epoch);
}
