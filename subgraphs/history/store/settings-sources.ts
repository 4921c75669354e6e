// The tables that services with settings publish. They stand here and not in tables.ts: drizzle-kit would make them.
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { settingsChangeEventsTable, settingsChangesTable } from '@wheelhouse/kit/settings-changes.ts';
import { sql } from 'drizzle-orm';
import { getTableConfig, pgSchema } from 'drizzle-orm/pg-core';

/** Where one service keeps its changes of settings. */
export type SettingsSource = {
  /** The service's PostgreSQL schema. */
  name: string;
  changes: ReturnType<typeof settingsChangesTable>;
  events: ReturnType<typeof settingsChangeEventsTable>;
};

const sourceOf = (name: string): SettingsSource => {
  const schema = pgSchema(name);
  return { name, changes: settingsChangesTable(schema), events: settingsChangeEventsTable(schema) };
};

/** Every schema that keeps changes of settings, by name: found by its tables, so that a further system needs no word here. */
export async function findSettingsSources(db: Queryable): Promise<SettingsSource[]> {
  const { changes, events } = sourceOf('any');
  const rows = await db.execute<{ name: string }>(sql`
    select table_schema as name from information_schema.tables
    where table_name in (${getTableConfig(changes).name}, ${getTableConfig(events).name})
    group by table_schema having count(*) = 2 order by table_schema`);
  return rows.map(({ name }) => sourceOf(name));
}
