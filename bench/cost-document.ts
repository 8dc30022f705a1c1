import { assumed, dollarsOf } from './bill.ts';
import { idle } from './idle.ts';
import { type Priced, prices } from './prices.ts';
import type { Row } from './row.ts';

/** `docs/cost.md`, from the results, the prices and the assumptions, and from nothing else. */
export function costDocumentOf(rows: readonly Row[]): string {
  const found = (name: string) => rows.find((one) => one.name === `cost.${name}`);
  const value = (name: string) => found(name)?.value ?? Number.NaN;
  const total = found('million');
  return `# What it costs

Made by \`npm run bench -- --only cost\` and \`npm run bench:docs\` from \`bench/results.json\` and \`bench/prices.ts\`; do not edit.

A million refunds cost **${money(sumOf(value, ''))}** on AWS, and **${money(sumOf(value, 'baseline-'))}** in the usual design:
${(sumOf(value, '') / sumOf(value, 'baseline-')).toFixed(2)} times as much. The goal was ${total?.goal}, and is **${total?.holds ? 'met' : 'missed'}**. Prices of us-east-1, on demand,
without free tiers, discounts, storage, backups, taxes, or what the gateway takes.

## The arithmetic

Units of one refund, from the capture webhook of its payment to the last news of it, times a million, times the price. *Usual* is
\`bench/baseline\`: middy, Powertools, transactions.

${tableOf(value)}

Write units, read units, SQS and KMS requests are counted at the SDK's clients, against the same embedded engines, by the same
meter. The usual design is given as many webhooks as ours was sent, which it takes without checking their signature or asking a gateway; both
sides pay for the gateway's time. Invocations follow from webhooks, messages and, on our side, transactions. Each refund is alone on the installation, so that nothing is batched: the dearest case; the hourly limits, whose counts are written once for a two-hundredth of a limit, are not in it. The engines' units are
theirs; no bill of AWS was ever compared with them. Our 0 KMS requests are one for a data key in a thousand webhooks or five minutes of a warm
function; an installation with a few refunds an hour asks for one at nearly each webhook.

${assumptions}

## What dominates

${dominates(value)}
${whereOf(rows)}
Ours writes more because it keeps more: a notice of every webhook, a chain of hashes for each refund and payment, a head with three indexes that
hold whole items, and what a sweep needs to find whatever got stuck.

With volume, messages come ten at a time and stream records a hundred at a time: the lines of SQS, Lambda, logs and traces fall on both
sides, write units do not. Provisioned or reserved capacity lowers their price, not their number.

${notGuaranteed}

## An idle installation, by the month

${idleTable()}

Counted from \`stacks/\` by hand, with one gateway queue. Secrets, custom metrics (only those that were ever said), what a key costs more after each
of its first two rotations, storage and backups come on top.

## The prices

${priceTable()}
`;
}

const assumptions = `**Assumed, for both sides alike:** a function has ${assumed.memoryGb} GB; an invocation takes ${assumed.invocationMs} ms and ${assumed.callMs} ms more for
each call to AWS, and the one that asks the gateway ${assumed.gatewayMs} ms more; ${assumed.logBytes} bytes of logs for an invocation; one
invocation in ${1 / assumed.traced} is traced. A webhook, a message and, on our side, a transaction of the journal are one invocation each. The relay's reads of
the stream cost nothing where Lambda makes them.`;

const notGuaranteed = `## What the usual design does not guarantee

It is what is usually written, in its leanest form: nothing was added to make it dear. It claims: each message worked once by its idempotency
record, an audit event in the transaction of each step after the acceptance, never more promised than a payment still has. Not in it, and in ours:

- A crash after the transaction and before the message to the next worker is left to the redelivery of the first one, whose transaction is then
  refused: somebody has to look. There is no outbox, no sweep, no alarm after a bounded time.
- A lost answer of the gateway: nothing looks the refund up before a repetition, and nothing says when a key has run out.
- Audit events can be changed or left out unnoticed: no chain, no check of balances against facts.
- Gateway webhooks are not on record before they are answered, and a second one with other content is not noticed.
- Kill switches, the gate of a gateway account, disputes, restores, lists by day and by order, a shop that is told.

An outbox alone would add an item, and its deletion, to each of its transactions.`;

type Value = (name: string) => number;

const names = Object.keys(prices) as Priced[];
const money = (dollars: number): string => `${dollars.toFixed(2)} $`;
const costs = (value: Value, side: '' | 'baseline-') => (name: Priced) => dollarsOf(name, value(`${side}${name}`));
/** Of the lines as they stand, so that a reader who adds them up comes to the same: the row of it is rounded to fewer digits. */
const sumOf = (value: Value, side: '' | 'baseline-'): number =>
  names.map(costs(value, side)).reduce((all, dollars) => all + Math.round(100 * dollars), 0) / 100;

function tableOf(value: Value): string {
  const ours = costs(value, '');
  const usual = costs(value, 'baseline-');
  const lines = names.map((name) => {
    const { unit, dollars, per } = prices[name];
    const price = `${dollars} / ${per.toLocaleString('en-US')}`;
    const units = (side: string) => String(value(`${side}${name}`));
    return [unit, price, units(''), money(ours(name)), units('baseline-'), money(usual(name))];
  });
  const sum = ['**all**', '', '', money(sumOf(value, '')), '', money(sumOf(value, 'baseline-'))];
  const head = ['unit', 'price', 'ours, of one', 'of a million', 'usual, of one', 'of a million'];
  return [head, ['---', '---:', '---:', '---:', '---:', '---:'], ...lines, sum]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

function dominates(value: Value): string {
  const ours = costs(value, '');
  const [first, second, third] = names.toSorted((a, b) => ours(b) - ours(a));
  const said = [first, second, third].flatMap((name) =>
    name === undefined
      ? []
      : [`${prices[name].unit} (${Math.round((100 * ours(name)) / value('million'))} % of our bill)`],
  );
  return `${said.join(', then ')}.`;
}

/** Which part of a refund's write units the journal's entries and the indexes are. */
function whereOf(rows: readonly Row[]): string {
  const units = (name: string) => rows.find((one) => one.name === `units.${name}`)?.value ?? Number.NaN;
  const rest = (units('write') - units('write-journal') - units('write-indexes')).toFixed(1);
  return `Of ${units('write')} write units, entries of the journal take ${units('write-journal')}, items of the state ${rest}, and its indexes
${units('write-indexes')}. Each item is written in a transaction and counts twice; an entry of more than 1 KB counts four times, and the first
entries of notices, payments and refunds are a little above that. The account's gate is a transaction of one item.
`;
}

function idleTable(): string {
  const lines = idle.map(({ what, arithmetic, dollars }) => `| ${what} | ${arithmetic} | ${money(dollars)} |`);
  const sum = idle.reduce((all, { dollars }) => all + dollars, 0);
  return ['| what | arithmetic | a month |', '| --- | --- | ---: |', ...lines, `| **all** | | ${money(sum)} |`].join(
    '\n',
  );
}

function priceTable(): string {
  const lines = Object.values(prices).map(({ unit, dollars, per, page, seen }) => {
    return `| ${unit} | ${dollars} for ${per.toLocaleString('en-US')} | ${page} | ${seen} |`;
  });
  return ['| unit | dollars | page | where it was read |', '| --- | ---: | --- | --- |', ...lines].join('\n');
}
