import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { isAmong, type Queryable } from './database.ts';
import type { SettingsChangeState } from './settings-changes.ts';
import type { SettingsChangeRow, SettingsTables } from './settings-requests.ts';

/** The changes with these ids, in no order. */
export const findChanges = (
  db: Queryable,
  { changes }: SettingsTables,
  ids: readonly string[],
): Promise<SettingsChangeRow[]> => db.select().from(changes).where(isAmong(changes.id, ids));

/** The settings' version of each of these subjects that has had a change; that of the others is 0. */
export async function findSettingsVersions(
  db: Queryable,
  { versions }: SettingsTables,
  subjects: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.select().from(versions).where(isAmong(versions.subject, subjects));
  return new Map(rows.map(({ subject, version }) => [subject, version]));
}

/** The changes of these subjects that have not come to their end, each subject's in the order in which they will run. */
export const findOpenChanges = (
  db: Queryable,
  { changes }: SettingsTables,
  subjects: readonly string[],
): Promise<SettingsChangeRow[]> =>
  db
    .select()
    .from(changes)
    .where(and(isAmong(changes.subject, subjects), inArray(changes.state, ['PENDING', 'SENDING'])))
    .orderBy(asc(changes.subject), asc(changes.settingsVersion));

/**
 * The newest change after this one that asked for one of these settings and was neither superseded nor refused; null when none did. Of
 * one that was refused the values count that we keep ourselves: they were stored, and stand as they were wanted in what was read back.
 */
export async function findLaterChange(
  db: Queryable,
  { changes }: SettingsTables,
  change: SettingsChangeRow,
  settings: readonly string[],
): Promise<SettingsChangeRow | null> {
  const names = JSON.stringify(settings);
  const [later] = await db
    .select()
    .from(changes)
    .where(
      and(
        eq(changes.subject, change.subject),
        gt(changes.settingsVersion, change.settingsVersion),
        inArray(changes.state, ['PENDING', 'SENDING', 'APPLIED', 'MISMATCH', 'UNREACHABLE', 'REJECTED']),
        sql`exists (select 1 from jsonb_each(${changes.wanted}) as asked (name, value) where ${names}::jsonb ? name
          and (${changes.state} <> 'REJECTED' or ${changes.readBack} -> name = value))`,
      ),
    )
    .orderBy(desc(changes.settingsVersion))
    .limit(1);
  return later ?? null;
}

/** A row of the log of states. */
export type SettingsEventRow = { position: number; changeId: string; state: SettingsChangeState };

/** The log of states behind a position, oldest first. */
export const readSettingsEvents = (
  db: Queryable,
  { events }: SettingsTables,
  position: number,
  limit: number,
): Promise<SettingsEventRow[]> =>
  db
    .select({ position: events.position, changeId: events.changeId, state: events.state })
    .from(events)
    .where(gt(events.position, position))
    .orderBy(asc(events.position))
    .limit(limit);
