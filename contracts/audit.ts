import { jsonb, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * The table of accounts that says up to where it has taken over each service's outbox, by service, epoch and position: what lies before is in the audit log,
 * and its service may remove it. Published for that, and for nothing else.
 */
export const AUDIT_CURSORS = { schema: 'accounts', table: 'audit_cursors' };

/**
 * The columns of `<service>.audit_outbox` besides its position: a published contract, append-only, which accounts reads by cursor. A row is
 * appended in the transaction of what it tells of; accounts keeps it for good, and the service may then remove it.
 */
export const auditColumns = () => ({
  at: timestamp('at', { withTimezone: true, precision: 3 }).notNull(),
  /** The caller's name, and `sub` of their identity; `sub` is null for what the service did by itself. */
  actor: text().notNull(),
  sub: text(),
  /** What was done, as the service and the mutation: `devices.removeDevice`, `accounts.login.refused`. */
  action: text().notNull(),
  /** The id of what it was done to; null where there is none. */
  target: text(),
  /** Where it stands, so that whoever may see the audit log of one site sees it: `museum/hall-2`; null where it has no site. */
  site: text(),
  before: jsonb(),
  after: jsonb(),
  /** Why, in the words of who did it. */
  reason: text(),
  /** The address that it came from, as the router saw it; null for what no caller asked for. */
  origin: text(),
});
