import { readFileSync } from 'node:fs';
import { helpOf, readCommand, WrongUse } from './command.ts';
import { commands } from './commands.ts';
import { harmless, output } from './print.ts';
import { Trouble } from './stack.ts';

/** Where a command writes to. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

const versionOf = (description: string): string => (JSON.parse(description) as { readonly version: string }).version;

/** One command line, to its end. Answers the exit code: 0 done, 1 it did not work or does not hold, 2 wrong use. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const help = helpOf(commands);
  try {
    const asked = readCommand(args, commands);
    if (asked === 'help') {
      terminal.out(help);
      return 0;
    }
    if (asked === 'version') {
      terminal.out(`${versionOf(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))}\n`);
      return 0;
    }
    return await asked.command.run(asked.given, output(asked.given.values.json === true, terminal.out));
  } catch (error) {
    if (error instanceof WrongUse) {
      terminal.err(`${help}\n${error.message}\n`);
      return 2;
    }
    const known = error instanceof Trouble || (error instanceof Error && error.name === 'TypeError');
    // A sentence may quote what a stack answered.
    terminal.err(`${harmless(known ? (error as Error).message : String(error))}\n`);
    return 1;
  }
}
