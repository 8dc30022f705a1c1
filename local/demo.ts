import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readBooks } from '../lib/adapters/aws/books.ts';
import { holds } from '../lib/app/audit.ts';
import type { Entry } from '../lib/domain/chain.ts';
import type { Event } from '../lib/domain/events.ts';
import { print } from '../lib/domain/money.ts';
import { iso } from '../lib/domain/time.ts';
import { givenOptions, wrongUse } from './arguments.ts';
import { tableNames } from './aws.ts';
import { openDataFolder } from './data-folder.ts';
import { type Compared, compare, words } from './demo/compare.ts';
import { play } from './demo/play.ts';
import { listener } from './demo/quiet.ts';
import { stories } from './demo/stories.ts';
import type { Story } from './demo/story.ts';
import { settledAudit } from './settled-audit.ts';
import { type Stack, startStack } from './stack.ts';

/** How the demo speaks: to people, or one JSON object per line. */
interface Voice {
  say(line: string): void;
  event(entry: Entry<Event>): void;
  json(value: unknown): void;
  /** A story begins, and has ended when nothing of it is under way any more. */
  begin(story: string): void;
  quiet(): Promise<void>;
}

const usage = `npm run demo -- [--story NAME]... [--json]
  --story     only this one of ${stories.map((story) => story.name).join(', ')}
  --json      one JSON object per line
  --help, -h  this text`;

/**
 * `npm run demo`: the whole system on free ports and a fresh folder, a few stories, and after each one what the gateway really did
 * beside what our journal says. Exits 1 where they disagree, or a story did not come out as it must.
 */
async function main(): Promise<boolean> {
  const { values } = givenOptions(
    {
      options: {
        json: { type: 'boolean', default: false },
        story: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    },
    usage,
  );
  const strange = values.story?.find((name) => !stories.some((story) => story.name === name));
  if (strange !== undefined) wrongUse(`There is no story "${strange}".`, usage);
  const chosen = values.story === undefined ? stories : stories.filter((story) => values.story?.includes(story.name));
  const path = mkdtempSync(join(tmpdir(), 'redress-demo-'));
  const opened = openDataFolder(path);
  if (opened.is === 'in-use') throw new Error('a fresh folder is in use');
  const voice = voiceOf(values.json);
  const stack = await startStack({
    folder: opened.folder,
    port: 0,
    logLevel: 'SILENT',
    report: () => undefined,
    onEntry: voice.event,
  });
  try {
    return await tellAll(stack, chosen, voice);
  } finally {
    await stack.stop();
    rmSync(path, { recursive: true, force: true });
  }
}

async function tellAll(stack: Stack, chosen: readonly Story[], voice: Voice): Promise<boolean> {
  voice.say(
    'Redress, all of it on this machine: DynamoDB, SQS and KMS engines, a simulated Stripe, the real handlers.\n',
  );
  const summary: Compared[] = [];
  for (const story of chosen) summary.push(await tell(stack, story, voice));
  const report = await settledAudit(() => readBooks(stack.aws.dynamo, tableNames));
  const proved = holds(report);
  voice.say('What Stripe did, and what the journal says');
  for (const one of summary) {
    const verdict = one.agree ? 'agree' : `DISAGREE: ${one.problem}`;
    voice.say(
      `  ${one.story.padEnd(14)} Stripe: ${words(one.gateway).padEnd(24)} journal: ${words(one.journal).padEnd(24)} ${verdict}`,
    );
  }
  voice.say(
    `  ${'audit'.padEnd(14)} ${report.entries} entries in ${report.streams} chains: ${proved ? 'every chain holds, every balance follows from its facts' : 'BROKEN'}`,
  );
  voice.json({ summary });
  return proved && summary.every((one) => one.agree);
}

async function tell(stack: Stack, story: Story, voice: Voice): Promise<Compared> {
  voice.begin(story.name);
  voice.say(`${story.title}\n  (${story.point})`);
  const actors = play(stack);
  const failure = await story.run(actors).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : 'the story stopped'),
  );
  const compared = await compare(story, actors, failure);
  await voice.quiet();
  voice.say(
    `  Stripe: ${words(compared.gateway)}. Journal: ${words(compared.journal)}. ${compared.agree ? 'They agree.' : `THEY DISAGREE: ${compared.problem}.`}\n`,
  );
  return compared;
}

function voiceOf(json: boolean): Voice {
  const write = (text: string) => {
    process.stdout.write(`${text}\n`);
  };
  const heard = listener({ now: () => performance.now(), wait });
  return json
    ? {
        begin: () => undefined,
        quiet: async () => undefined,
        say: () => undefined,
        event: ({ at, stream, actor, correlation, events }) => {
          for (const { type } of events) write(JSON.stringify({ at, stream, actor, correlation, event: type }));
        },
        json: (value) => write(JSON.stringify(value)),
      }
    : {
        begin: heard.begin,
        quiet: heard.quiet,
        say: write,
        event: (entry) => {
          const earlier = heard.hear(entry);
          const of = earlier === undefined ? '' : `  (of ${earlier})`;
          const { at, actor, events } = entry;
          for (const event of events)
            write(`    ${iso(at).slice(11, 23)}  ${event.type.padEnd(22)} ${actor.padEnd(20)} ${detail(event)}${of}`);
        },
        json: () => undefined,
      };
}

/** A few words on what the event is about; never a reference. */
function detail(event: Event): string {
  switch (event.type) {
    case 'notice.recorded':
      return event.word;
    case 'refund.requested':
      return `${event.return.id}, ${print({ amountMinor: event.quote.amountMinor, currency: event.currency })}`;
    case 'refund.held':
    case 'refund.denied':
    case 'leg.held':
      return event.reasons.join(', ');
    case 'leg.sending':
      return `request ${event.sending} under key ${event.key}`;
    case 'leg.accepted':
      return `${event.theirs} ${event.state}, says the gateway's ${event.source}`;
    case 'leg.unknown':
      return event.why;
    case 'notice.settled':
      return event.outcome;
    default:
      return '';
  }
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'the demo stopped'}\n`);
    process.exit(1);
  },
);
