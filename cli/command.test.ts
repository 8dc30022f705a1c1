import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { helpOf, readCommand, WrongUse } from './command.ts';
import { commands } from './commands.ts';
import { output } from './print.ts';
import { said } from './said.ts';

const document = readFileSync(new URL('../docs/operating-embedded.md', import.meta.url), 'utf8');
const read = (...args: string[]) => readCommand(args, commands);

/** What stands for a value in the documents, and one of its kind. */
const stands: Readonly<Record<string, string>> = { QUEUE: 'execute' };

describe('the command line', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('takes a command with its own options, wherever they stand', () => {
    expect(read('--json', 'list', '--status', 'held')).toMatchObject({
      command: { name: 'list' },
      given: { values: { json: true, status: 'held' }, words: [] },
    });
    expect(read('stop-sending', 'a', 'reason')).toMatchObject({ given: { words: ['a', 'reason'] } });
  });

  it.each([[['--help']], [['-h']], [['help']], [['list', '--help']]])('prints the help for %j', (args) => {
    expect(read(...args)).toBe('help');
  });

  it('says which version it is, with no stack to ask', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await said('--version')).toMatchObject({ code: 0, out: `${version}\n` });
    expect(read('list', '--version')).toBe('version');
  });

  it.each([
    [[], 'a command is missing'],
    [['frobnicate'], 'there is no command "frobnicate"'],
    [['list', '--colour', 'red'], "Unknown option '--colour'"],
    [['list', '--status'], "Option '--status <value>' argument missing"],
    [['show', 'rf_1', '--amount', '3'], 'show takes no --amount; that is an option of send-return'],
    [
      ['approve', 'rf_1', '--connection', 'x'],
      'approve takes no --connection; that is an option of send-return, stop-sending',
    ],
    [['list', '--order', ''], '--order has an empty value'],
    [['show', ''], 'show was given an empty word'],
    [['connections', 'test', ' '], 'connections was given an empty word'],
  ])('refuses %j and says why', (args, sentence) => {
    expect(() => read(...args)).toThrow(WrongUse);
    expect(() => read(...args)).toThrow(sentence);
  });

  const long = 'x'.repeat(201);
  const wrongUse: readonly (readonly [readonly string[], string])[] = [
    [['send-return'], 'takes --amount'],
    [['list', 'held'], 'list takes no other word'],
    [['list', '--held', '--status', 'denied'], 'one of --held, --unknown and --status'],
    [['list', '--status', 'paid'], '--status takes one of waiting, held,'],
    [['show'], 'takes the id'],
    [['find', 'RMA-1', 'RMA-2'], 'find takes one id'],
    [['approve', 'one', 'two'], 'takes the id'],
    [['approve', 'rf_1', '--gateway-has-nothing'], '--gateway-has-nothing takes --seen'],
    [['approve', 'rf_1', '--seen', 'now'], '--seen takes a version'],
    [['deny'], 'takes the id'],
    [['evidence'], 'takes the id'],
    [['gateways', 'all'], 'gateways takes no other word'],
    [['notices'], 'takes --quarantined'],
    [['replay'], 'takes the name of a notice'],
    [['redrive'], 'takes the name of a queue'],
    [['redrive', 'asess'], 'there is no queue "asess"; there are: assess, execute'],
    [['connections'], 'connections takes: list'],
    [['connections', 'list', 'all'], 'connections takes: list'],
    [['connections', 'test'], 'connections takes: list'],
    [['connections', 'disable', 'stripe-demo'], 'connections takes: list'],
    [['stop-sending'], 'say why'],
    [['stop-sending', long], 'a reason has at most 200 characters, and this one has 201'],
    [['connections', 'disable', 'stripe-demo', long], 'a reason has at most 200 characters'],
    [['restore', 'end', long], 'a reason has at most 200 characters'],
    [['resume-sending'], 'say why'],
    [['restore'], 'restore takes: status'],
    [['restore', 'begin', 'why'], 'restore takes: status'],
    [['restore', 'end'], 'restore takes: status'],
    [['restore', 'end', 'why', '--put-aside', 'all'], '--put-aside with how many'],
    [['restore', 'reconcile', '--put-aside', '1'], '--put-aside with how many'],
    [['audit'], 'verify'],
  ];

  it.each(wrongUse)('%j is refused before the stack is asked', async (args, sentence) => {
    const asked = read(...args);
    if (typeof asked === 'string') throw new Error(asked);
    const refused = asked.command.run(
      asked.given,
      output(true, () => undefined),
    );
    await expect(refused).rejects.toThrow(WrongUse);
    await expect(refused).rejects.toThrow(sentence);
  });

  it('has a row of wrong use above for every command, that nobody adds one without', () => {
    expect(new Set(wrongUse.map(([[name]]) => name))).toEqual(new Set(commands.map(({ name }) => name)));
  });

  it.each(commands.map(({ name }) => name))(
    'prints the help and, where it is seen, what was wrong, and exits 2 for %s',
    async (name) => {
      const row = wrongUse.find(([[first]]) => first === name);
      for (const args of [[name, '--frobnicate'], [...(row?.[0] ?? [])], [...(row?.[0] ?? []), '--json']]) {
        const { code, out, err } = await said(...args);
        expect({ code, out }).toEqual({ code: 2, out: '' });
        expect(err.startsWith(helpOf(commands))).toBe(true);
        expect(err.slice(helpOf(commands).length)).toMatch(/^\n\S.*\n$/);
      }
      expect((await said(name, '--help')).code).toBe(0);
    },
  );

  it.each(commands.map((command) => [command.name, command] as const))('has help for all that %s takes', (_, one) => {
    const help = helpOf([one]);
    expect(help).toContain(`redress ${one.name}`);
    for (const option of one.takes) expect(help).toContain(`--${option}`);
  });

  it.each(commands.map(({ name }) => name))('has a line in the documents for %s', (name) => {
    expect(document).toMatch(new RegExp(`^\\|.*\`npx redress ${name}[ \`]`, 'm'));
  });

  it('has no line in the documents for a command that does not exist', () => {
    const named = [...document.matchAll(/npx redress ([a-z][a-z-]*)/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(commands.map(({ name }) => name)));
  });

  it.each(['runbook', 'drills', 'disaster-recovery'])(
    'takes every command of the document %s as it stands there',
    async (name) => {
      const text = readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8');
      const typed = [...text.matchAll(/`npx\s+redress\s+([^`]+)`/g)].map(([, words = '']) => words.split(/\s+/));
      expect(typed).not.toEqual([]);
      vi.stubEnv('REDRESS_URL', '');
      vi.stubEnv('REDRESS_DATA', '/nowhere');
      for (const words of typed) {
        const { code, err } = await said(...words.map((word) => stands[word] ?? word));
        // There is no stack to ask: 1, where wrong use would be 2.
        expect({ words, code, said: code === 1 ? '' : err.split('\n').at(-2) }).toEqual({ words, code: 1, said: '' });
      }
    },
  );
});
