import { parseArgs } from 'node:util';
import { longestReason } from '../lib/app/reason.ts';
import { misread } from '../local/arguments.ts';
import type { Output } from './print.ts';

/** Wrong use: the help, then the sentence, since a terminal shows the end of what is long; then exit 2. Nothing was asked of the stack. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** Every option of every command; which command takes which is said by the command. */
const options = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  amount: { type: 'string' },
  currency: { type: 'string' },
  return: { type: 'string' },
  order: { type: 'string' },
  payment: { type: 'string' },
  status: { type: 'string' },
  cursor: { type: 'string' },
  quarantined: { type: 'boolean' },
  due: { type: 'boolean' },
  held: { type: 'boolean' },
  unknown: { type: 'boolean' },
  connection: { type: 'string' },
  gateway: { type: 'string' },
  since: { type: 'string' },
  'no-wait': { type: 'boolean' },
  'gateway-has-nothing': { type: 'boolean' },
  seen: { type: 'string' },
  'put-aside': { type: 'string' },
} as const;

type Option = keyof typeof options;

/** What was typed: options, and the words after the command. */
export interface Given {
  readonly values: ReturnType<typeof parse>['values'];
  readonly words: readonly string[];
}

export interface Command {
  readonly name: string;
  /** As the help shows it: what is typed after the name, and what it does; further lines name options. */
  readonly help: readonly (readonly [typed: string, does: string])[];
  readonly takes: readonly Option[];
  /** The exit code: 0 done, 1 it does not hold. Throws `WrongUse` before anything is asked, `Trouble` where it did not work. */
  run(given: Given, out: Output): Promise<number>;
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

/** Reads the command line. Throws `WrongUse` for an option that nobody knows, and for one that belongs to another command. */
export function readCommand(
  args: readonly string[],
  commands: readonly Command[],
): { readonly command: Command; readonly given: Given } | 'help' | 'version' {
  const { values, positionals } = read(args);
  const [name, ...words] = positionals;
  if (values.help === true || name === 'help') return 'help';
  if (values.version === true) return 'version';
  const command = commands.find((one) => one.name === name);
  if (command === undefined)
    throw new WrongUse(name === undefined ? 'a command is missing' : `there is no command "${name}"`);
  const strange = (Object.keys(values) as Option[]).find((one) => one !== 'json' && !command.takes.includes(one));
  if (strange !== undefined) {
    const theirs = commands.filter(({ takes }) => takes.includes(strange)).map((one) => one.name);
    throw new WrongUse(`${command.name} takes no --${strange}; that is an option of ${theirs.join(', ')}`);
  }
  const empty = Object.entries(values).find(([, value]) => typeof value === 'string' && value.trim() === '');
  if (empty !== undefined) throw new WrongUse(`--${empty[0]} has an empty value`);
  // Of a variable that is not set, mostly.
  if (words.some((word) => word.trim() === '')) throw new WrongUse(`${command.name} was given an empty word`);
  return { command, given: { values, words } };
}

function read(args: readonly string[]) {
  try {
    return parse(args);
  } catch (error) {
    throw new WrongUse(misread(error));
  }
}

/** The one word that a command takes, or `WrongUse` with the sentence. */
export function only({ words }: Given, sentence: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new WrongUse(sentence);
  return word;
}

/** Why something is done, for the record, which takes so much; `WrongUse` where there is more. */
export function reasonIn(words: readonly string[]): string {
  const reason = words.join(' ');
  if (reason.length > longestReason)
    throw new WrongUse(`a reason has at most ${longestReason} characters, and this one has ${reason.length}`);
  return reason;
}

/** For a command that takes no word. */
export function none({ words }: Given, name: string): void {
  if (words.length > 0) throw new WrongUse(`${name} takes no other word`);
}

const column = 38;

/** The text of `--help`, from what the commands say of themselves. */
export function helpOf(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, help }) =>
    help.map(([typed, does], index) => {
      const left = index === 0 ? `redress ${name} ${typed}`.trimEnd() : `${' '.repeat(8)}${typed}`;
      return does === '' ? `  ${left}` : `  ${left.padEnd(column - 3)} ${does}`;
    }),
  );
  return `redress: refunds on a running stack

${lines.join('\n')}

  --json       one JSON value instead of lines
  --help, -h   this text
  --version    of this command line

The stack is the one on the data folder REDRESS_DATA (default .redress); or the one at REDRESS_URL, wherever it runs, with the
token in REDRESS_TOKEN. send-return then signs with the shop's secret in REDRESS_SHOP_SECRET.
Exit: 0 done, 1 it did not work or does not hold, 2 wrong use.
`;
}
