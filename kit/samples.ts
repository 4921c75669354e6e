import { integer, jsonb, type PgSchema, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { logPosition } from './log-table.ts';

/**
 * Samples: what a service's tables said on the hour, a row for each subject. A log (kit/log-table.ts), so that who gathers them can
 * go on from a position, and a published contract.
 */
export const samplesTable = (schema: PgSchema<string>) =>
  schema.table(
    'samples',
    {
      position: logPosition(),
      /** What was sampled. */
      subject: text().notNull(),
      /** The hour that the sample stands for. */
      hour: instant('hour').notNull(),
      /** When it was taken, at the hour or soon after it. */
      sampledAt: instant('sampled_at').notNull(),
      /** Numbers by the metric's name; what was not known is left out. */
      metrics: jsonb().$type<Record<string, number>>().notNull(),
      /** Texts and truths by their name; what was not known is left out. */
      attributes: jsonb().$type<Record<string, string | boolean>>().notNull(),
    },
    (table) => [uniqueIndex('samples_subject_hour').on(table.subject, table.hour)],
  );

/** The hours for which samples were taken: an hour is sampled once, and wholly. A published contract. */
export const sampleRunsTable = (schema: PgSchema<string>) =>
  schema.table('sample_runs', {
    hour: instant('hour').primaryKey(),
    sampledAt: instant('sampled_at').notNull(),
    /** How many samples. */
    samples: integer().notNull(),
  });

/** The metrics that samples may hold. A published contract. */
export const sampleMetricsTable = (schema: PgSchema<string>) =>
  schema.table('sample_metrics', {
    name: text().primaryKey(),
    /** For people: `%`, `°C`, `ms`; null for a bare number. */
    unit: text(),
  });

/** Which of the metrics and attributes are settings: what somebody may have set to what it is. A published contract. */
export const sampleSettingsTable = (schema: PgSchema<string>) =>
  schema.table('sample_settings', { name: text().primaryKey() });
