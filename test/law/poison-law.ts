import { lexed, type Token } from './lexer.ts';
import { at, type Law } from './violation.ts';
import { isTest } from './zones.ts';

/** Domain and app take time, chance, waiting and the outside world as arguments. `poison.test.ts` says the same of them at run time. */
export const poisonLaw: Law = (files) =>
  files
    .filter(({ path }) => /^lib\/(?:domain|app)\/.*\.ts$/.test(path) && !isTest(path))
    .flatMap((file) => {
      const { tokens } = lexed(file);
      return tokens.flatMap((token, index) => {
        const found = token.kind === 'word' ? ambient(tokens, index) : undefined;
        return found === undefined ? [] : [at(file, token.at, 'poison', `uses ${found[0]}; ${found[1]}`)];
      });
    });

type Found = readonly [name: string, instead: string];

const clock = 'take the instant as an argument (`Clock` in lib/app/ports/world.ts)';
const chance = 'take the id or number as an argument (`Ids` in lib/app/ports/world.ts)';
const waiting = 'take `Pause` as an argument';
const outside = 'state the need as a port';

/** Names of the global object that domain and app do not touch at all. */
const globals: ReadonlyMap<string, string> = new Map([
  ['performance', clock],
  ['crypto', chance],
  ['setTimeout', waiting],
  ['setInterval', waiting],
  ['setImmediate', waiting],
  ['queueMicrotask', waiting],
  ['Atomics', waiting],
  ['fetch', outside],
  ['WebSocket', outside],
  ['process', outside],
  ['console', 'say it through the port `Log`'],
  ['globalThis', outside],
  ['global', outside],
  ['eval', 'write it out'],
]);

function ambient(tokens: readonly Token[], index: number): Found | undefined {
  const name = tokens[index]?.text ?? '';
  const after = (more: number) => tokens[index + more]?.text;
  if (isMember(tokens, index)) return undefined;
  if (name === 'Date' && after(1) === '.' && after(2) === 'now') return ['Date.now', clock];
  if (name === 'Date' && tokens[index - 1]?.text === 'new') {
    const empty = after(1) !== '(' || after(2) === ')';
    return empty ? ['new Date() without an argument', clock] : undefined;
  }
  if (name === 'Date' && after(1) === '(') return ['Date()', clock];
  if (name === 'Math' && after(1) === '.' && after(2) === 'random') return ['Math.random', chance];
  const instead = globals.get(name);
  return instead === undefined ? undefined : [name, instead];
}

/** `thing.fetch`, the key `process:` or `process?:`: somebody else's name, not the global one. */
function isMember(tokens: readonly Token[], index: number): boolean {
  const [before, next, later] = [index - 1, index + 1, index + 2].map((at) => tokens[at]?.text);
  return before === '.' || before === '?.' || next === ':' || (next === '?' && later === ':');
}
