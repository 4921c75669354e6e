import { pgSchema, text } from 'drizzle-orm/pg-core';
import { auditColumns } from '../../contracts/audit.ts';
import { createMigratedDatabase } from '../../tests/database.ts';
import { auditOutboxTable } from '../audit.ts';
import { openDatabase } from '../database.ts';
import { settingsChangeEventsTable, settingsChangesTable, settingsVersionsTable } from '../settings-changes.ts';
import { type ChangeRequest, type Requested, requestChanges, type SettingsTables } from '../settings-requests.ts';
import { findChanges } from '../settings-store.ts';

/** The tables of the one service that has settings. */
const schema = pgSchema('fida');

const targets = schema.table('targets', { subject: text('device_id').primaryKey(), site: text().notNull() });

export const tables: SettingsTables = {
  changes: settingsChangesTable(schema),
  events: settingsChangeEventsTable(schema),
  versions: settingsVersionsTable(schema),
  audit: {
    outbox: auditOutboxTable(schema, auditColumns()),
    ...{ subject: targets.subject, site: targets.site },
  },
};

/** A database of its own for tests of settings, and what they do to it. */
export async function openSettingsDatabase() {
  const database = await createMigratedDatabase();
  const handle = openDatabase(database.url);
  const { db, sql } = handle;
  return {
    db,
    sql,
    url: database.url,
    request: (requests: ChangeRequest[], actor = 'someone'): Promise<Requested[]> =>
      db.transaction((tx) => requestChanges(tx, tables, requests, { by: { at: new Date(), actor } })),
    /** One request that must be accepted. */
    accepted: async (request: ChangeRequest, actor = 'someone') => {
      const [outcome] = await db.transaction((tx) =>
        requestChanges(tx, tables, [request], { by: { at: new Date(), actor } }),
      );
      if (outcome?.kind !== 'accepted') throw new Error(`the request was not accepted: ${outcome?.kind}`);
      return outcome;
    },
    change: async (id: string) => (await findChanges(db, tables, [id]))[0],
    events: async () => {
      const rows = await sql<{ change_id: string; state: string }[]>`
        select change_id, state from fida.settings_change_events order by position`;
      return rows.map(({ change_id, state }) => [change_id, state]);
    },
    clear: () =>
      sql`truncate fida.settings_changes, fida.settings_change_events, fida.settings_versions, fida.audit_outbox, fida.log_counters`,
    close: async () => {
      await handle.close();
      await database.drop();
    },
  };
}
export type SettingsDatabase = Awaited<ReturnType<typeof openSettingsDatabase>>;
