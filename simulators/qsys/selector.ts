import { ERROR, QrcError } from './errors.ts';

const TERM = /^(!?)(?:(\*)|(\d{1,5})(?:-(\d{1,5}))?)$/;

/**
 * The channels that a mixer's selector names, ascending: numbers and ranges, parted by spaces or commas, `*` for all, and `!`
 * before what is not meant ("1-8 !3"). Where only that is said ("!3"), all others are meant.
 *
 * @throws QrcError illegalChannel for one that the mixer lacks, invalidParams when it can't be read
 */
export function selectChannels(selector: string | number, count: number): number[] {
  const terms = String(selector)
    .split(/[\s,]+/)
    .filter((term) => term !== '');
  if (terms.length === 0) throw new QrcError(ERROR.invalidParams, 'The channel selector is empty');
  const chosen = new Set<number>();
  const barred = new Set<number>();
  for (const term of terms) {
    const [, not, all, first, last] = TERM.exec(term) ?? [];
    if (not === undefined) throw new QrcError(ERROR.invalidParams, `'${term}' is no channel selector`);
    const from = all === undefined ? Number(first) : 1;
    const to = all === undefined ? Number(last ?? first) : count;
    if (from > to && all === undefined) throw new QrcError(ERROR.invalidParams, `'${term}' counts downwards`);
    if (from < 1 || to > count)
      throw new QrcError(ERROR.illegalChannel, `'${term}' is not within channels 1 to ${count}`);
    for (let channel = from; channel <= to; channel++) (not === '!' ? barred : chosen).add(channel);
  }
  const isOnlyBarred = terms.every((term) => term.startsWith('!'));
  const candidates = isOnlyBarred ? Array.from({ length: count }, (_, i) => i + 1) : [...chosen];
  return candidates.filter((channel) => !barred.has(channel)).sort((a, b) => a - b);
}
