import { limitsIn, restoredIn } from '../functions/wire/env.ts';
import { givenOptions } from './arguments.ts';
import { dataPath, openDataFolder } from './data-folder.ts';
import { signingSecret } from './dev-connections.ts';
import { nameOf } from './running.ts';
import { type Stack, startStack } from './stack.ts';

const usage = `npm start -- [--json]    Redress on this machine, until Ctrl-C
  --json      the ready line as one JSON object, with tokens; logs to stderr
  --help, -h  this text
Environment: PORT (default 8787), REDRESS_DATA (default .redress), REDRESS_CONNECTIONS, REDRESS_DYNAMODB_ENDPOINT,
  REDRESS_RESTORE_EPOCH, REDRESS_HOURLY_LIMIT, REDRESS_HOURLY_LIMIT_OF_ALL;
see docs/operating-embedded.md.`;

/** `npm start`: serves until SIGTERM or Ctrl-C. The last line on stdout says that it is ready; with `--json` it is one JSON object. */
async function main(): Promise<void> {
  const { values } = givenOptions(
    { options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } },
    usage,
  );
  const { json = false } = values;
  const path = dataPath(process.env);
  const opened = openDataFolder(path);
  if (opened.is === 'in-use') {
    return fail(
      `Another stack (process ${opened.pid}) runs on ${path}. Stop it, or set REDRESS_DATA to another folder.`,
    );
  }
  const port = portOf(process.env.PORT);
  if (port === undefined) return fail('PORT must be a number from 0 to 65535.');
  const stack = await startStack({
    folder: opened.folder,
    port,
    ownConnections: process.env.REDRESS_CONNECTIONS,
    restored: restoredIn(process.env),
    limits: limitsIn(process.env),
    logLevel: json ? 'INFO' : 'WARN',
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(stack));
  process.stdout.write(json ? `${JSON.stringify(readyLine(stack))}\n` : `${hints(stack)}ready ${stack.url}\n`);
}

/** Set and empty is the default too, as for every other variable: 0 is asked for by its digit. */
function portOf(text: string | undefined): number | undefined {
  const digits = text === undefined || text === '' ? '8787' : text;
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}

async function stop(stack: Stack): Promise<void> {
  await stack.stop();
  process.exit(0);
}

const readyLine = (stack: Stack) => ({
  ready: stack.url,
  connections: Object.fromEntries(
    Object.entries(stack.connections).map(([name, connection]) => [
      name,
      {
        kind: connection.kind,
        platform: connection.platform,
        secret: signingSecret(connection, Date.now()),
        ...(connection.settings.shop !== undefined && { shop: connection.settings.shop }),
      },
    ]),
  ),
  tokens: stack.tokens,
});

const hints = ({ url, connections }: Stack) =>
  [
    `connections  ${Object.keys(connections).join(', ')}`,
    `gateway      ${url}/sim/stripe/_refunds  (what the simulated Stripe really did)`,
    'try          npx redress send-return --amount 42.00',
    '',
  ].join('\n');

function sentenceOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'The port is taken. Stop what uses it, or set PORT to another one (0 takes a free one).';
  }
  return error instanceof Error ? error.message : nameOf(error);
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  fail(sentenceOf(error));
  process.exit(1);
});
