import { bodiesOf } from './functions.ts';
import { at, type File, type Law, type Violation } from './violation.ts';
import { isTest } from './zones.ts';

/** Lines a production file may have, and lines a function in it may have. */
export const limits = { file: 260, function: 60 };

/**
 * Files that are longer than they should be, with the most they may have: a ratchet. A number here may only fall; a line goes when
 * its file fits, and the law says so.
 */
export const longFiles: Readonly<Record<string, number>> = {};

/** The same for functions: the longest that the file may hold. */
export const longFunctions: Readonly<Record<string, number>> = {
  'local/demo/play.ts': 63,
};

/** Functions that are a list by nature. */
export const lists: Readonly<Record<string, string>> = {
  'lib/domain/refund/next.ts': 'the map of the system: one line per event',
};

/** A ceiling further above the file than this is lowered. */
const slack = 10;

export const sizeLaw = (
  files: readonly File[],
  known = { files: longFiles, functions: longFunctions },
): readonly Violation[] => {
  const production = files.filter(
    ({ path }) => /^(?:lib|functions|local|cli|sim|bench|stacks)\/.*\.ts$/.test(path) && !isTest(path),
  );
  const paths = new Set(production.map(({ path }) => path));
  const gone = [...Object.keys(known.files), ...Object.keys(known.functions)].filter((path) => !paths.has(path));
  return [
    ...production.flatMap((file) => [
      ...tooLong(file, known.files[file.path]),
      ...tooLongFunctions(file, known.functions[file.path]),
    ]),
    ...gone.map((path) => ({
      path,
      line: 1,
      rule: 'size-ratchet',
      what: 'is no more: take it out of test/law/size-law.ts',
    })),
  ];
};

export const sizes: Law = (files) => sizeLaw(files);

function tooLong(file: File, ceiling: number | undefined): Violation[] {
  const lines = file.text.split('\n').length - 1;
  const most = ceiling ?? limits.file;
  if (lines > most) return [at(file, 0, 'file-size', `has ${lines} lines, ${most} is the most; split it by noun`)];
  return ratchet(file, lines, ceiling, limits.file);
}

function tooLongFunctions(file: File, ceiling: number | undefined): Violation[] {
  if (file.path in lists) return [];
  const bodies = bodiesOf(file);
  const most = ceiling ?? limits.function;
  const tooLong = bodies.filter(({ lines }) => lines > most);
  if (tooLong.length > 0)
    return tooLong.map((body) =>
      at(
        file,
        body.at,
        'function-size',
        `this function has ${body.lines} lines, ${most} is the most; give its parts names`,
      ),
    );
  return ratchet(file, Math.max(0, ...bodies.map(({ lines }) => lines)), ceiling, limits.function);
}

function ratchet(file: File, lines: number, ceiling: number | undefined, limit: number): Violation[] {
  if (ceiling === undefined) return [];
  if (lines <= limit) return [at(file, 0, 'size-ratchet', 'fits now: take it out of test/law/size-law.ts')];
  return ceiling - lines > slack
    ? [at(file, 0, 'size-ratchet', `has ${lines} now: lower its ceiling of ${ceiling} in test/law/size-law.ts`)]
    : [];
}
