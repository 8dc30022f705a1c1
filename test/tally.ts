import { readFileSync } from 'node:fs';
import process from 'node:process';

/** What vitest's JSON reporter writes, as far as it is counted. */
export interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

/** One line of numbers, and whether they are good: something ran, and nothing failed. A file that could not be read is a failure too. */
export function tally(report: Report | undefined): { readonly line: string; readonly good: boolean } {
  if (report === undefined) return { line: '0 passed, 0 failed', good: false };
  const unreadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unreadable.length;
  const skipped = report.numPendingTests + report.numTodoTests;
  const line = `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, good: report.success && failed === 0 && report.numPassedTests > 0 };
}

function reportAt(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    // No report, or half a report: vitest never got to its end.
    return undefined;
  }
}

if (import.meta.main) {
  const { line, good } = tally(reportAt(process.argv[2] ?? ''));
  process.stdout.write(`${line}\n`);
  process.exitCode = good ? 0 : 1;
}
