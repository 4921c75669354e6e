import type { PgColumnBuilderBase, PgSchema, PgTable } from 'drizzle-orm/pg-core';
import type { Stamp } from './actor.ts';
import type { Database, Queryable } from './database.ts';
import type { Asserted } from './identity.ts';
import { appendToLog, logPosition } from './log-table.ts';

/** What was done, or refused: a row of an audit outbox. */
export type AuditEntry = {
  at: Date;
  /** The name of who did it, and `sub` of their identity; null for what a service did by itself. */
  actor: string;
  sub: string | null;
  /** The service and the mutation: `service.mutation`; what was refused ends in `.refused`. */
  action: string;
  target?: string | null;
  /** Where what it was done to belongs, so that who may see one site's records sees it. */
  site?: string | null;
  /** Never with a secret in it: it is kept for good. */
  before?: unknown;
  after?: unknown;
  reason?: string | null;
  /** The address that it came from. */
  origin: string | null;
};

/**
 * The outbox of a service: what it did, in the transaction in which it did it. A log (kit/log-table.ts), which the service that keeps the
 * audit log reads by cursor.
 *
 * @param columns those that the contract of the outbox has
 */
export const auditOutboxTable = <Columns extends Record<string, PgColumnBuilderBase>>(
  schema: PgSchema<string>,
  columns: Columns,
) => schema.table('audit_outbox', { position: logPosition(), ...columns });

/** Who an entry is of: who asked, by their identity. */
export const auditedBy = ({ name, sub, origin }: Asserted): Pick<AuditEntry, 'actor' | 'sub' | 'origin'> => ({
  ...{ actor: name, sub, origin },
});

/** The same of a stamp, with when it was done. */
export const auditedAs = ({ at, actor, sub, origin }: Stamp): Pick<AuditEntry, 'at' | 'actor' | 'sub' | 'origin'> => ({
  ...{ at, actor, sub: sub ?? null, origin: origin ?? null },
});

/**
 * Appends to a service's outbox. It must be the last statement of its transaction; one that appends to another log as well does that
 * before, since two transactions that take the counters in different orders would wait for each other.
 */
export async function appendAudit(tx: Queryable, outbox: PgTable, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() }));
  await appendToLog(tx, outbox, rows);
}

/** Writes entries into a service's outbox. */
export const intoOutbox =
  (db: Database, outbox: PgTable) =>
  (entries: AuditEntry[]): Promise<void> =>
    db.transaction((tx) => appendAudit(tx, outbox, entries));
