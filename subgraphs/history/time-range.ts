import { callerError } from '@wheelhouse/kit/errors.ts';

export const DAY_MS = 86_400_000;

/** From when to before when, in milliseconds since the epoch. */
export type Span = { fromMs: number; toMs: number };

/** Nothing was recorded before, and PostgreSQL and RFC 3339 do not agree on years beyond four digits. */
const FIRST_MS = Date.UTC(1970, 0, 1);
const LAST_MS = Date.UTC(3000, 0, 1);

/** Whether an instant lies in the years 1970 to 2999. */
export const isAskable = (ms: number): boolean => ms >= FIRST_MS && ms < LAST_MS;

/** @throws BAD_USER_INPUT naming `field` when the instant is not in the years 1970 to 2999 */
export function checkInstant(at: Date, field: string): number {
  const ms = at.getTime();
  if (!isAskable(ms))
    throw callerError(
      'BAD_USER_INPUT',
      `${field} must lie in the years 1970 to 2999, and is ${at.toISOString()}`,
      field,
    );
  return ms;
}

/** @throws BAD_USER_INPUT unless `from` is before `to`, and both lie in the years 1970 to 2999 */
export function checkSpan({ from, to }: { from: Date; to: Date }): Span {
  const span = { fromMs: checkInstant(from, 'from'), toMs: checkInstant(to, 'to') };
  if (span.fromMs >= span.toMs) {
    const message = `from must be before to, and ${from.toISOString()} is not before ${to.toISOString()}`;
    throw callerError('BAD_USER_INPUT', message, 'from');
  }
  return span;
}
