import type { Saboteur } from './plant.ts';

/** What `npm run sim:saboteurs` measured of one saboteur. */
export interface Measured {
  readonly profile: string;
  /** From how many seeds the lives were counted until it was caught, and how many lives that took where it was, in their order. */
  readonly starts: number;
  readonly caught: readonly number[];
  /** The promises that caught it; which of them is first depends on the seed. */
  readonly by: readonly string[];
  /** Of a canary: in how many lives of how many it was caught. */
  readonly share?: { readonly caught: number; readonly lives: number };
}

export const measuredFile = new URL('measured.json', import.meta.url);
export const documentFile = new URL('../../docs/saboteurs.md', import.meta.url);

const before = `# Saboteurs

Bugs that somebody could write, planted into the engine as text patches while it is loaded. The [simulation](../sim/README.md) must catch
each by a promise: an exception does not count. This file is written by \`npm run sim:saboteurs\`, which runs lives with each bug from
several seeds and counts them until the bug is caught; \`npm test\` checks that it lists what there is. A saboteur is caught in its named
life by the promise that is printed first in its row; in another life another promise of the row may come first.

`;

const head = `| bug | what it does | what it changes | profile | caught by | lives until caught, median |
| --- | --- | --- | --- | --- | --- |
`;

/** The median, where whoever got away is later than all others; and of how many starts it was caught, where that is not all. */
function medianOf({ starts, caught }: Measured): string {
  if (starts === 0) return 'not measured';
  const sorted = [...caught].sort((a, b) => a - b);
  const middle = sorted[Math.floor((starts - 1) / 2)];
  const median = middle === undefined ? 'not within the lives measured' : String(middle);
  return caught.length === starts && starts >= 5
    ? median
    : `${median} (caught from ${caught.length} of ${starts} starts)`;
}

function lives(measured: Measured | undefined): string {
  if (measured === undefined) return 'not measured';
  const { share } = measured;
  if (share === undefined) return medianOf(measured);
  return `in ${((100 * share.caught) / share.lives).toFixed(1)} % of ${share.lives} lives`;
}

/** The document: every saboteur, and what was measured of it. */
export function documentOf(saboteurs: readonly Saboteur[], measured: Readonly<Record<string, Measured>>): string {
  const rows = saboteurs.map((saboteur) => {
    const { name, does, patches, profile, breaks } = saboteur;
    const files = [...new Set(patches.map(([file]) => `\`${file.replace('lib/', '')}\``))].join(', ');
    const others = (measured[name]?.by ?? []).filter((one) => one !== breaks);
    const by = [breaks, ...others].map((one) => `\`${one}\``).join(', ');
    return `| \`${name}\` | ${does} | ${files} | ${profile} | ${by} | ${lives(measured[name])} |`;
  });
  return `${before}${saboteurs.length} of them; files are below \`lib/\`.\n\n${head}${rows.join('\n')}\n`;
}
