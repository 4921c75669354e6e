import { callerError } from '@wheelhouse/kit/errors.ts';

/** What is put together for one answer takes memory, and seconds of the process that serves everybody. */
const MAX_TOGETHER = 100_000;

/**
 * @param each how many points or rows each device may have
 * @param field the argument that makes them fewer
 * @throws BAD_USER_INPUT when the devices of one operation would have too many together
 */
export function checkTogether(devices: number, each: number, field: 'step' | 'first'): void {
  if (devices * each <= MAX_TOGETHER) return;
  const message = `${devices} devices with ${each} each are more than ${MAX_TOGETHER} at once`;
  const mend = field === 'step' ? 'a shorter range or a longer step' : 'a smaller first';
  throw callerError('BAD_USER_INPUT', `${message}: ask for fewer devices, or with ${mend}`, field);
}
