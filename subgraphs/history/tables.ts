import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { STATUSES } from '@wheelhouse/contracts/status-log.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

export const schema = pgSchema('history');

/**
 * Which metrics the arrays of an archived row hold, and in which order: their names would be longer than their values. A service that
 * samples other metrics than before gets a new one.
 */
export const layouts = schema.table(
  'layouts',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    service: text().notNull(),
    names: text().array().notNull(),
  },
  (table) => [uniqueIndex('layouts_names').on(table.service, table.names)],
);

/** The metrics of all services, as they were last told. */
export const metrics = schema.table(
  'metrics',
  {
    service: text().notNull(),
    name: text().notNull(),
    unit: text(),
  },
  (table) => [primaryKey({ columns: [table.service, table.name] })],
);

/** Samples of all services. Partitioned by month of `hour` (drizzle-kit can't write that: the migration says it). */
export const archivedSamples = schema.table(
  'archived_samples',
  {
    deviceId: text('device_id').notNull(),
    hour: instant('hour').notNull(),
    layoutId: integer('layout_id').notNull(),
    sampledAt: instant('sampled_at').notNull(),
    /** In the order of the layout's names; null where nothing was known. */
    values: doublePrecision().array().$type<(number | null)[]>().notNull(),
    attributes: jsonb().$type<Record<string, string | boolean>>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.hour, table.layoutId] }),
    // A day lies together, as it was gathered: this finds it in a month at next to no cost.
    index('archived_samples_hour').using('brin', table.hour).with({ autosummarize: true, pages_per_range: 32 }),
  ],
);

/** What the samples of a day say together; the arrays are in the order of the layout's names. Partitioned by month of `day`. */
export const dailyRollups = schema.table(
  'daily_rollups',
  {
    deviceId: text('device_id').notNull(),
    day: date({ mode: 'string' }).notNull(),
    layoutId: integer('layout_id').notNull(),
    /** How many samples have each metric. */
    counts: integer().array().notNull(),
    means: doublePrecision().array().$type<(number | null)[]>().notNull(),
    mins: doublePrecision().array().$type<(number | null)[]>().notNull(),
    maxs: doublePrecision().array().$type<(number | null)[]>().notNull(),
    lasts: doublePrecision().array().$type<(number | null)[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.day, table.layoutId] })],
);

/** How long each device was in each status on a day, at each place where it stood, by the status log. Partitioned by month of `day`. */
export const dailyStatuses = schema.table(
  'daily_statuses',
  {
    deviceId: text('device_id').notNull(),
    day: date({ mode: 'string' }).notNull(),
    site: text().notNull(),
    system: text().notNull(),
    onlineSeconds: doublePrecision('online_seconds').notNull(),
    degradedSeconds: doublePrecision('degraded_seconds').notNull(),
    offlineSeconds: doublePrecision('offline_seconds').notNull(),
    unknownSeconds: doublePrecision('unknown_seconds').notNull(),
    /** UNKNOWN because nobody looked; not part of unknown_seconds. */
    blindSeconds: doublePrecision('blind_seconds').notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.day, table.site] })],
);

/**
 * The last change of each device's status that the archive has followed the log to: what is known of a device whose changes have all been
 * pruned from it.
 */
export const knownStatuses = schema.table('known_statuses', {
  deviceId: text('device_id').primaryKey(),
  at: instant('at').notNull(),
  status: text({ enum: STATUSES }).notNull(),
  blind: boolean().notNull(),
});

/** Where the archive stands in each service's samples, and in the status log. */
export const gatherCursors = schema.table('gather_cursors', {
  /** The log: `fida.samples`. */
  source: text().primaryKey(),
  epoch: text().notNull(),
  position: bigint({ mode: 'number' }).notNull(),
});

export const archivedDays = schema.table('archived_days', {
  day: date({ mode: 'string' }).primaryKey(),
  /** Null while the day is open. */
  sealedAt: instant('sealed_at'),
  /** Why it is open; empty when it is sealed. */
  notSealedBecause: text('not_sealed_because').array().notNull(),
  /** Who sealed it although a service was missing, and why; null when nobody had to. */
  sealedBy: text('sealed_by'),
  sealReason: text('seal_reason'),
});

export const archivedDayServices = schema.table(
  'archived_day_services',
  {
    day: date({ mode: 'string' }).notNull(),
    service: text().notNull(),
    samples: bigint({ mode: 'number' }).notNull(),
    /** Hours, 0 to 23 UTC, for which the service took no samples. */
    missingHours: integer('missing_hours').array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.service] })],
);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);

export const logCounterTable = logCounters(schema);

/** What was done to the archive by hand, and whom this service refused something. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());
