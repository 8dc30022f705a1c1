/** What Node writes for one thread where `NODE_V8_COVERAGE` is set: how often each part of each script ran. */
export interface Report {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Parts of a hundred. All of nothing is everything. */
export const share = (part: number, all: number): number => (all === 0 ? 100 : (part / all) * 100);

/** Numbers of the lines of a script, from 1, on which something can be executed: no comments, no imports, no mere brackets. */
export function countedLines(text: string): number[] {
  const counted: number[] = [];
  let [inComment, inImport] = [false, false];
  for (const [at, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (!inComment && line.startsWith('/*')) inComment = true;
    if (!inComment && !inImport && /^import\b(?!\()/.test(line)) inImport = true;
    if (!inComment && !inImport && !line.startsWith('//') && /[\w$'"`]/.test(line)) counted.push(at + 1);
    if (inComment && line.includes('*/')) inComment = false;
    if (inImport && line.endsWith(';')) inImport = false;
  }
  return counted;
}

/** The lines of a script of which at least a part ran in that thread. A part that ran never is inside one that did, and counts more. */
export function executedLines(report: Report, url: string, text: string): number[] {
  const script = report.result.find((one) => one.url === url);
  if (script === undefined) return [];
  const ran = new Uint8Array(text.length).fill(1);
  const ranges = script.functions.flatMap((one) => one.ranges);
  // The wider first: what is inside comes after what it is in.
  for (const { startOffset, endOffset, count } of ranges.toSorted((a, b) => widthOf(b) - widthOf(a)))
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  const lines: number[] = [];
  let from = 0;
  for (const [at, line] of text.split('\n').entries()) {
    const first = from + line.search(/\S|$/);
    if (ran.subarray(first, from + line.trimEnd().length).includes(1)) lines.push(at + 1);
    from += line.length + 1;
  }
  return lines;
}

const widthOf = (range: { readonly startOffset: number; readonly endOffset: number }): number =>
  range.endOffset - range.startOffset;
