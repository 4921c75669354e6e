import type { Estate } from './estate.ts';

/** What a system writes by itself, or because somebody was refused: who was, statuses that grow old, sign-ins that failed, its processes. */
const ITS_OWN = [
  ...['audit_log', 'audit_outbox', 'audit_cursors', 'sign_in_attempts', 'processes'],
  ...['device_statuses', 'known_statuses', 'log_counters'],
];

/** A fingerprint of each table of each service, to be compared with a later one. */
export async function fingerprint({ sql }: Pick<Estate, 'sql'>): Promise<Record<string, string>> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('accounts', 'appspace', 'devices', 'entertainment', 'fida', 'history', 'qsys')
      and not table_name = any(${ITS_OWN})`;
  const found = await Promise.all(
    tables.map(async ({ schema, name }): Promise<[string, string]> => {
      const [row] = await sql<{ rows: number; hash: string | null }[]>`
        select count(*)::int as rows, md5(string_agg(t::text, '|' order by t::text)) as hash from ${sql(`${schema}.${name}`)} t`;
      return [`${schema}.${name}`, `${row?.rows} rows, ${row?.hash}`];
    }),
  );
  return Object.fromEntries(found);
}
