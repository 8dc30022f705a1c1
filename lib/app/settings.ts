import { ordersOf } from './order-shop.ts';
import type { Connection } from './ports/connections.ts';
import type { Setting } from './ports/gateway.ts';

/** What the engine itself reads of every gateway connection, whatever its platform. */
const ofGateways: readonly Setting[] = [
  { name: ordersOf, value: { is: 'connection', kind: 'source', several: { or: '*' } } },
];

/**
 * What is wrong with the settings of `connection`, each as a sentence without its point that names the setting and never what stands in
 * it; none where nothing is. `folder` is what its folder reads (`Reader.settings`), `all` every connection there will be. A setting that
 * nobody reads would be silent for ever, and what it was meant to say would not hold. Pure.
 */
export const problemsWithSettings = (...of: Parameters<typeof settingProblems>): readonly string[] =>
  settingProblems(...of).map(({ says }) => says);

/** The same with the name of the setting that each is about. */
export function settingProblems(
  connection: Connection,
  folder: readonly Setting[],
  all: readonly Connection[],
): readonly { readonly setting: string; readonly says: string }[] {
  const known = connection.kind === 'gateway' ? [...folder, ...ofGateways] : folder;
  const given = Object.entries(connection.settings);
  const missing = known.filter(({ name, required }) => required && connection.settings[name] === undefined);
  return [
    ...missing.map(({ name }) => ({
      setting: name,
      says: `setting '${name}' of connection ${connection.name} is missing`,
    })),
    ...given.flatMap(([name, text]) => {
      const setting = known.find((one) => isNamed(one.name, name));
      if (setting === undefined) return { setting: name, says: unknown(name, connection, known) };
      const problem = problemWith(setting, text, { connection, all });
      return problem === undefined
        ? []
        : { setting: name, says: `setting '${name}' of connection ${connection.name} ${problem}` };
    }),
  ];
}

const star = '*';

const isNamed = (pattern: string, name: string): boolean =>
  pattern.endsWith(star) ? name.startsWith(stem(pattern)) && name.length > stem(pattern).length : pattern === name;

const stem = (pattern: string): string => pattern.slice(0, -star.length);

const spoken = (pattern: string): string => (pattern.endsWith(star) ? `${stem(pattern)}NAME` : pattern);

function unknown(name: string, { name: connection, platform }: Connection, known: readonly Setting[]): string {
  if (known.length === 0) return `unknown setting '${name}' of connection ${connection}: ${platform} has no settings`;
  const meant = nearest(
    name,
    known.map((setting) => setting.name),
  );
  const question = meant === undefined ? '' : ` did you mean '${meant}'?`;
  const list = known.map((setting) => spoken(setting.name)).join(', ');
  return `unknown setting '${name}' of connection ${connection}:${question} known: ${list}`;
}

interface Beside {
  readonly connection: Connection;
  readonly all: readonly Connection[];
}

/** As the end of a sentence; undefined where nothing is wrong. */
function problemWith({ value }: Setting, text: string, { connection, all }: Beside): string | undefined {
  if (value.is === 'text') return value.fits(text) ? undefined : `must ${value.must}`;
  const { kind, several } = value;
  const names = several === undefined ? [text] : text.split(/\s+/).filter((name) => name !== '' && name !== several.or);
  if (several !== undefined && text.trim() === '')
    return `must name a ${kind}, several separated by spaces, or ${several.or}`;
  const there = all.filter((one) => one.kind === kind && one.merchant === connection.merchant).map(({ name }) => name);
  if (names.every((name) => there.some((one) => one === name))) return undefined;
  const list = there.length === 0 ? 'there is none' : `there are: ${there.join(', ')}`;
  return `must name a connection of kind ${kind}; ${list}`;
}

/** What a slip of the hand would turn into `name`: at most a third of its letters are others. Of `gatway.stripe` that is `gateway.stripe`. */
function nearest(name: string, patterns: readonly string[]): string | undefined {
  const [first = '', ...rest] = name.split('.');
  const meant = patterns.map((pattern) =>
    pattern.endsWith(star)
      ? { like: stem(pattern).replace(/\.$/, ''), said: first, word: `${stem(pattern)}${rest.join('.') || 'NAME'}` }
      : { like: pattern, said: name, word: pattern },
  );
  return meant
    .map(({ like, said, word }) => ({ word, like, away: distance(said.toLowerCase(), like.toLowerCase()) }))
    .filter(({ like, away }) => away <= Math.ceil(like.length / 3))
    .sort((a, b) => a.away - b.away)[0]?.word;
}

/** Letters to put in, take out or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const before = row;
    row = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (before[j] ?? 0) + (letter === b[j] ? 0 : 1);
      row.push(Math.min(replaced, (before[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}
