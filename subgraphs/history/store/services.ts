import type { Queryable } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';

/** The columns by which a table `samples` is one of kit/samples.ts. */
const COLUMNS = ['position', 'subject', 'hour', 'sampled_at', 'metrics', 'attributes'];

/**
 * The services that take samples, by name: each schema that has the published tables. Nothing lists them, so that a new service is archived
 * from its first sample on. Tables of a session are none: nobody else can read them.
 */
export async function findSampledServices(db: Queryable): Promise<string[]> {
  const rows = await db.execute<{ service: string }>(sql`
    select namespace.nspname as service
    from pg_class as samples
    join pg_namespace as namespace on namespace.oid = samples.relnamespace
    where samples.relname = 'samples' and samples.relkind in ('r', 'p') and samples.relpersistence = 'p'
      and to_regclass(format('%I.sample_runs', namespace.nspname)) is not null
      and to_regclass(format('%I.sample_metrics', namespace.nspname)) is not null
      and to_regclass(format('%I.sample_settings', namespace.nspname)) is not null
      and to_regclass(format('%I.log_counters', namespace.nspname)) is not null
      and ${sql.param(COLUMNS)}::text[] <@ array(
        select attname::text from pg_attribute where attrelid = samples.oid and attnum > 0 and not attisdropped)
    order by namespace.nspname`);
  return rows.map(({ service }) => service);
}

/** A service's own table of this name. */
export const tableOf = (
  service: string,
  name: 'samples' | 'sample_runs' | 'sample_metrics' | 'sample_settings' | 'log_counters',
): SQL => sql`${sql.identifier(service)}.${sql.identifier(name)}`;

/** The name under which gather_cursors keeps how far a service's samples are archived. */
export const sourceOf = (service: string): string => `${service}.samples`;
