import { callerError } from '@wheelhouse/kit/errors.ts';

/** What is put together for one answer takes memory, and seconds of the process that serves everybody. */
const MAX_TOGETHER = 100_000;

const MENDS = { step: 'with a shorter range or a longer step', first: 'with a smaller first', at: 'at fewer times' };

/**
 * A check for one request, which counts what it asks for under all its names: aliases must not make many answers of one that is too large.
 *
 * @param field the argument that makes them fewer
 * @returns takes how many points or rows each of how many devices may have
 * @throws BAD_USER_INPUT when what the request asks for would be too many together
 */
export function createTogetherCheck(field: keyof typeof MENDS): (devices: number, each: number) => void {
  let total = 0;
  return (devices, each) => {
    total += devices * each;
    if (total <= MAX_TOGETHER) return;
    const besides = total > devices * each ? ', with what the request asks for besides,' : '';
    const message = `${devices} devices with ${each} each are${besides} more than ${MAX_TOGETHER} at once`;
    throw callerError('BAD_USER_INPUT', `${message}: ask for fewer devices, or ${MENDS[field]}`, field);
  };
}
