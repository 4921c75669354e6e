/** `3`, `1-6`, `*`, and each of them with `!` before it. */
const TERM = /^(!?)(?:(\*)|(\d{1,4})(?:-(\d{1,4}))?)$/;

export type Channels = { channels: number[] } | { code: 'INVALID' | 'OUT_OF_RANGE'; message: string };

const invalid = (message: string): Channels => ({ code: 'INVALID', message });

/**
 * The channels that a selector names, ascending (QRC Commands, "Mixer Control": numbers, ranges, `*`, and `!` for what is not meant). Where
 * only that is said, as in `!3`, all others are meant.
 *
 * @param count how many there are; null where that is not known yet, and only the form is checked
 */
export function selectChannels(selector: string, count: number | null): Channels {
  const terms = selector.split(/[\s,]+/).filter((term) => term !== '');
  if (terms.length === 0) return invalid('must name at least one channel, as `1 2-4` or `*`');
  const chosen = new Set<number>();
  const barred = new Set<number>();
  for (const term of terms) {
    const [, not, all, first, last] = TERM.exec(term) ?? [];
    if (not === undefined)
      return invalid(`must be numbers, ranges as 2-4, * for all, and ! before what is not meant, and has ${term}`);
    const [from, to] = all === undefined ? [Number(first), Number(last ?? first)] : [1, count ?? 0];
    if (all === undefined && from > to) return invalid(`has ${term}, which counts downwards`);
    if (all === undefined && from < 1) return { code: 'OUT_OF_RANGE', message: `has ${term}, and channels begin at 1` };
    if (count === null) continue;
    if (to > count) return { code: 'OUT_OF_RANGE', message: `has ${term}, and must be within 1 to ${count}` };
    for (let channel = from; channel <= to; channel += 1) (not === '!' ? barred : chosen).add(channel);
  }
  if (count === null) return { channels: [] };
  const isOnlyBarred = terms.every((term) => term.startsWith('!'));
  const candidates = isOnlyBarred ? Array.from({ length: count }, (_, index) => index + 1) : [...chosen];
  const channels = candidates.filter((channel) => !barred.has(channel)).sort((one, other) => one - other);
  return channels.length > 0 ? { channels } : invalid(`selects no channel of 1 to ${count}`);
}

/** The selector of ascending channels: `1-4 6`. */
export function selectorOf(channels: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const channel of channels) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === channel - 1) range[1] = channel;
    else ranges.push([channel, channel]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(' ');
}
