import { z } from 'zod';

export type TestCounts = { passed: number; failed: number; skipped: number };

/** What is used of vitest's JSON report. */
const reportShape = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/**
 * Counts of a test run. A file that could not be loaded, and a run that ended badly for a reason outside any test, count as
 * one failure each.
 */
export function countTests(report: string, succeeded: boolean): TestCounts {
  if (report === '') return { passed: 0, failed: 1, skipped: 0 };
  const read = reportShape.parse(JSON.parse(report));
  const unloaded = read.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = read.numFailedTests + unloaded.length;
  return {
    passed: read.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: read.numPendingTests + read.numTodoTests,
  };
}
