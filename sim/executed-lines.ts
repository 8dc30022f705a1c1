/** What Node writes for one thread where `NODE_V8_COVERAGE` is set: how often each part of each script ran. */
export interface Report {
  readonly result: readonly Script[];
}

interface Script {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    /** The first is the whole function. */
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
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

/** The lines of a script of which at least a part ran in that thread. A part that never ran is inside one that did, and counts more. */
export function executedLines(report: Report, url: string, text: string): number[] {
  const script = report.result.find((one) => one.url === url);
  if (script === undefined) return [];
  const ran = new Uint8Array(text.length).fill(1);
  const ranges = script.functions.flatMap((one) => one.ranges);
  // The wider first: what is inside comes after what it is in.
  for (const { startOffset, endOffset, count } of ranges.toSorted((a, b) => widthOf(b) - widthOf(a)))
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return linesWhere(text, (from, to) => ran.subarray(from, to).includes(1));
}

/** The lines of the functions of this name, and whether one of them ran in that thread; undefined where the script has none. */
export function linesOf(
  report: Report,
  url: string,
  text: string,
  name: string,
): { readonly lines: readonly number[]; readonly ran: boolean } | undefined {
  const script = report.result.find((one) => one.url === url);
  const named = script?.functions.filter(({ functionName }) => functionName === name) ?? [];
  const whole = named.flatMap(({ ranges }) => ranges.slice(0, 1));
  if (whole.length === 0) return undefined;
  const lines = linesWhere(text, (from, to) => whole.some((one) => from < one.endOffset && to > one.startOffset));
  return { lines, ran: whole.some(({ count }) => count > 0) };
}

/** The name of a function of this script that ran in that thread; undefined where none with a name did. */
export const anyThatRan = (report: Report, url: string): string | undefined =>
  report.result
    .find((one) => one.url === url)
    ?.functions.find(({ functionName, ranges }) => functionName !== '' && (ranges[0]?.count ?? 0) > 0)?.functionName;

const widthOf = (range: { readonly startOffset: number; readonly endOffset: number }): number =>
  range.endOffset - range.startOffset;

/** Numbers of the lines whose text, without the space around it, has something to it. */
function linesWhere(text: string, so: (from: number, to: number) => boolean): number[] {
  const lines: number[] = [];
  let from = 0;
  for (const [at, line] of text.split('\n').entries()) {
    if (so(from + line.search(/\S|$/), from + line.trimEnd().length)) lines.push(at + 1);
    from += line.length + 1;
  }
  return lines;
}
