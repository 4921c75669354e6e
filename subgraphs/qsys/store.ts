import { problemOf } from '@wheelhouse/contracts/observations.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { type FeedCopy, isPresent } from '@wheelhouse/kit/feed-copy.ts';
import { insertRows, setColumns } from '@wheelhouse/kit/rows.ts';
import { sql } from 'drizzle-orm';
import type { Look } from './rules.ts';
import { cores, feedCursors, targets } from './tables.ts';

export type CoreRow = typeof cores.$inferSelect;
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

export const findCores = (db: Queryable, ids: readonly string[]): Promise<CoreRow[]> =>
  db.select().from(cores).where(isAmong(cores.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

const NOTHING_MEASURED = {
  measuredAt: null,
  roundTripMs: null,
  platform: null,
  engineState: null,
  designName: null,
  designCode: null,
  isRedundant: null,
  isEmulator: null,
  problems: null,
};

function rowOf({ deviceId, at, look }: Looked, slot: Date): CoreRow {
  const base = { deviceId, slot, lookedAt: at, lookProblem: problemOf(look) };
  if (look.kind !== 'answered') return { ...base, ...NOTHING_MEASURED };
  return { ...base, measuredAt: at, roundTripMs: look.roundTripMs, ...look.state };
}

/** Columns that describe the look itself; the others keep the last answer when a look has none. */
const LOOK_COLUMNS = new Set(['slot', 'looked_at', 'look_problem']);
const CHANGES = setColumns(cores, (name) =>
  LOOK_COLUMNS.has(name)
    ? `excluded.${name}`
    : `case when excluded.measured_at is null then held.${name} else excluded.${name} end`,
);

/**
 * Keeps what a chunk's looks found, in one statement, into which the rows travel as one parameter. A look of an older slot than the one
 * we have changes nothing.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    ${insertRows(cores, rows)}
    on conflict (device_id) do update set ${CHANGES} where held.slot <= excluded.slot`);
}
