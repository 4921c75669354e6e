import type { Queryable } from '@wheelhouse/kit/database.ts';
import { eq, type SQL, sql } from 'drizzle-orm';
import { type Day, endOf, startOf } from '../rules.ts';
import { archivedSamples, dailyRollups, layouts } from '../tables.ts';
import { ensureLayout } from './layouts.ts';

type Layout = { id: number; service: string; names: string[] };

const isOn = (day: Day): SQL =>
  sql`hour >= ${startOf(day).toISOString()}::timestamptz and hour < ${endOf(day).toISOString()}::timestamptz`;

/**
 * A metric's value in a row of any of these layouts. Places and layouts are numbers of our own making: PostgreSQL must see them as constants,
 * not as parameters.
 */
function valueIn(name: string, used: readonly Layout[]): string {
  const cases = used.flatMap(({ id, names }) => {
    const place = names.indexOf(name);
    return place === -1 ? [] : [{ id, value: `values[${place + 1}]` }];
  });
  const [first] = cases;
  if (first !== undefined && used.length === 1) return first.value;
  return `case layout_id ${cases.map(({ id, value }) => `when ${id} then ${value}`).join(' ')} end`;
}

/** The rollups of one service: where its metrics changed within the day, the arrays have the names of both. */
async function writeService(tx: Queryable, day: Day, service: string, used: readonly Layout[]): Promise<void> {
  const names = [...new Set(used.flatMap((layout) => layout.names))].sort();
  if (names.length === 0) return;
  const { id } = await ensureLayout(tx, service, names);
  const values = names.map((name) => valueIn(name, used));
  const each = (of: (value: string) => string): SQL => sql.raw(values.map(of).join(', '));
  const lastOf = (value: string): string =>
    `(array_agg(${value} order by hour desc) filter (where ${value} is not null))[1]`;
  await tx.execute(sql`
    insert into ${dailyRollups} (device_id, day, layout_id, counts, means, mins, maxs, lasts)
    select device_id, ${day}::date, ${id},
      array[${each((value) => `count(${value})`)}]::int[],
      array[${each((value) => `avg(${value})`)}]::float8[],
      array[${each((value) => `min(${value})`)}]::float8[],
      array[${each((value) => `max(${value})`)}]::float8[],
      array[${each(lastOf)}]::float8[]
    from ${archivedSamples}
    where ${isOn(day)} and layout_id in (${sql.raw(used.map((layout) => layout.id).join(', '))})
    group by device_id
    order by device_id`);
}

/** Puts what the archived samples of a day say together in place of what was held. */
export async function writeRollups(tx: Queryable, day: Day): Promise<void> {
  await tx.delete(dailyRollups).where(eq(dailyRollups.day, day));
  const used = await tx.execute<Layout>(sql`
    select id, service, names from ${layouts}
    where id in (select layout_id from ${archivedSamples} where ${isOn(day)}) order by id`);
  for (const [service, own] of Map.groupBy(used, (layout) => layout.service)) await writeService(tx, day, service, own);
}
