import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What was wrong with the words of a command line, and how it is used. Nothing was started. */
export function wrongUse(sentence: string, usage: string): never {
  process.stderr.write(`${sentence}\n\n${usage}\n`);
  process.exit(2);
}

/**
 * The options that a script was given. An unknown one, or a word it does not take, ends the process with 2 before anything is started,
 * `--help` with 0; both print `usage`.
 */
export function givenOptions<T extends ParseArgsConfig>(config: T, usage: string): ReturnType<typeof parseArgs<T>> {
  const parsed = read(config, usage);
  if ((parsed.values as { readonly help?: unknown }).help === true) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  return parsed;
}

function read<T extends ParseArgsConfig>(config: T, usage: string): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    return wrongUse(misread(error), usage);
  }
}

/** Node's own words end with advice that is longer than the usage. */
export const misread = (error: unknown): string =>
  error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : 'the options are not understood';
