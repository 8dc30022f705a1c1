import type { Faults } from './faults.ts';

/** One cell: what struck which kind of call in which function. Its name is all three, so that lives can be added up. */
const cellName = (place: string, fault: string): string => `${place} | ${fault}`;

/** Where a call is made and what it is, without what it is about: `execute write refund`, `sweep index`, `webhook`. */
export function placeOf(site: string): string {
  const [at = '', call, about] = site.split(' ');
  if (call === undefined) return at;
  const named = call === 'get' || call === 'entries' || call === 'write' || call === 'send';
  return named ? `${at} ${call} ${about ?? ''}`.trim() : `${at} ${call}`;
}

/** How often each kind of fault struck each kind of call in this life; 0 for what could have and did not. */
export function cellsOf({ sites, struck }: Pick<Faults, 'sites' | 'struck'>): ReadonlyMap<string, number> {
  const cells = new Map<string, number>();
  for (const [site, kinds] of sites) {
    for (const kind of kinds) {
      const name = cellName(placeOf(site), kind);
      cells.set(name, cells.get(name) ?? 0);
    }
  }
  for (const name of struck) {
    const [, fault = '', site = ''] = /^(\S+) at (.*) \(\d+\)$/.exec(name) ?? [];
    const cell = cellName(placeOf(site), fault);
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return cells;
}

/** The matrix as lines, one for each kind of call; then what never happened, which a run must not be praised for. */
export function matrixLines(cells: ReadonlyMap<string, number>): readonly string[] {
  const rows = Map.groupBy(
    [...cells].sort(([a], [b]) => (a < b ? -1 : 1)),
    ([name]) => name.split(' | ')[0] ?? '',
  );
  const width = Math.max(0, ...[...rows.keys()].map((place) => place.length));
  const word = ([name, count]: readonly [string, number]) => `${name.split(' | ')[1]} ${count}`;
  const lines = [...rows].map(([place, row]) => {
    const struck = row.filter(([, count]) => count > 0);
    return `${place.padEnd(width)}  ${struck.map(word).join(', ')}`;
  });
  const never = [...cells].filter(([, count]) => count === 0).map(([name]) => name);
  return [...lines, `${cells.size} cells, ${never.length} at zero:`, ...never.sort().map((name) => `  ${name}`)];
}
