import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { costDocumentOf } from './cost-document.ts';
import { documentOf } from './document.ts';
import type { Row } from './row.ts';

export const resultsFile = fileURLToPath(new URL('./results.json', import.meta.url));
export const documentFile = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

export const readResults = (file: string): readonly Row[] =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : [];

export const costFile = fileURLToPath(new URL('../docs/cost.md', import.meta.url));

/** One row a line, so that a change of one figure is a change of one line. */
export const writeResults = (file: string, rows: readonly Row[]): void =>
  writeFileSync(file, `[\n${rows.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`);

export function writeDocuments(rows: readonly Row[]): void {
  writeFileSync(documentFile, documentOf(rows));
  writeFileSync(costFile, costDocumentOf(rows));
}

/** The rows of one measure replace those it had before, all of them. */
export const merged = (rows: readonly Row[], measure: string, found: readonly Row[]): readonly Row[] => [
  ...rows.filter(({ name }) => !name.startsWith(`${measure}.`)),
  ...found,
];
