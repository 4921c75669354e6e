import { type SQL, sql } from 'drizzle-orm';
import { bigint, getTableConfig, type PgColumn, type PgSchema, type PgTable, text } from 'drizzle-orm/pg-core';
import type { LogHead } from './cursor-log.ts';
import type { Queryable } from './database.ts';

/**
 * A log is a table whose `position` comes from a one-row counter, taken in the transaction of the append as its last
 * statement before the commit: the counter's row lock makes the order of positions the order of commits, without gaps, so a
 * reader that asks for "after 17" can never miss a row that commits later. (An identity column can't promise that.)
 */
export const logCounters = (schema: PgSchema<string>) =>
  schema.table('log_counters', {
    log: text().primaryKey(),
    /** Tells this log from another one of the same name in another database, so that a foreign cursor is refused. */
    epoch: text().notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    /** The highest position that was pruned; 0 when none was. */
    floor: bigint({ mode: 'number' }).notNull().default(0),
  });

/** The column that makes a table a log. Positions stay below 2^53, which a billion appends a day reach after 24,000 years. */
export const logPosition = () => bigint({ mode: 'number' }).primaryKey();

const namesOf = (table: PgTable) => {
  const { name, schema, columns } = getTableConfig(table);
  return { name, schema: schema ?? 'public', columns: columns.filter((column) => column.name !== 'position') };
};

export type LogName = { schema: string; log: string };

/** By what a log's counter is found: the schema that `log_counters` is in, and its row. */
export const logName = (table: PgTable): LogName => {
  const { schema, name } = namesOf(table);
  return { schema, log: name };
};

/** The channel on which appends are announced. NOTIFY is a hint only: listeners read after their own position. */
export const logChannel = (table: PgTable): string => {
  const { schema, name } = namesOf(table);
  return `${schema}_${name}`;
};

/**
 * Appends rows (keyed by column name; times as ISO text) in the given order. Must be the last statement of its transaction:
 * from here to the commit every other append to this log waits.
 */
export async function appendToLog(tx: Queryable, table: PgTable, rows: Record<string, unknown>[]): Promise<void> {
  if (rows.length === 0) return;
  const { schema, name, columns } = namesOf(table);
  const list = sql.join(
    columns.map((column) => sql.identifier(column.name)),
    sql`, `,
  );
  const shape: SQL = sql.join(
    columns.map((column) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`),
    sql`, `,
  );
  const target = sql`${sql.identifier(schema)}.${sql.identifier(name)}`;
  const counters = sql`${sql.identifier(schema)}.log_counters`;
  await tx.execute(sql`
    with counter as (
      insert into ${counters} as held (log, epoch, position) values (${name}, substr(md5(random()::text), 1, 8), ${rows.length})
      on conflict (log) do update set position = held.position + ${rows.length}
      returning position
    ), appended as (
      insert into ${target} (position, ${list})
      select counter.position - ${rows.length} + fresh.ordinality, ${list}
      from counter, rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (${shape})) with ordinality as fresh (${list}, ordinality)
    )
    select pg_notify(${logChannel(table)}, '')`);
}

/**
 * Appends what a query finds: as with appendToLog, but the rows never leave the database. `rows` selects the columns that `columns`
 * names, in that order. Must be the last statement of its transaction that may wait: from here to the commit every other append to
 * this log waits.
 *
 * @returns how many rows were appended
 */
export async function appendSelectToLog(
  tx: Queryable,
  table: PgTable,
  { columns, rows }: { columns: readonly PgColumn[]; rows: SQL },
): Promise<number> {
  const { schema, name } = namesOf(table);
  const list = sql.join(
    columns.map((column) => sql.identifier(column.name)),
    sql`, `,
  );
  const counters = sql`${sql.identifier(schema)}.log_counters`;
  // The rows are found before the counter is locked, since it counts them.
  const [appended] = await tx.execute<{ count: number }>(sql`
    with found as materialized (${rows}), fresh as materialized (
      select *, row_number() over () as ordinality from found as found (${list})
    ), counted as (
      select count(*) as count from fresh
    ), counter as (
      insert into ${counters} as held (log, epoch, position)
      select ${name}, substr(md5(random()::text), 1, 8), count from counted where count > 0
      on conflict (log) do update set position = held.position + excluded.position
      returning position
    ), appended as (
      insert into ${table} (position, ${list})
      select counter.position - counted.count + fresh.ordinality, ${list} from counter, counted, fresh
    )
    select counted.count::int as count, (select pg_notify(${logChannel(table)}, '') from counter) from counted`);
  return appended?.count ?? 0;
}

/** The head of a log; a log without rows gets its epoch here, so that its cursor "nothing read yet" is valid from the start. */
export async function readLogHead(db: Queryable, table: PgTable): Promise<LogHead> {
  const { schema, name } = namesOf(table);
  const counters = sql`${sql.identifier(schema)}.log_counters`;
  const select = sql`select epoch, position::float8 as position, floor::float8 as floor from ${counters} where log = ${name}`;
  const [found] = await db.execute<LogHead>(select);
  if (found !== undefined) return found;
  await db.execute(
    sql`insert into ${counters} (log, epoch, position) values (${name}, substr(md5(random()::text), 1, 8), 0) on conflict do nothing`,
  );
  const [made] = await db.execute<LogHead>(select);
  if (made === undefined) throw new Error(`The log ${name} has no counter`);
  return made;
}

/**
 * Removes the oldest rows of a log whose time is before `before`, `limit` at most, and moves the floor with them in one
 * transaction: whoever reads rows and then finds the floor at or below where it began has missed none. It stops at the first row
 * that is to stay, so that what is left has no gap. Any number of processes may do it at once. With `through` nothing behind that
 * position goes, however old.
 *
 * @returns how many rows were removed
 */
export async function pruneLog(
  db: Queryable,
  table: PgTable,
  options: { time: PgColumn; before: Date; limit: number; through?: number },
): Promise<number> {
  const { schema, name } = namesOf(table);
  const counters = sql`${sql.identifier(schema)}.log_counters`;
  const isBefore = sql`${sql.identifier(options.time.name)} < ${options.before.toISOString()}::timestamptz`;
  const isOld = options.through === undefined ? isBefore : sql`${isBefore} and position <= ${options.through}::bigint`;
  // The counter comes last: every append waits for it from here to the commit. Positions come as an array, since PostgreSQL would
  // go through the whole table for a subquery of so many.
  const [pruned] = await db.execute<{ removed: number }>(sql`
    with oldest as (
      select position, bool_and(${isOld}) over (order by position) as is_old
      from (select * from ${table} order by position limit ${options.limit}) as first_rows
    ), doomed as (
      select position from oldest where is_old
    ), removed as (
      delete from ${table} where position = any(array(select position from doomed)) returning position
    ), reached as (
      select max(position) as floor, count(*)::int as removed from removed
    )
    update ${counters} as held set floor = greatest(held.floor, reached.floor)
    from reached where held.log = ${name} and reached.removed > 0
    returning reached.removed`);
  return pruned?.removed ?? 0;
}
