import { describe, expect, it } from 'vitest';
import { countTests } from './test-counts.ts';

const aReport = (overrides: object = {}): string =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...overrides,
  });

describe('the counts of a test run', () => {
  it.each([
    ['what passed', aReport(), true, { passed: 3, failed: 0, skipped: 0 }],
    ['what was skipped', aReport({ numPendingTests: 2 }), true, { passed: 3, failed: 0, skipped: 2 }],
    ['what failed', aReport({ numFailedTests: 2 }), false, { passed: 3, failed: 2, skipped: 0 }],
    [
      'a file that could not be loaded as a failure',
      aReport({ testResults: [{ status: 'failed', assertionResults: [] }] }),
      false,
      { passed: 3, failed: 1, skipped: 0 },
    ],
    ['an error outside any test as a failure', aReport(), false, { passed: 3, failed: 1, skipped: 0 }],
    ['a run without a report as a failure', '', false, { passed: 0, failed: 1, skipped: 0 }],
  ])('name %s', (_what, report, succeeded, counts) => {
    expect(countTests(report, succeeded)).toEqual(counts);
  });
});
