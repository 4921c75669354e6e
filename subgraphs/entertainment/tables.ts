import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { targetColumns } from '@wheelhouse/contracts/registry.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { feedCursorsTable } from '@wheelhouse/kit/feed-copy.ts';
import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { doublePrecision, jsonb, pgSchema, text } from 'drizzle-orm/pg-core';

export const schema = pgSchema('entertainment');

/** What we keep of a device in order to reach it. */
export const targets = schema.table('targets', targetColumns());

/** Where we stand in other services' feeds. */
export const feedCursors = feedCursorsTable(schema);

/** The tries of one look that could be taken, and how many of them had no answer. */
export type RecentLook = { slotMs: number; sent: number; lost: number };

/** What pings found of each device. */
export const pinged = schema.table('pinged', {
  deviceId: text('device_id').primaryKey(),
  /** The slot of the last look; an older look never overwrites a newer one. */
  slot: instant('slot').notNull(),
  lookedAt: instant('looked_at').notNull(),
  /** Why the last look has no answer; null when it has one. */
  lookProblem: text('look_problem'),
  /** When the last look that could be taken was taken; null until one could. The columns below are of that look. */
  measuredAt: instant('measured_at'),
  /** Null when that look was not answered. */
  roundTripTimeMs: doublePrecision('round_trip_time_ms'),
  /** Over recentLooks; null while there is none. */
  lossRatio: doublePrecision('loss_ratio'),
  /** The looks that lossRatio is of, the newest first. */
  recentLooks: jsonb('recent_looks').$type<RecentLook[]>().notNull(),
});

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

export const logCounterTable = logCounters(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);

/** Whom this service refused something: it changes nothing for anybody. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());
