import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { registryChangeColumns, statusChangeColumns } from '@wheelhouse/contracts/status-log.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { logCounters, logPosition } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgSchema, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { DeviceSystem } from './generated/types.ts';

/** How many devices an import added, changed and left as they are, and how many sites got another time zone of their own. */
export type EstateOutcome = { added: number; updated: number; unchanged: number; sitesChanged: number };

export const schema = pgSchema('devices');

export const sites = schema.table('sites', {
  path: text().primaryKey(),
  /** An IANA name; null: the nearest site above decides. */
  timeZone: text('time_zone'),
});

/** One row: the zone of sites for which none is set, as the systems were told it last. */
export const defaultTimeZone = schema.table('default_time_zone', {
  id: integer().primaryKey(),
  timeZone: text('time_zone').notNull(),
});

export const devices = schema.table(
  'devices',
  {
    id: text().primaryKey(),
    /** Unique among devices that are not removed; null when the caller has none. */
    externalId: text('external_id'),
    name: text().notNull(),
    system: text().$type<DeviceSystem>().notNull(),
    site: text().notNull(),
    /** Derived from the connection, for people and for search; null when the system has no addresses. */
    address: text(),
    tags: text().array().notNull(),
    /** The public part of the system's connection input. */
    connection: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The secret part, sealed for this id; null when there are no secrets. */
    sealed: text(),
    version: integer().notNull(),
    createdAt: instant('created_at').notNull(),
    /** Null while the device is there; a removed row stays as a tombstone. */
    removedAt: instant('removed_at'),
  },
  (table) => [
    index('devices_order').on(table.site, table.name, table.id),
    uniqueIndex('devices_external_id').on(table.externalId).where(sql`removed_at is null`),
  ],
);

export const deviceParents = schema.table(
  'device_parents',
  {
    deviceId: text('device_id').notNull(),
    parentId: text('parent_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.parentId] })],
);

/**
 * Apart from the registry row, because it changes with every sweep. No index but the key: PostgreSQL changes a row within its
 * page, at half the cost, only where no indexed column changes, and every look changes `observed_at`.
 */
export const deviceStatuses = schema.table('device_statuses', {
  deviceId: text('device_id').primaryKey(),
  status: text({ enum: ['ONLINE', 'DEGRADED', 'OFFLINE', 'UNKNOWN'] }).notNull(),
  since: instant('since').notNull(),
  reason: text(),
  /** When a look last found an answer or silence; null before the first finding. */
  observedAt: instant('observed_at'),
  /** The last slot that was counted; null before the first. */
  slot: instant('slot'),
  /** Looks in a row without an answer. */
  misses: integer().notNull(),
  /** Looks in a row with an answer. */
  answers: integer().notNull(),
  /** Why the last look could not be taken; null since the last one that found something. */
  lookProblem: text('look_problem'),
});

export const logCounterTable = logCounters(schema);

/** What each registry entry became, and when. A published contract (contracts/status-log.ts); readers of the feed take the entry as it is now. */
export const registryLog = schema.table(
  'registry_log',
  { position: logPosition(), ...registryChangeColumns() },
  (table) => [index('registry_log_device').on(table.deviceId, table.position)],
);

/**
 * A published contract (contracts/status-log.ts), append-only: history reads it too. What is older than
 * WHEELHOUSE_STATUS_LOG_DAYS is removed.
 */
export const statusChanges = schema.table(
  'status_changes',
  { position: logPosition(), ...statusChangeColumns() },
  (table) => [
    index('status_changes_device').on(table.deviceId, table.position),
    // For who asks of a time: what happened in a month, and what was before it.
    index('status_changes_at').on(table.at),
    index('status_changes_device_at').on(table.deviceId, table.at),
  ],
);

/** What was done to the registry, for the audit log. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());

/** Imports of estate files that came through the graph: those that are planned, and for a day those that were done. */
export const estateImports = schema.table(
  'estate_imports',
  {
    id: text().primaryKey(),
    /** `sub` of the identity of who asked for it. */
    sub: text().notNull(),
    /** Of the caller's making; null for a plan. */
    idempotencyKey: text('idempotency_key'),
    /** For the id: the plan, or by what an import with a key is known again. Null for a plan that was applied. */
    sealed: text(),
    madeAt: instant('made_at').notNull(),
    /** Until when a plan may be applied, and an import with a key is known. */
    expiresAt: instant('expires_at').notNull(),
    /** Null until it is done, as `outcome` is. */
    doneAt: instant('done_at'),
    outcome: jsonb().$type<EstateOutcome>(),
  },
  (table) => [uniqueIndex('estate_imports_key').on(table.sub, table.idempotencyKey)],
);

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);
