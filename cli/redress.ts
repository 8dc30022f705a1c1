#!/usr/bin/env node
import { helpOf, readCommand, WrongUse } from './command.ts';
import { commands } from './commands.ts';
import { output } from './print.ts';
import { Trouble } from './stack.ts';

const help = helpOf(commands);

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const asked = readCommand(args, commands);
  if (asked === 'help') {
    process.stdout.write(help);
    return 0;
  }
  return asked.command.run(asked.given, output(asked.given.values.json === true));
}

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof WrongUse) {
      process.stderr.write(`${error.message}\n\n${help}`);
      process.exitCode = 2;
      return;
    }
    const known = error instanceof Trouble || (error instanceof Error && error.name === 'TypeError');
    process.stderr.write(`${known ? (error as Error).message : String(error)}\n`);
    process.exitCode = 1;
  },
);
