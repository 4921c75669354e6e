import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';

const columnsOf = (table: PgTable): [field: string, column: PgColumn][] => Object.entries(getTableColumns(table));
const list = (parts: readonly string[]): SQL => sql.raw(parts.join(', '));

/**
 * The beginning of an upsert: `insert into <table> as held …`, up to its `on conflict`. The rows, objects by the table's fields, travel as one
 * parameter: a list of values would be taken apart and planned anew for each number of rows, at several times the cost.
 */
export function insertRows(table: PgTable, rows: readonly object[]): SQL {
  const columns = columnsOf(table);
  const names = list(columns.map(([, { name }]) => name));
  const fields = list(columns.map(([field]) => `"${field}"`));
  const types = list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
  return sql`
    insert into ${table} as held (${names})
    select ${fields} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${types})`;
}

/**
 * The rest of it: what becomes of the columns of a row that is there, all but its key.
 *
 * @param value SQL over `held` and `excluded`; null leaves the column as it is @default what comes
 */
export function setColumns(
  table: PgTable,
  value: (column: string) => string | null = (column) => `excluded.${column}`,
): SQL {
  return list(
    columnsOf(table).flatMap(([, { name, primary }]) => {
      const taken = primary ? null : value(name);
      return taken === null ? [] : [`${name} = ${taken}`];
    }),
  );
}
