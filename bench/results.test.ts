import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { billOf, type Units } from './bill.ts';
import { chapters } from './chapters.ts';
import { costDocumentOf } from './cost-document.ts';
import { documentOf } from './document.ts';
import { prices } from './prices.ts';
import { costFile, documentFile, merged, readResults, resultsFile } from './results.ts';
import { holds, row } from './row.ts';

it('docs/performance.md is what the generator makes of the committed results: run `npm run bench:docs`', () => {
  expect(readFileSync(documentFile, 'utf8')).toBe(documentOf(readResults(resultsFile)));
});

it('docs/cost.md is what the generator makes of the committed results and the prices: run `npm run bench:docs`', () => {
  expect(readFileSync(costFile, 'utf8')).toBe(costDocumentOf(readResults(resultsFile)));
});

it('the committed bill is the sum of the committed units at the prices of the list', () => {
  const value = (name: string) => readResults(resultsFile).find((one) => one.name === name)?.value ?? Number.NaN;
  for (const side of ['', 'baseline-']) {
    const units = Object.fromEntries(Object.keys(prices).map((name) => [name, value(`cost.${side}${name}`)])) as Units;
    expect(billOf(units) / value(`cost.${side}million`)).toBeCloseTo(1, 2);
  }
});

it('the committed results judge themselves as their own numbers say', () => {
  for (const { name, value, ratio, goal, holds: said } of readResults(resultsFile))
    expect([name, said]).toEqual([name, goal === null ? null : holds(ratio ?? value, goal)]);
});

it('every committed figure has a chapter that says what it means', () => {
  const explained = new Set(['machine', ...chapters.map(({ measure }) => measure)]);
  const measures = new Set(readResults(resultsFile).map(({ name }) => name.split('.')[0] ?? ''));
  expect([...measures].filter((measure) => !explained.has(measure))).toEqual([]);
});

it('a measure that runs again replaces all of its rows and no other', () => {
  const old = [row({ name: 'a.x', value: 1, unit: 's', n: 1 }), row({ name: 'ab.x', value: 2, unit: 's', n: 1 })];
  const found = [row({ name: 'a.y', value: 3, unit: 's', n: 1 })];
  expect(merged(old, 'a', found).map(({ name }) => name)).toEqual(['ab.x', 'a.y']);
});

it('a missed goal is said in the document, and not softened', () => {
  const missed = row({
    name: 'cpu.first',
    value: 9,
    unit: 'µs',
    n: 1,
    against: { name: 'cpu.b', value: 1 },
    goal: '<= 0.5',
  });
  expect(documentOf([missed])).toContain('Goals missed in this run: `cpu.first`.');
  expect(documentOf([missed])).toContain('**missed**');
});
