import type { StatusChangesSubscription } from '../generated/data/graphql.ts';

export type StatusChange = NonNullable<StatusChangesSubscription['deviceStatusChanged']>;

/** How what is on the page stands to what is. `asOf`: when it was last known to be current; null before the first time. */
export type LiveState =
  | { phase: 'connecting'; since: Date; asOf: null }
  | { phase: 'live'; since: Date }
  | { phase: 'reconnecting'; since: Date; asOf: Date; reason: string | null };

/** How many of the last changes are kept: an hour of a bad day, and bounded on a screen that runs for weeks. */
export const KEPT_CHANGES = 1_000;
const KEPT_MS = 3_600_000;

/** The changes of the last hour, newest first, with those that came. What came twice, around a renewed connection, stays once. */
export function keepRecent(
  kept: readonly StatusChange[],
  came: readonly StatusChange[],
  now: number,
): readonly StatusChange[] {
  const known = new Set(kept.map(({ cursor }) => cursor));
  const fresh = came.filter(({ cursor }, index) => {
    const isFirst = came.findIndex((other) => other.cursor === cursor) === index;
    return isFirst && !known.has(cursor);
  });
  return [...fresh.reverse(), ...kept].filter(({ at }) => now - Date.parse(at) < KEPT_MS).slice(0, KEPT_CHANGES);
}

/** The next state when the stream says how it stands. */
export function nextLive(
  current: LiveState,
  stream: { phase: 'connecting' | 'live' | 'reconnecting' | 'ended'; reason: string | null },
  now: Date,
): LiveState {
  if (stream.phase === 'live') return current.phase === 'live' ? current : { phase: 'live', since: now };
  if (current.phase === 'connecting') return current;
  const { reason } = stream;
  return current.phase === 'reconnecting'
    ? { ...current, reason }
    : { phase: 'reconnecting', since: now, asOf: now, reason };
}
