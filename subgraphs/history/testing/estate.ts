import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog, logCounters } from '@wheelhouse/kit/log-table.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { pgSchema } from 'drizzle-orm/pg-core';
import { createMigratedDatabase } from '../../../tests/database.ts';
import { gatherRound, type Round } from '../gather.ts';
import { registryLog, statusChanges } from '../store/published.ts';

export const silent = createLogger({ name: 'test', level: 'silent' });

/** The tables that a service publishes, as kit/samples.ts has them. */
function publishedBy(service: string) {
  const schema = pgSchema(service);
  return {
    samples: samplesTable(schema),
    sampleRuns: sampleRunsTable(schema),
    sampleMetrics: sampleMetricsTable(schema),
    sampleSettings: sampleSettingsTable(schema),
    counters: logCounters(schema),
  };
}
export const published = { fida: publishedBy('fida'), devices: publishedBy('devices') };
export type Sampled = keyof typeof published;

export type Sample = {
  subject: string;
  hour: Date;
  metrics: Record<string, number>;
  attributes?: Record<string, string | boolean>;
};
export type RegistryRow = {
  deviceId: string;
  version: number;
  at: Date;
  site: string;
  removed?: boolean;
  name?: string;
  system?: string;
  actor?: string;
};
export type StatusRow = { deviceId: string; at: Date; from: string; to: string; blind?: boolean; reason?: string };

export const at = (text: string): Date => new Date(`${text}Z`);
const HOUR_MS = 3_600_000;
/** Each full hour from the first to before the last. */
export const hoursBetween = (from: Date, to: Date): Date[] =>
  Array.from(
    { length: (to.getTime() - from.getTime()) / HOUR_MS },
    (_, index) => new Date(from.getTime() + index * HOUR_MS),
  );

/** A migrated database, what others publish in it, and rounds of the archive. */
export async function openEstate() {
  const database = await createMigratedDatabase();
  const handle: DatabaseHandle = openDatabase(database.url, { maxConnections: 4 });
  const { db } = handle;
  const declare = (service: Sampled, names: readonly string[]) =>
    db
      .insert(published[service].sampleMetrics)
      .values(names.map((name) => ({ name, unit: '%' })))
      .onConflictDoNothing();
  const append = (service: Sampled, rows: readonly Sample[]) =>
    appendToLog(
      db,
      published[service].samples,
      rows.map(({ subject, hour, metrics, attributes = {} }) => ({
        ...{ subject, hour, sampled_at: hour, metrics },
        attributes,
      })),
    );
  const run = (service: Sampled, hours: readonly Date[]) =>
    db
      .insert(published[service].sampleRuns)
      .values(hours.map((hour) => ({ hour, sampledAt: hour, samples: 0 })))
      .onConflictDoNothing();
  const register = (rows: readonly RegistryRow[]) =>
    appendToLog(
      db,
      registryLog,
      rows.map(({ deviceId, removed = false, ...row }) => ({
        ...{ device_id: deviceId, name: deviceId, system: 'FIDA', removed, actor: 'anonymous' },
        ...row,
      })),
    );
  const change = (rows: readonly StatusRow[]) =>
    appendToLog(
      db,
      statusChanges,
      rows.map(({ deviceId, blind = false, ...row }) => ({ device_id: deviceId, reason: null, blind, ...row })),
    );
  const gather = (now: Date, batchRows?: number): Promise<Round> =>
    gatherRound({ db, now, logger: silent, ...(batchRows !== undefined && { batchRows }) });
  const close = async (): Promise<void> => {
    await handle.close();
    await database.drop();
  };
  return { ...handle, url: database.url, declare, append, run, register, change, gather, close };
}

export type TestEstate = Awaited<ReturnType<typeof openEstate>>;
