import { describe, expect, it } from 'vitest';
import { type Report, tally } from './tally.ts';

const report = (more: Partial<Report>): Report => ({
  success: true,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
  ...more,
});

describe('the last line of a run', () => {
  it.each<[string, Report | undefined, string, boolean]>([
    ['all passed', report({}), '7 passed, 0 failed', true],
    ['some skipped', report({ numPendingTests: 1, numTodoTests: 1 }), '7 passed, 0 failed, 2 skipped', true],
    ['one failed', report({ success: false, numFailedTests: 1 }), '7 passed, 1 failed', false],
    [
      'a file that can’t be read',
      report({ success: false, testResults: [{ status: 'failed', assertionResults: [] }] }),
      '7 passed, 1 failed',
      false,
    ],
    ['an error outside of every test', report({ success: false }), '7 passed, 0 failed', false],
    ['nothing ran', report({ numPassedTests: 0, testResults: [] }), '0 passed, 0 failed', false],
    ['no report', undefined, '0 passed, 0 failed', false],
  ])('says %s', (_, of, line, good) => expect(tally(of)).toEqual({ line, good }));
});
