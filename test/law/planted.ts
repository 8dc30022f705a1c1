import { expect } from 'vitest';
import type { File, Law } from './violation.ts';

/** A file that never existed. */
export const plant = (path: string, text: string): File => ({ path, text });

/** What a law finds in planted files, as `rule path:line`. */
export function found(law: Law, ...files: readonly File[]): string[] {
  return law(files).map(({ rule, path, line }) => `${rule} ${path}:${line}`);
}

/** The law finds exactly one thing, this one, on the line that has the mark `// here`; without a mark, on the first line. */
export function expectOnly(law: Law, rule: string, file: File, ...others: readonly File[]): void {
  const line = file.text.split('\n').findIndex((text) => text.includes('// here')) + 1;
  expect(found(law, file, ...others)).toEqual([`${rule} ${file.path}:${Math.max(line, 1)}`]);
}
