import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Entry } from './bundle.ts';
import { root } from './bundle.ts';

/**
 * An entry that takes from packages what our own files take that a function loads at start, name by name, and does nothing with it:
 * what is left of a function's start without any code of ours. `making`: it makes what every function makes of them at start, one of each.
 */
export function thirdPartyOf({ ownAtStart }: Bundle, { making = false } = {}): Entry {
  const taken = new Map<string, Set<string>>();
  for (const path of ownAtStart)
    for (const [from, names] of takenBy(readFileSync(join(root, path), 'utf8')))
      taken.set(from, new Set([...(taken.get(from) ?? []), ...names]));
  const lines = [...taken].map(([from, names], index) => {
    const used = [...names].map((name) => spelt(`p${index}.${name}`, making && isMade(name))).join(', ');
    return `import * as p${index} from '${from}';\nexport const u${index} = [${used}];`;
  });
  return { text: lines.join('\n') };
}

/** Clients of the SDK, and what logs and counts. */
const isMade = (name: string): boolean => /(?:Client|^Logger|^Metrics)$/.test(name);

const spelt = (name: string, making: boolean): string => (making ? `new ${name}({})` : name);

/** Values by the package they come from. Types and Node's own modules are no packages' code. */
export function takenBy(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const [, what = '', from = ''] of text.matchAll(/^import (?!type )([^;]*?) from '([^']+)';/gm)) {
    if (from.startsWith('.') || from.startsWith('node:')) continue;
    const whole = /^\* as (\w+)$/.exec(what)?.[1];
    found.set(from, new Set(whole === undefined ? namesIn(what) : membersOf(whole, text)));
  }
  return found;
}

/** `{ A, type B, C as D }`, `E` and `E, { F }`. */
function namesIn(what: string): readonly string[] {
  const [, first, list = ''] = /^(\w+)?(?:, )?(?:\{([^}]*)\})?$/s.exec(what) ?? [];
  const listed = list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('type '))
    .map((one) => one.split(' as ')[0] ?? one);
  return [...(first === undefined ? [] : ['default']), ...listed];
}

/** What is called of a namespace, or a namespace within it whose member is: types that are spelt with it are no code. */
const membersOf = (name: string, text: string): readonly string[] =>
  [...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)(?=\\(|\\.\\w+\\()`, 'g'))].map(([, member = '']) => member);
