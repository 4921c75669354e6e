import { sql } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { Stamp } from './actor.ts';
import { appendAudit, auditedAs } from './audit.ts';
import { isAmong, type Queryable } from './database.ts';
import type { SettingsChangeRow, SettingsTables } from './settings-requests.ts';

/** A service's audit outbox (kit/audit.ts), and the columns of a table that say at which site a subject stands. */
export type SettingsAudit = { outbox: PgTable; subject: PgColumn; site: PgColumn };

/** Tells the audit log of changes that were accepted; what came of them is told by the changes themselves. The last of its transaction. */
export async function auditRequests(
  tx: Queryable,
  { audit, changes }: SettingsTables,
  accepted: readonly SettingsChangeRow[],
  by: Stamp,
): Promise<void> {
  if (accepted.length === 0) return;
  const subjects = accepted.map(({ subject }) => subject);
  const rows = await tx
    .select({ subject: sql<string>`${audit.subject}`, site: sql<string>`${audit.site}` })
    .from(audit.subject.table)
    .where(isAmong(audit.subject, subjects));
  const siteOf = new Map(rows.map(({ subject, site }) => [subject, site]));
  const { schema } = getTableConfig(changes);
  await appendAudit(
    tx,
    audit.outbox,
    accepted.map(({ id, subject, wanted, before, reason }) => ({
      ...auditedAs(by),
      ...{ action: `${schema}.changeSettings`, target: subject, site: siteOf.get(subject) ?? null },
      ...{ before, after: { change: id, wanted }, reason },
    })),
  );
}
