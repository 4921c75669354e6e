/** What an export is asked for: the parameters of /export/history (docs/analysts.md). */
export type Export = {
  kind: 'samples' | 'availability';
  step: 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';
  format: 'csv' | 'ndjson';
  from: Date;
  to: Date;
  site: string | null;
  system: string | null;
};

export const EXPORT_STEPS = { samples: ['HOUR', 'DAY'], availability: ['DAY', 'WEEK', 'MONTH'] } as const;
export const EXPORT_DAYS = 400;
const DAY_MS = 86_400_000;

export const isTooLong = ({ from, to }: { from: Date; to: Date }): boolean =>
  to.getTime() - from.getTime() > EXPORT_DAYS * DAY_MS;

/** Where the file is had. */
export function exportPath({ kind, step, format, from, to, site, system }: Export): string {
  const parameters = new URLSearchParams({ kind, step, format, from: from.toISOString(), to: to.toISOString() });
  if (site !== null) parameters.set('site', site);
  if (system !== null) parameters.set('system', system);
  return `/export/history?${parameters}`;
}

/** The name that the server gave the file; `fallback` where it gave none. */
export const fileNameIn = (disposition: string | null, fallback: string): string =>
  /filename="([^"/\\]+)"/.exec(disposition ?? '')?.[1] ?? fallback;

/** What a file that comes in has so far. `rest` is its last line, which may not be whole yet; `last` the device of the line before. */
export type Counted = { rows: number; devices: number; rest: string; last: string | null };

export const NOTHING_COUNTED: Counted = { rows: 0, devices: 0, rest: '', last: null };

/**
 * Counts rows, and devices by the first cell: rows come by device (docs/analysts.md). A line's end within a quoted cell counts for a row: it is
 * told as progress, and nothing more.
 */
export function countIn(before: Counted, text: string): Counted {
  const lines = (before.rest + text).split('\n');
  const rest = lines.pop() ?? '';
  let { devices, last } = before;
  for (const line of lines) {
    const device = line.slice(0, line.indexOf(','));
    if (device !== last) devices += 1;
    last = device;
  }
  return { rows: before.rows + lines.length, devices, rest, last };
}

/** How many devices are done: the one that is under way is not, and the head of a CSV is none. */
export const devicesDone = ({ devices }: Pick<Counted, 'devices'>, format: Export['format']): number =>
  Math.max(devices - (format === 'csv' ? 2 : 1), 0);

/** `3.4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${size.toLocaleString('en', { maximumFractionDigits: size < 10 ? 1 : 0 })} ${unit}`;
}
