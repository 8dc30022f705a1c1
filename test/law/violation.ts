/** A text file of the tree, its path from the root with `/`. Laws read these and nothing else, so that a planted file is as good as a real one. */
export interface File {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  /** The rule's name, as its planted test has it. */
  readonly rule: string;
  /** What stands there, and what to do about it. */
  readonly what: string;
}

/** A law: pure, so that what it says of a file depends on that list of files only. */
export type Law = (files: readonly File[]) => readonly Violation[];

export const shown = ({ path, line, rule, what }: Violation): string => `${path}:${line} ${rule}: ${what}`;

/** A violation at an offset of the file. */
export const at = (file: File, offset: number, rule: string, what: string): Violation => ({
  path: file.path,
  line: lineAt(file.text, offset),
  rule,
  what,
});

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let from = text.indexOf('\n'); from >= 0 && from < offset; from = text.indexOf('\n', from + 1)) line++;
  return line;
}
