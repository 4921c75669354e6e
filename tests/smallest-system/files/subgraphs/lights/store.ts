import { problemOf } from '@wheelhouse/contracts/observations.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { type FeedCopy, isPresent } from '@wheelhouse/kit/feed-copy.ts';
import { insertRows, setColumns } from '@wheelhouse/kit/rows.ts';
import { sql } from 'drizzle-orm';
import type { Look } from './http.ts';
import { feedCursors, lights, targets } from './tables.ts';

export type LightRow = typeof lights.$inferSelect;
export type TargetRow = typeof targets.$inferSelect;

/** Our copy of the registry. */
export const registryCopy: FeedCopy = {
  feed: 'registry',
  cursors: feedCursors,
  entries: targets,
  id: targets.deviceId,
};

/** The targets with these ids that are not removed, in no order. */
export const findTargets = (db: Queryable, ids: readonly string[]): Promise<TargetRow[]> =>
  db.select().from(targets).where(isPresent(registryCopy, ids));

export const findLights = (db: Queryable, ids: readonly string[]): Promise<LightRow[]> =>
  db.select().from(lights).where(isAmong(lights.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

const MEASURED = new Set(['measured_at', 'round_trip_ms']);
const CHANGES = setColumns(lights, (name) =>
  MEASURED.has(name) ? `coalesce(excluded.${name}, held.${name})` : `excluded.${name}`,
);

/** Keeps what a chunk's looks found, in one statement. A look of an older slot than the one we have changes nothing. */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  const rows = looked
    .map(({ deviceId, at, look }) => ({
      ...{ deviceId, slot, lookProblem: problemOf(look) },
      ...(look.kind === 'answered' && { measuredAt: at, roundTripMs: look.roundTripMs }),
    }))
    // In the order of ids, so that two chunks with a light in common can't lock each other out.
    .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    ${insertRows(lights, rows)}
    on conflict (device_id) do update set ${CHANGES} where held.slot <= excluded.slot`);
}
