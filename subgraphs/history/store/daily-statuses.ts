import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { and, eq, sql } from 'drizzle-orm';
import { type Day, endOf, startOf } from '../rules.ts';
import { archivedDays, dailyStatuses, gatherCursors, knownStatuses } from '../tables.ts';
import { lockArchive } from './partitions.ts';
import { statusChanges } from './published.ts';
import { statusIntervals } from './status-intervals.ts';
import { logReachMs } from './status-time.ts';

const SOURCE = 'devices.status_changes';

/** Whether the status log has lost changes of a day whose time is held already. */
async function isHeldForGood(tx: Queryable, day: Day): Promise<boolean> {
  const [row] = await tx.execute<{ held: boolean | null }>(sql`
    select ${logReachMs} > ${startOf(day).getTime()}::float8
      and exists (select from ${dailyStatuses} where day = ${day}::date) as held`);
  return row?.held ?? false;
}

/**
 * Puts the time of a day's statuses in place of what was held, of some devices or, with null, of all. Where the log no longer has the whole
 * day, what was reckoned when it had stays: a day that is opened by a late sample must not lose what was known of it.
 */
export async function writeDailyStatuses(tx: Queryable, day: Day, deviceIds: readonly string[] | null): Promise<void> {
  if (await isHeldForGood(tx, day)) return;
  const ofThese = deviceIds === null ? sql`true` : sql`device_id = any(${sql.param(deviceIds)}::text[])`;
  await tx.delete(dailyStatuses).where(and(eq(dailyStatuses.day, day), ofThese));
  const seconds = (of: string) =>
    sql`coalesce(sum(extract(epoch from ends_at - starts_at)) filter (where ${sql.raw(of)}), 0)::float8`;
  await tx.execute(sql`
    insert into ${dailyStatuses} (device_id, day, site, system, online_seconds, degraded_seconds, offline_seconds,
      unknown_seconds, blind_seconds)
    select device_id, ${day}::date, site, max(system), ${seconds(`status = 'ONLINE'`)}, ${seconds(`status = 'DEGRADED'`)},
      ${seconds(`status = 'OFFLINE'`)}, ${seconds(`status = 'UNKNOWN' and not blind`)}, ${seconds(`status = 'UNKNOWN' and blind`)}
    from (${statusIntervals({ from: startOf(day), to: endOf(day), deviceIds })}) as status_time
    group by device_id, site
    order by device_id`);
}

/** The changes between two positions: the last of each device, and since when its time may be other than was reckoned. */
async function keepKnown(tx: Queryable, after: number, upTo: number): Promise<void> {
  await tx.execute(sql`
    insert into ${knownStatuses} as held (device_id, at, status, blind)
    select distinct on (device_id) device_id, at, "to", blind from ${statusChanges}
    where position > ${after} and position <= ${upTo}
    order by device_id, position desc
    on conflict (device_id) do update set at = excluded.at, status = excluded.status, blind = excluded.blind`);
}

/** Sealed days in which a status of these changes lies, or behind it, each with the devices whose time that concerns. */
async function findTouched(tx: Queryable, after: number, upTo: number): Promise<Map<Day, string[]>> {
  const rows = await tx.execute<{ day: Day; devices: string[] }>(sql`
    with last_sealed as (
      select (max(day) + 1)::timestamp at time zone 'UTC' as ends_at from ${archivedDays} where sealed_at is not null
    ), late as (
      select device_id, min(at) as at from ${statusChanges}
      where position > ${after} and position <= ${upTo} and at < (select ends_at from last_sealed)
      group by device_id
    )
    select day::text as day, array_agg(device_id) as devices
    from ${archivedDays} join late on (day + 1)::timestamp at time zone 'UTC' > late.at
    where sealed_at is not null
    group by day`);
  return new Map(rows.map(({ day, devices }) => [day, devices]));
}

/**
 * Follows the status log by one batch. Changes that lie in sealed days came late (the freshness tick decides in the past), and the time of
 * their devices is reckoned anew from there on.
 *
 * @returns whether there may be more
 */
export const followStatusLog = (db: Database, batchRows: number): Promise<boolean> =>
  db.transaction(async (tx) => {
    await lockArchive(tx);
    const [head] = await tx.execute<{ epoch: string; position: number; floor: number }>(sql`
      select epoch, position::float8 as position, floor::float8 as floor from devices.log_counters where log = 'status_changes'`);
    if (head === undefined) return false;
    const [held] = await tx.select().from(gatherCursors).where(eq(gatherCursors.source, SOURCE));
    const after = Math.max(held?.epoch === head.epoch ? held.position : 0, head.floor);
    const upTo = Math.min(after + batchRows, head.position);
    if (upTo <= after) return false;
    await keepKnown(tx, after, upTo);
    for (const [day, devices] of await findTouched(tx, after, upTo)) await writeDailyStatuses(tx, day, devices);
    const reached = { epoch: head.epoch, position: upTo };
    await tx
      .insert(gatherCursors)
      .values({ source: SOURCE, ...reached })
      .onConflictDoUpdate({ target: gatherCursors.source, set: reached });
    return upTo < head.position;
  });
