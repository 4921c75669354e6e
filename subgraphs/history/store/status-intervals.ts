import type { Status } from '@wheelhouse/contracts/status-log.ts';
import { storableTexts } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';
import { knownStatuses } from '../tables.ts';
import { registryLog, statusChanges } from './published.ts';

/** A row of `statusIntervals`; instants as PostgreSQL's timestamptz. */
export type StatusInterval = {
  device_id: string;
  /** Where the device stood. */
  site: string;
  system: string;
  starts_at: string;
  /** This instant belongs to the next interval. */
  ends_at: string;
  status: Status;
  /** UNKNOWN because nobody looked. */
  blind: boolean;
};

const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;

/**
 * The one definition of status time, as a query to be put in brackets behind `from`: in which status each device was from `from` to before
 * `to`, for as long as it was in the registry. Its rows are those of StatusInterval, in no order; those of one device do not overlap, and
 * none is empty.
 *
 * - A device's life begins with its first row in the registry's log and ends with its removal; a move begins another interval.
 * - A status holds from its change. Before the first change that the log still has, the status is what that change says it was before;
 *   where it has none, UNKNOWN. What was pruned from the log and is the last of its device is in known_statuses.
 *
 * Nothing is known of the future: it is for the caller to end the range at the present. `deviceIds` null: all devices.
 */
export function statusIntervals({
  from,
  to,
  deviceIds,
}: {
  from: Date;
  to: Date;
  deviceIds: readonly string[] | null;
}): SQL {
  const storable = deviceIds && storableTexts(deviceIds);
  const isWanted = storable === null ? sql`true` : sql`device_id = any(${sql.param(storable)}::text[])`;
  const [start, end] = [instant(from), instant(to)];
  return sql`
    with entries as (
      -- The log is in the order of its positions, also where the clocks of those who wrote it were not in step.
      select device_id, position, site, system, removed, max(at) over in_order as at,
        row(site, system, removed) as place, lag(row(site, system, removed)) over in_order as place_before
      from ${registryLog} where ${isWanted}
      window in_order as (partition by device_id order by position)
    ), turns as (
      select *, lead(at) over (partition by device_id order by position) as next_at
      from entries where place is distinct from place_before
    ), lives as (
      select device_id, site, system, greatest(at, ${start}) as starts_at, least(next_at, ${end}) as ends_at
      from turns where not removed and at < ${end} and (next_at is null or next_at > ${start})
    ), alive as (
      select distinct device_id from lives
    ), changes as (
      select device_id, at, position, "to" as status, blind
      from ${statusChanges} where at > ${start} and at < ${end} and ${isWanted}
      union all
      select device_id, at, 0, status, blind
      from ${knownStatuses} where at > ${start} and at < ${end} and ${isWanted}
      union all
      select alive.device_id, ${start}, -1, coalesce(held.status, known.status, first.status, 'UNKNOWN'),
        coalesce(held.blind, known.blind, false)
      from alive
      left join lateral (
        select "to" as status, blind from ${statusChanges} as change
        where change.device_id = alive.device_id and change.at <= ${start}
        order by change.at desc, change.position desc limit 1
      ) as held on true
      left join ${knownStatuses} as known on known.device_id = alive.device_id and known.at <= ${start}
      left join lateral (
        select "from" as status from ${statusChanges} as change
        where held.status is null and change.device_id = alive.device_id and change.at > ${start}
        order by change.at, change.position limit 1
      ) as first on true
    ), spans as (
      select device_id, status, blind, at as starts_at,
        lead(at, 1, ${end}) over (partition by device_id order by at, position) as ends_at
      from changes
    )
    select device_id, site, system, greatest(lives.starts_at, spans.starts_at) as starts_at,
      least(lives.ends_at, spans.ends_at) as ends_at, status, blind
    from lives join spans using (device_id)
    where greatest(lives.starts_at, spans.starts_at) < least(lives.ends_at, spans.ends_at)`;
}
