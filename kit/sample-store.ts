import { and, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database, Queryable } from './database.ts';
import { appendSelectToLog, pruneLog, readLogHead } from './log-table.ts';
import type { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from './samples.ts';

const HOUR_MS = 3_600_000;
/** Appends wait while a batch is committed, so one is small. */
const PRUNED_ROWS = 5_000;
/** How long it is kept for which hours there were samples, once they are archived: for who wants to know how it went. */
const RUNS_KEPT_MS = 40 * 86_400_000;

/** The tables of kit/samples.ts, as a service's tables.ts has made them. */
export type SampleTables = {
  samples: ReturnType<typeof samplesTable>;
  sampleRuns: ReturnType<typeof sampleRunsTable>;
  sampleMetrics: ReturnType<typeof sampleMetricsTable>;
  sampleSettings: ReturnType<typeof sampleSettingsTable>;
};

/** What is sampled of one kind of subject. A subject may be found by one source only, and once. */
export type SampleSource = {
  from: PgTable;
  join?: readonly { table: PgTable; on: SQL }[];
  where?: SQL;
  /** When the values were measured, where that is told: older than an hour before the hour they are no sample of it. */
  measuredAt?: PgColumn;
  subject: PgColumn;
  /** Columns of numbers, by the metric's name. Where there are any, a subject of which none is known has no sample. */
  metrics: Readonly<Record<string, { column: PgColumn; unit: string | null }>>;
  /** Columns of texts and truths, by the attribute's name. */
  attributes: Readonly<Record<string, PgColumn>>;
  /** Names of metrics and attributes that are settings. @default none */
  settings?: readonly string[];
};

/** What an archive says it has for good (the contract's own words are in contracts/samples.ts). */
export type SealedSamples = { epoch: string; throughPosition: number; before: string };

/** An object of what is known of these columns. */
function knownOf(columns: readonly (readonly [string, PgColumn])[]): SQL {
  const pairs = columns.map(([name, column]) => sql`${name}::text, ${column}`);
  return sql`jsonb_strip_nulls(jsonb_build_object(${sql.join(pairs, sql`, `)}))`;
}

function selectSamples(source: SampleSource, hour: Date, now: Date): SQL {
  const metrics = Object.entries(source.metrics).map(([name, { column }]) => [name, column] as const);
  const joins = (source.join ?? []).map(({ table, on }) => sql`join ${table} on ${on}`);
  const known = sql.join(
    metrics.map(([, column]) => sql`${column}`),
    sql`, `,
  );
  const oldest = new Date(hour.getTime() - HOUR_MS).toISOString();
  const where = and(
    source.where,
    source.measuredAt && sql`${source.measuredAt} >= ${oldest}::timestamptz`,
    metrics.length > 0 ? sql`num_nonnulls(${known}) > 0` : undefined,
  );
  return sql`
    select ${source.subject}, ${hour.toISOString()}::timestamptz, ${now.toISOString()}::timestamptz,
      ${knownOf(metrics)}, ${knownOf(Object.entries(source.attributes))}
    from ${source.from} ${sql.join(joins, sql` `)} ${where ? sql`where ${where}` : sql``}`;
}

export async function hasSampleRun(db: Queryable, { sampleRuns }: SampleTables, hour: Date): Promise<boolean> {
  const rows = await db.select({ hour: sampleRuns.hour }).from(sampleRuns).where(eq(sampleRuns.hour, hour));
  return rows.length > 0;
}

/**
 * Takes the samples of an hour, all of them in one transaction.
 *
 * @returns how many; null when the hour was sampled already, also by another worker at this moment
 */
export function takeSamples(
  db: Database,
  tables: SampleTables,
  sources: readonly SampleSource[],
  { hour, now }: { hour: Date; now: Date },
): Promise<number | null> {
  const { samples, sampleRuns } = tables;
  return db.transaction(async (tx) => {
    const begun = await tx
      .insert(sampleRuns)
      .values({ hour, sampledAt: now, samples: 0 })
      .onConflictDoNothing()
      .returning({ hour: sampleRuns.hour });
    if (begun.length === 0) return null;
    const count = await appendSelectToLog(tx, samples, {
      columns: [samples.subject, samples.hour, samples.sampledAt, samples.metrics, samples.attributes],
      rows: sql.join(
        sources.map((source) => selectSamples(source, hour, now)),
        sql` union all `,
      ),
    });
    // Waits for nobody: the row is this transaction's own.
    await tx.update(sampleRuns).set({ samples: count }).where(eq(sampleRuns.hour, hour));
    return count;
  });
}

/** Tells which metrics there are, their units, and what is a setting. What is sampled no longer stays: older samples have it. */
export async function publishSampleNames(
  db: Queryable,
  { sampleMetrics, sampleSettings }: SampleTables,
  sources: readonly SampleSource[],
): Promise<void> {
  const settings = sources.flatMap(({ settings = [] }) => settings.map((name) => ({ name })));
  if (settings.length > 0) await db.insert(sampleSettings).values(settings).onConflictDoNothing();
  const rows = sources.flatMap(({ metrics }) => Object.entries(metrics).map(([name, { unit }]) => ({ name, unit })));
  if (rows.length === 0) return;
  await db
    .insert(sampleMetrics)
    .values(rows)
    .onConflictDoUpdate({
      target: sampleMetrics.name,
      set: { unit: sql`excluded.unit` },
      setWhere: sql`${sampleMetrics.unit} is distinct from excluded.unit`,
    });
}

/**
 * Removes samples that an archive has for good, oldest first, in batches.
 *
 * @returns how many
 * @throws Error when the archive has read another log than this one
 */
export async function pruneSamples(
  db: Database,
  { samples, sampleRuns }: SampleTables,
  sealed: SealedSamples,
  now: Date,
): Promise<number> {
  const { epoch } = await readLogHead(db, samples);
  if (epoch !== sealed.epoch) throw new Error(`The archive has samples of the log ${sealed.epoch}, this is ${epoch}`);
  const before = new Date(sealed.before);
  const batch = { time: samples.hour, before, through: sealed.throughPosition, limit: PRUNED_ROWS };
  let total = 0;
  for (let removed = PRUNED_ROWS; removed === PRUNED_ROWS; total += removed)
    removed = await pruneLog(db, samples, batch);
  const forgotten = Math.min(before.getTime(), now.getTime() - RUNS_KEPT_MS);
  await db.delete(sampleRuns).where(lt(sampleRuns.hour, new Date(forgotten)));
  return total;
}
