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
    ...parts,
  ].join('\n\n')}\n`;
}

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
