import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import {
  isOpen,
  type SettingsChangeState,
  settingsChangeEventsTable,
  settingsChangesTable,
} from '@wheelhouse/kit/settings-changes.ts';
import { eq } from 'drizzle-orm';
import { pgSchema } from 'drizzle-orm/pg-core';

/** A schema whose tables of settings these tests write as its service would. */
const schemaOf = (name: string) => {
  const schema = pgSchema(name);
  return { changes: settingsChangesTable(schema), events: settingsChangeEventsTable(schema) };
};

export type WrittenChange = Partial<ReturnType<typeof schemaOf>['changes']['$inferInsert']> & {
  id: string;
  subject: string;
};

async function appendEvent(
  tx: Queryable,
  schema: string,
  event: { id: string; subject: string; state: SettingsChangeState; at: Date },
): Promise<void> {
  const { id, subject, state, at } = event;
  await appendToLog(tx, schemaOf(schema).events, [{ change_id: id, subject, state, at }]);
}

/** Asks for a change, with what matters to a test in place of what does not. */
export async function writeChange(db: Database, change: WrittenChange, schema = 'fida'): Promise<void> {
  const requestedAt = change.requestedAt ?? new Date('2026-11-22T08:00:00Z');
  const row = {
    settingsVersion: 1,
    state: 'PENDING' as const,
    wanted: { brightnessPercent: 40 },
    actor: 'anonymous',
    ...change,
    requestedAt,
  };
  await db.transaction(async (tx) => {
    await tx.insert(schemaOf(schema).changes).values(row);
    await appendEvent(tx, schema, { id: row.id, subject: row.subject, state: row.state, at: requestedAt });
  });
}

/** Moves a change to its next state. */
export async function moveChange(
  db: Database,
  id: string,
  next: Partial<WrittenChange> & { state: SettingsChangeState },
  schema = 'fida',
): Promise<void> {
  const { changes } = schemaOf(schema);
  const at = next.finishedAt ?? new Date('2026-11-22T08:00:01Z');
  await db.transaction(async (tx) => {
    const rows = await tx
      .update(changes)
      .set({ ...next, ...(!isOpen(next.state) && { finishedAt: at }) })
      .where(eq(changes.id, id))
      .returning({ subject: changes.subject });
    for (const { subject } of rows) await appendEvent(tx, schema, { id, subject, state: next.state, at });
  });
}
