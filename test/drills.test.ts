import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commands } from '../cli/commands.ts';

/** Cases of the failure list of which a part can only be practised, with what AWS, vendors or people do. */
const practised = [28, 33, 90, 114, 115, 116, 118, 138];

const read = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
const text = read('drills.md');
const drills = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((part) => [Number(/^F(\d+) /.exec(part)?.[1]), part] as const),
);

/** As GitHub makes links of headings. */
const anchors = (document: string) =>
  [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );

describe('the drills', () => {
  it('are those of the cases that want one, in their order', () => {
    expect([...drills.keys()]).toEqual(practised);
  });

  it.each(practised)('say of F%i how to practise it, what must be seen, and what is to be done after', (number) => {
    const words = [...(drills.get(number) ?? '').matchAll(/^- \*\*(.+?)\*\*: \S/gm)].map(([, word]) => word);
    expect(words).toEqual(expect.arrayContaining(['Practise', 'See', 'Not well if', 'After']));
  });

  it('name commands and places that exist', () => {
    const named = [...text.matchAll(/npx redress ([a-z][a-z-]*)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(commands.map((one) => one.name)).toContain(name);
    const links = [...text.matchAll(/\]\(([a-z-]+\.md)(?:#([^)]+))?\)/g)];
    for (const [, file = '', anchor] of links)
      if (anchor === undefined) expect(read(file)).not.toBe('');
      else expect(anchors(read(file)), `${file}#${anchor}`).toContain(anchor);
  });
});
