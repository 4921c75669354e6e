import { STATUSES, type Status } from '../../components/status-rules.ts';

const MINUTE_MS = 60_000;
export const MINUTES = 60;
/** As many of the last changes as are told in words. */
export const TOLD = 3;
/** Cursors by which a change is known that comes twice, around a renewed connection. */
const KNOWN = 2_000;

export type HourChange = {
  readonly cursor: string;
  readonly at: string;
  readonly to: Status;
  readonly device: { readonly id: string; readonly name: string; readonly site: string } | null;
};

export type Minute = Readonly<Record<Status, number>>;

/** The changes of the last hour, counted by minute: as large on the worst day as on the best. */
export type Hour = {
  /** By minutes since the epoch. */
  readonly minutes: ReadonlyMap<number, Minute>;
  /** The newest first. */
  readonly last: readonly HourChange[];
  /** Since when all changes are counted, in ms. */
  readonly sinceMs: number;
  readonly known: ReadonlySet<string>;
};

const NONE: Minute = { OFFLINE: 0, DEGRADED: 0, UNKNOWN: 0, ONLINE: 0 };
export const emptyHour = (sinceMs: number): Hour => ({ minutes: new Map(), last: [], sinceMs, known: new Set() });

/** The hour with changes that came, newest first. Those that are known already, or older than an hour, count no more. */
export function addChanges(hour: Hour, came: readonly HourChange[], nowMs: number): Hour {
  const oldest = Math.floor(nowMs / MINUTE_MS) - MINUTES + 1;
  const minutes = new Map([...hour.minutes].filter(([minute]) => minute >= oldest));
  const known = new Set(hour.known);
  const fresh: HourChange[] = [];
  for (const change of came) {
    const minute = Math.floor(Date.parse(change.at) / MINUTE_MS);
    if (known.has(change.cursor) || minute < oldest) continue;
    known.add(change.cursor);
    const before = minutes.get(minute) ?? NONE;
    minutes.set(minute, { ...before, [change.to]: before[change.to] + 1 });
    fresh.push(change);
  }
  const last = [...fresh, ...hour.last].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, TOLD);
  return { ...hour, minutes, last, known: new Set([...known].slice(-KNOWN)) };
}

export type Bar = { minute: number; total: number; worst: Status };

/** What is drawn: minutes in which something changed, the oldest first, by their place in the hour (0 to 59). */
export function barsOf({ minutes }: Hour, nowMs: number): Bar[] {
  const oldest = Math.floor(nowMs / MINUTE_MS) - MINUTES + 1;
  return [...minutes]
    .filter(([minute]) => minute >= oldest && minute < oldest + MINUTES)
    .sort((a, b) => a[0] - b[0])
    .map(([minute, counts]) => ({
      minute: minute - oldest,
      total: STATUSES.reduce((sum, status) => sum + counts[status], 0),
      worst: STATUSES.find((status) => counts[status] > 0) ?? 'UNKNOWN',
    }));
}

/** How many changes there were, and how many of them to OFFLINE. */
export function totalsOf({ minutes }: Hour, nowMs: number): { total: number; offline: number } {
  const oldest = Math.floor(nowMs / MINUTE_MS) - MINUTES + 1;
  const counted = [...minutes].filter(([minute]) => minute >= oldest).map(([, counts]) => counts);
  return {
    total: counted.reduce((sum, counts) => sum + STATUSES.reduce((all, status) => all + counts[status], 0), 0),
    offline: counted.reduce((sum, { OFFLINE }) => sum + OFFLINE, 0),
  };
}
