import { boolean, doublePrecision, pgSchema, text, timestamp } from 'drizzle-orm/pg-core';
import { createTestDatabase } from '../../tests/database.ts';
import { type DatabaseHandle, openDatabase } from '../database.ts';
import { logCounters } from '../log-table.ts';
import type { SampleTables } from '../sampler.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '../samples.ts';

const schema = pgSchema('testing');
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const tables: SampleTables = {
  samples: samplesTable(schema),
  sampleRuns: sampleRunsTable(schema),
  sampleMetrics: sampleMetricsTable(schema),
  sampleSettings: sampleSettingsTable(schema),
};
export const counters = logCounters(schema);
export const ovens = schema.table('ovens', {
  id: text().primaryKey(),
  celsius: doublePrecision(),
  watts: doublePrecision(),
  label: text(),
  isLit: boolean('is_lit'),
  measuredAt: instant('measured_at'),
});
export const bakers = schema.table('bakers', { ovenId: text('oven_id').primaryKey(), name: text().notNull() });

export type Oven = typeof ovens.$inferInsert;

const STATEMENTS = [
  'create schema testing',
  `create table testing.log_counters (log text primary key, epoch text not null, position bigint not null,
    floor bigint not null default 0)`,
  `create table testing.samples (position bigint primary key, subject text not null, hour timestamptz(3) not null,
    sampled_at timestamptz(3) not null, metrics jsonb not null, attributes jsonb not null, unique (subject, hour))`,
  `create table testing.sample_runs (hour timestamptz(3) primary key, sampled_at timestamptz(3) not null,
    samples integer not null)`,
  'create table testing.sample_metrics (name text primary key, unit text)',
  'create table testing.sample_settings (name text primary key)',
  `create table testing.ovens (id text primary key, celsius float8, watts float8, label text, is_lit boolean,
    measured_at timestamptz(3))`,
  'create table testing.bakers (oven_id text primary key, name text not null)',
];

/** A database with tables to sample, and tables for the samples. */
export async function openSamplingDatabase(): Promise<DatabaseHandle> {
  const database = await createTestDatabase();
  const handle = openDatabase(database.url);
  for (const statement of STATEMENTS) await handle.sql.unsafe(statement);
  return {
    ...handle,
    close: async () => {
      await handle.close();
      await database.drop();
    },
  };
}
