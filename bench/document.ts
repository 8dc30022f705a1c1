import { chapters } from './chapters.ts';
import type { Row } from './row.ts';

/** `docs/performance.md`, from the results and from nothing else. */
export function documentOf(rows: readonly Row[]): string {
  const value = (name: string) => rows.find((one) => one.name === name)?.value;
  const parts = chapters.flatMap(({ measure, title, text }) => {
    const own = rows.filter(({ name }) => name.startsWith(`${measure}.`));
    return own.length === 0 ? [] : [`## ${title}\n\n${text.trim()}\n\n${tableOf(own)}`];
  });
  const missed = rows.filter(({ holds }) => holds === false);
  return `${[
    '# Performance',
    `Made by \`npm run bench\` from \`bench/results.json\`; do not edit. Taken on a machine with ${value('machine.cores') ?? 'some'} cores under Node ${value('machine.node') ?? 'some'},
engines, load and system under test on the same cores. **Times are of that machine; the ratios carry over**, since both sides
of each ran in the same run, side by side.`,
    missed.length === 0
      ? 'Every goal was met in this run.'
      : `Goals missed in this run: ${missed.map(({ name }) => `\`${name}\``).join(', ')}.`,
    columns,
    ...parts,
  ].join('\n\n')}\n`;
}

/** What the tables' heads mean. */
const columns = `How to read the tables:

- **n**: how many observations are behind the value. A value is their median, a quantile or a rate, as the figure's name and
  the text above its table say; a count (\`calls\`) is the same each time, so one is enough.
- **compared**: the value divided by what it was compared with, measured in the same run on the same machine. \`0.5 × x\` is half
  of \`x\`; \`x\` is a row of the same table, or a limit. For times and calls less is better, for rates more is. Empty: compared
  with nothing.
- **goal**: what was promised, and whether this run met it. It is about the ratio where there is one, else about the value in
  its unit. Empty: nothing was promised, the figure is for information.`;

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, n, against, ratio, goal, holds }) => [
    `\`${name}\``,
    `${value} ${unit}`,
    String(n),
    ratio === null ? '' : `${ratio} × \`${against}\``,
    goal === null ? '' : `${goal}: ${holds === true ? 'met' : '**missed**'}`,
  ]);
  const lines = [['figure', 'value', 'n', 'compared', 'goal'], ['---', '---:', '---:', '---', '---'], ...cells];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
