import type { Instant } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** What may happen to a process around one of its calls. */
export const processFaults = ['kill-before', 'kill-after', 'kill-after-reply', 'freeze'] as const;

/** One function environment: it handles one invocation at a time, remembers between them, dies at any call and never goes on. */
export interface Process {
  readonly name: string;
  alive(): boolean;
  /** The end, from outside: what it had under way goes no further. */
  kill(): void;
  /** Runs `work` with a deadline of its own; `gone` where the process ended first. */
  invoke<T>(label: string, timeoutMs: number, work: () => Promise<T>): Promise<Ended<T>>;
  /** One call to the world outside: an effect and its reply, with time and faults before, between and after. */
  call<T, K extends string>(
    site: string,
    own: readonly K[],
    effect: (fault: K | undefined) => Promise<T> | T,
  ): Promise<T>;
  pause(ms: number): Promise<void>;
  remainingMs(): number;
}

export type Ended<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'threw'; readonly error: unknown }
  | { readonly is: 'gone' };

export interface ProcessWorld {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly faults: Faults;
  /** Longest time that one half of a call takes, and longest freeze. */
  readonly knobs: { readonly latencyMs: number; readonly freezeMs: number };
}

interface Running {
  readonly world: ProcessWorld;
  readonly kind: string;
  readonly name: string;
  alive: boolean;
  frozenUntil: number;
  endsAt: number;
  end: (() => void) | undefined;
  /** Later, under a name of this process. */
  readonly after: Scheduler['after'];
}

/** One kind of call in one run, with the names it goes by: made once, asked for thousands of times. */
interface Site {
  readonly name: string;
  readonly latency: string;
  readonly freeze: string;
  readonly call: string;
  readonly reply: string;
  readonly kinds: readonly string[];
}

const sites = new Map<string, Site>();

function siteOf(name: string, own: readonly string[]): Site {
  const known = sites.get(name);
  if (known !== undefined) return known;
  // Names hold refunds' ids: another life has others.
  if (sites.size > 5000) sites.clear();
  const made: Site = {
    name,
    latency: `latency ${name}`,
    freeze: `freeze ${name}`,
    call: `call ${name}`,
    reply: `reply ${name}`,
    kinds: [...processFaults, ...own],
  };
  sites.set(name, made);
  return made;
}

export function startProcess(world: ProcessWorld, kind: string, name: string): Process {
  const of: Running = {
    world,
    kind,
    name,
    alive: true,
    frozenUntil: 0,
    endsAt: 0,
    end: undefined,
    after: world.time.named(`${name} `),
  };
  return {
    name,
    alive: () => of.alive,
    kill: () => kill(of),
    pause: (ms) => new Promise((resolve) => soon(of, ms, 'pause', resolve)),
    remainingMs: () => of.endsAt - world.time.now(),
    invoke: (label, timeoutMs, work) => invoke(of, label, timeoutMs, work),
    call: (site, own, effect) => call(of, `${kind} ${site}`, own, effect),
  };
}

function kill(of: Running): void {
  of.alive = false;
  of.end?.();
}

/** Later in this process: not at all where it is gone, and not before it thaws. */
function soon(of: Running, ms: number, label: string, run: () => void): void {
  const { time } = of.world;
  const due = () => {
    if (of.frozenUntil > time.now()) soon(of, of.frozenUntil - time.now(), label, run);
    else run();
  };
  of.after(ms, label, due, () => of.alive);
}

const latencyOf = ({ world }: Running, drawn: number): number => 1 + Math.floor(drawn ** 3 * world.knobs.latencyMs);

/** Some answers take a time of their own; most are there at once, since whoever gets one takes a time before the next call anyway. */
const slowReplies = 0.25;

function invoke<T>(of: Running, label: string, timeoutMs: number, work: () => Promise<T>): Promise<Ended<T>> {
  const { time } = of.world;
  return new Promise((resolve) => {
    const deadline = time.now() + timeoutMs;
    of.endsAt = deadline;
    let over = false;
    const finish = (how: Ended<T>) => {
      if (over) return;
      over = true;
      of.end = undefined;
      resolve(how);
    };
    of.end = () => finish({ is: 'gone' });
    of.after(
      timeoutMs,
      'deadline',
      () => kill(of),
      () => !over && of.endsAt === deadline,
    );
    soon(of, 0, label, () => {
      work().then(
        (value) => of.alive && finish({ is: 'done', value }),
        (error: unknown) => of.alive && finish({ is: 'threw', error }),
      );
    });
  });
}

function call<T, K extends string>(
  of: Running,
  name: string,
  own: readonly K[],
  effect: (fault: K | undefined) => Promise<T> | T,
): Promise<T> {
  const site = siteOf(name, own);
  const { time, chance, faults, knobs } = of.world;
  return new Promise((resolve, reject) => {
    const fault = faults.strike(site.name, site.kinds);
    const drawn = chance.draw(site.latency);
    const reply = <V>(answer: (value: V) => void, value: V) => {
      if (fault === 'kill-after') return kill(of);
      if (!of.alive) return;
      const replied = (drawn * 1024) % 1;
      if (fault === undefined && replied >= slowReplies) return answer(value);
      soon(of, latencyOf(of, Math.min(1, replied / slowReplies)), site.reply, () => {
        answer(value);
        if (fault === 'kill-after-reply') kill(of);
      });
    };
    soon(of, latencyOf(of, drawn), site.call, () => {
      if (fault === 'kill-before') return kill(of);
      if (fault === 'freeze') of.frozenUntil = time.now() + 1 + Math.floor(chance.draw(site.freeze) * knobs.freezeMs);
      started(effect, fault === undefined ? undefined : own.find((one) => one === fault)).then(
        (value) => reply(resolve, value),
        (error: unknown) => reply(reject, error),
      );
    });
  });
}

async function started<T, K>(effect: (fault: K) => Promise<T> | T, fault: K): Promise<T> {
  return effect(fault);
}

/** What a process believes the time to be. */
export const skewed = (time: Scheduler, skewMs: () => number) => ({
  now: (): Instant => (time.now() + skewMs()) as Instant,
});
