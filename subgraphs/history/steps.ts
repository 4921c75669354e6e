import { callerError } from '@wheelhouse/kit/errors.ts';
import { type Step, startOfStep } from './series.ts';
import { DAY_MS, type Span } from './time-range.ts';

const HOUR_MS = 3_600_000;
const YEAR_DAYS = 366;

/** The longest range of each step, so that no series has more than 2,000 points; from the shortest step to the longest. */
const LONGEST: readonly { step: Step; days: number; text: string }[] = [
  { step: 'HOUR', days: 62, text: '62 days' },
  { step: 'DAY', days: 5 * YEAR_DAYS, text: '5 years' },
  { step: 'WEEK', days: 20 * YEAR_DAYS, text: '20 years' },
  { step: 'MONTH', days: 20 * YEAR_DAYS, text: '20 years' },
];

/** Where the step that begins at `startMs` ends. */
function endOfStep(step: Step, startMs: number): number {
  if (step === 'HOUR') return startMs + HOUR_MS;
  if (step === 'DAY') return startMs + DAY_MS;
  if (step === 'WEEK') return startMs + 7 * DAY_MS;
  const at = new Date(startMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

/**
 * The whole steps of UTC's calendar that a range touches, oldest first.
 *
 * @throws BAD_USER_INPUT naming the step that fits when the range is too long for this one
 */
export function stepsOf(step: Step, { fromMs, toMs }: Span): Span[] {
  const days = (toMs - fromMs) / DAY_MS;
  const limit = LONGEST.find((each) => each.step === step);
  if (limit !== undefined && days > limit.days) {
    const fitting = LONGEST.find((each) => days <= each.days);
    const message = `a range of ${Math.ceil(days)} days is too long for ${step}, which reaches over ${limit.text}`;
    throw callerError(
      'BAD_USER_INPUT',
      fitting ? `${message}: ${fitting.step} fits` : message,
      fitting ? 'step' : 'from',
    );
  }
  const steps: Span[] = [];
  for (let startMs = startOfStep(step, fromMs); startMs < toMs; ) {
    const endMs = endOfStep(step, startMs);
    steps.push({ fromMs: startMs, toMs: endMs });
    startMs = endMs;
  }
  return steps;
}
