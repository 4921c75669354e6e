import type { Queryable } from '@wheelhouse/kit/database.ts';
import { sql } from 'drizzle-orm';
import { metrics } from '../tables.ts';
import { tableOf } from './services.ts';

/** The unit of each metric by its name, null for a bare number: what the services say now, and what they said once. */
export async function readUnits(db: Queryable, services: readonly string[]): Promise<Map<string, string | null>> {
  const told = services.map((service) => sql`select name, unit, 0 as age from ${tableOf(service, 'sample_metrics')}`);
  const rows = await db.execute<{ name: string; unit: string | null }>(sql`
    select distinct on (name) name, unit
    from (${sql.join([...told, sql`select name, unit, 1 as age from ${metrics}`], sql` union all `)}) as metric
    order by name, age`);
  return new Map(rows.map(({ name, unit }) => [name, unit]));
}

/** The names of metrics and attributes that are settings, of each service. */
export async function readSettingNames(
  db: Queryable,
  services: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (services.length === 0) return new Map();
  const told = services.map(
    (service) => sql`select ${service}::text as service, name from ${tableOf(service, 'sample_settings')}`,
  );
  const rows = await db.execute<{ service: string; name: string }>(sql.join(told, sql` union all `));
  const byService = Map.groupBy(rows, ({ service }) => service);
  return new Map([...byService].map(([service, list]) => [service, new Set(list.map(({ name }) => name))]));
}
