import { join, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const pureFolders = [join(root, 'lib', 'domain') + sep, join(root, 'lib', 'app') + sep];

/** Thrown at whoever in domain or app reaches for the world. */
export class Poisoned extends Error {
  override readonly name = 'Poisoned';
}

/**
 * Replaces what the law of purity forbids by something that throws, but only at callers in lib/domain and lib/app: adapters and vitest
 * need the real thing. Whoever swallows the error is still in `taken`. `cure` puts everything back.
 */
export function poison(): { readonly taken: readonly string[]; cure(): void } {
  const taken: string[] = [];
  const cures: (() => void)[] = [];
  const refuse = (what: string) => {
    const caller = callerOf();
    if (caller === undefined) return;
    taken.push(`${what} in ${caller}`);
    throw new Poisoned(`${what} in ${caller}`);
  };
  const replace = (holder: object, name: string, by: (real: never) => unknown) => {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor === undefined) throw new Error(`there is no ${name} to poison`);
    const real = Reflect.get(holder, name) as never;
    Object.defineProperty(holder, name, {
      value: by(real),
      configurable: true,
      writable: true,
      enumerable: descriptor.enumerable ?? true,
    });
    cures.push(() => Object.defineProperty(holder, name, descriptor));
  };

  for (const name of calls) replace(globalThis, name, (real) => refusing(real, name, refuse));
  for (const name of objects) replace(globalThis, name, (real: object) => refusingAll(real, name, refuse));
  replace(Math, 'random', (real) => refusing(real, 'Math.random', refuse));
  replace(globalThis, 'Date', (real: DateConstructor) => refusingNow(real, refuse));
  return {
    taken,
    cure() {
      for (const cure of cures.splice(0).reverse()) cure();
    },
  };
}

const calls = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'];
const objects = ['process', 'console', 'performance', 'crypto'];

type Refuse = (what: string) => void;

const refusing = (real: (...given: unknown[]) => unknown, what: string, refuse: Refuse) =>
  function poisoned(this: unknown, ...given: unknown[]) {
    refuse(what);
    return Reflect.apply(real, this, given);
  };

const refusingAll = <T extends object>(real: T, name: string, refuse: Refuse): T =>
  new Proxy(real, {
    get(target, property) {
      refuse(`${name}.${String(property)}`);
      const value: unknown = Reflect.get(target, property);
      // The platform's own methods need the object itself as `this`, not its proxy; a class such as `console.Console` needs none.
      return typeof value === 'function' && /^[a-z]/.test(String(property)) ? value.bind(target) : value;
    },
  });

/** A date of an instant that was given is arithmetic; a date without one is a look at the clock. */
const refusingNow = (real: DateConstructor, refuse: Refuse): DateConstructor =>
  new Proxy(real, {
    construct(target, given, as) {
      if (given.length === 0) refuse('new Date()');
      return Reflect.construct(target, given, as) as object;
    },
    apply(target, self, given) {
      refuse('Date()');
      return Reflect.apply(target, self, given) as string;
    },
    get(target, property) {
      if (property !== 'now') return Reflect.get(target, property) as unknown;
      return () => {
        refuse('Date.now');
        return target.now();
      };
    },
  });

/** The file and line in domain or app that made this very call; undefined where anybody else did. */
function callerOf(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 8;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  const frame = stack
    .split('\n')
    .find(
      (line) =>
        line.startsWith('    at ') && !line.includes(import.meta.filename) && !/\((?:<anonymous>|node:)/.test(line),
    );
  const place = frame?.replace(/^.*?(?:\(|at (?:async )?)(?:file:\/\/)?(?=\/|[A-Z]:)/, '').replace(/\)$/, '');
  return pureFolders.some((folder) => place?.startsWith(folder)) ? place?.slice(root.length + 1) : undefined;
}

/** For a planted caller: code that stands, as far as stack traces know, in the file of that path. */
export const standingIn = (path: string): string => join(root, ...path.split('/'));
