import { targetColumns } from '@wheelhouse/contracts/registry.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { feedCursorsTable } from '@wheelhouse/kit/feed-copy.ts';
import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { doublePrecision, pgSchema, text } from 'drizzle-orm/pg-core';

export const schema = pgSchema('lights');

/** What we keep of a light in order to reach it. */
export const targets = schema.table('targets', targetColumns());

/** Where we stand in other services' feeds. */
export const feedCursors = feedCursorsTable(schema);

/** What each light answered last. */
export const lights = schema.table('lights', {
  deviceId: text('device_id').primaryKey(),
  /** The slot of the last look; an older look never overwrites a newer one. */
  slot: instant('slot').notNull(),
  lookProblem: text('look_problem'),
  /** When it last answered; null until it has. The column below is of that answer. */
  measuredAt: instant('measured_at'),
  roundTripMs: doublePrecision('round_trip_ms'),
});

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

export const logCounterTable = logCounters(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);
