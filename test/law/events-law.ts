import { lexed } from './lexer.ts';
import { at, type File, type Law } from './violation.ts';

const next = 'lib/domain/refund/next.ts';

/** Every event has a line in `next.ts`, and every line there an event: the map of the system has no white spot and no ghost. */
export const eventsLaw: Law = (files) => {
  const map = files.find(({ path }) => path === next);
  const events = files
    .filter(({ path }) => /^lib\/domain\/.*\.ts$/.test(path) && path !== next && !path.endsWith('.test.ts'))
    .flatMap((file) => declared(file).map((event) => ({ ...event, file })));
  if (map === undefined)
    return events.slice(0, 1).map(({ file, at: offset }) => at(file, offset, 'events-map', `there is no ${next}`));
  const cases = followed(map);
  const names = new Set(events.map(({ name }) => name));
  return [
    ...events
      .filter(({ name }) => !cases.some((one) => one.name === name))
      .map(({ file, at: offset, name }) =>
        at(file, offset, 'event-unmapped', `"${name}" has no line in ${next}: decide what follows from it`),
      ),
    ...cases
      .filter(({ name }) => !names.has(name))
      .map((one) => at(map, one.at, 'event-unknown', `there is no event "${one.name}"`)),
  ];
};

interface Named {
  readonly name: string;
  readonly at: number;
}

/** Event types as a type declares them: `readonly type: 'refund.held'`. */
function declared(file: File): Named[] {
  const { tokens } = lexed(file);
  return tokens.flatMap((token, index) => {
    const isType = token.text === 'type' && tokens[index - 1]?.text === 'readonly' && tokens[index + 1]?.text === ':';
    const value = tokens[index + 2];
    return isType && value?.kind === 'string' ? [{ name: value.text, at: value.at }] : [];
  });
}

function followed(file: File): Named[] {
  const { tokens } = lexed(file);
  return tokens.flatMap((token, index) => {
    const value = tokens[index + 1];
    return token.text === 'case' && value?.kind === 'string' ? [{ name: value.text, at: value.at }] : [];
  });
}
