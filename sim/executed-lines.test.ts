import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { anyThatRan, countedLines, executedLines, linesOf, type Report, share } from './executed-lines.ts';
import { neverExecuted, wholeFile } from './never-executed.ts';

const text = `import { a } from 'a';
import {
  b,
} from 'b';

/** Says
 * nothing. */
export function yes(of) {
  // Not this.
  if (of) {
    return a;
  }
  return b;
}
function no() { return 1; }
`;

/** A report in which `yes` ran, but for its first return, and `no` did not. */
const report: Report = {
  result: [
    {
      url: 'file:///x.ts',
      functions: [
        ran('', text.indexOf('import'), text.length, 1),
        ran('yes', text.indexOf('function yes'), text.indexOf('function no'), 2, [
          text.indexOf('{\n    return a'),
          text.indexOf('  return b'),
        ]),
        ran('no', text.indexOf('function no'), text.length, 0),
      ],
    },
  ],
};

function ran(functionName: string, startOffset: number, endOffset: number, count: number, but?: [number, number]) {
  const never = but === undefined ? [] : [{ startOffset: but[0], endOffset: but[1], count: 0 }];
  return { functionName, ranges: [{ startOffset, endOffset, count }, ...never] };
}

it('counts the lines that do something, and of those the ones that ran', () => {
  expect(countedLines(text)).toEqual([8, 10, 11, 13, 15]);
  const executed = new Set(executedLines(report, 'file:///x.ts', text));
  expect(countedLines(text).filter((line) => executed.has(line))).toEqual([8, 10, 13]);
  expect(executedLines(report, 'file:///other.ts', text)).toEqual([]);
  expect([share(1, 4), share(0, 0)]).toEqual([25, 100]);
});

it('finds a function by its name, and says whether it ran', () => {
  const of = (name: string) => linesOf(report, 'file:///x.ts', text, name);
  expect(of('no')).toEqual({ lines: [15], ran: false });
  expect(of('yes')).toMatchObject({ ran: true });
  expect(of('yes')?.lines).toContain(11);
  expect(of('maybe')).toBeUndefined();
  expect(anyThatRan(report, 'file:///x.ts')).toBe('yes');
  expect(anyThatRan(report, 'file:///other.ts')).toBeUndefined();
});

it('calls nothing out of reach that is not there', () => {
  for (const [file, functions] of Object.entries(neverExecuted)) {
    const path = new URL(`../${file}`, import.meta.url);
    expect([file, existsSync(path)]).toEqual([file, true]);
    const source = readFileSync(path, 'utf8');
    for (const [name, why] of Object.entries(functions)) {
      if (name !== wholeFile) expect([file, name, source.includes(name)]).toEqual([file, name, true]);
      expect(why.length).toBeGreaterThan(10);
    }
  }
});
