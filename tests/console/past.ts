import { openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { gatherRound } from '../../subgraphs/history/gather.ts';

/** Each has its samples in a schema of its own. */
const SAMPLED = ['appspace', 'devices', 'entertainment', 'fida', 'qsys'];
/** It took none on one day, which is open for that. */
const SILENT = 'qsys';
const SILENT_DAYS_AGO = 4;

type Sql = ReturnType<typeof openDatabase>['sql'];

/** A week of values as they would have been, so that plots have something to show. */
async function addSamples(sql: Sql): Promise<void> {
  const written = await sql`
    insert into fida.samples (position, subject, hour, sampled_at, metrics, attributes)
    select row_number() over (order by hour, id), id, hour, hour, jsonb_build_object(
      'brightnessPercent', case when extract(hour from hour) between 7 and 17 then 80 else 40 end,
      'temperatureCelsius', round((38 + 5 * sin(extract(hour from hour)::numeric * 0.26 - 1.6) + length(id) % 3)::numeric, 1),
      'backlightHours', 12000 + round(extract(epoch from hour - now()) / 3600), 'roundTripMs', 12.5), '{}'
    from devices.devices, generate_series(date_trunc('hour', now()) - interval '7 days', date_trunc('hour', now()) - interval '1 hour', '1 hour') as hour
    where system = 'FIDA' on conflict do nothing`;
  await sql`
    insert into fida.log_counters (log, epoch, position) values ('samples', 'abcdef01', ${written.count})
    on conflict (log) do update set position = greatest(fida.log_counters.position, excluded.position)`;
  for (const service of SAMPLED)
    await sql`
      insert into ${sql(service)}.sample_runs (hour, sampled_at, samples)
      select hour, hour, 0
      from generate_series(date_trunc('hour', now()) - interval '7 days', date_trunc('hour', now()) - interval '1 hour', '1 hour') as hour
      where ${service} <> ${SILENT} or (hour at time zone 'UTC')::date <> (now() at time zone 'UTC')::date - ${SILENT_DAYS_AGO}::int
      on conflict do nothing`;
}

/** The devices have been there for forty days, and some of them were offline on some of these. */
async function addStatuses(sql: Sql): Promise<void> {
  await sql`update devices.registry_log set at = at - interval '40 days'`;
  await sql`
    update devices.status_changes set at = at - interval '40 days'
    where position in (select min(position) from devices.status_changes group by device_id)`;
  await sql.begin(async (tx) => {
    const outages = await tx<{ id: string; at: string; back: string }[]>`
      select id, at, at + make_interval(hours => 1 + abs(hashtext(id || day)) % 6) as back
      from devices.devices, generate_series(2, 35) as day,
        lateral (select date_trunc('day', now()) - make_interval(days => day, hours => -(abs(hashtext(day || id)) % 12)) as at)
      where abs(hashtext(id || day)) % 29 = 0 order by at`;
    const changes = outages
      .flatMap(({ id, at, back }) => [
        { id, at: new Date(at).toISOString(), from: 'ONLINE', to: 'OFFLINE' },
        { id, at: new Date(back).toISOString(), from: 'OFFLINE', to: 'ONLINE' },
      ])
      .toSorted((a, b) => (a.at < b.at ? -1 : 1));
    // The counter's row is what writers of the log wait for.
    const [counter] = await tx<{ before: string }[]>`
      update devices.log_counters set position = position + ${changes.length}
      where log = 'status_changes' returning position - ${changes.length} as before`;
    await tx`
      insert into devices.status_changes (position, device_id, at, "from", "to", reason, blind)
      select ${counter?.before ?? 0}::bigint + n, change ->> 'id', (change ->> 'at')::timestamptz, change ->> 'from', change ->> 'to',
        case when change ->> 'to' = 'OFFLINE' then 'no answer' end, false
      from json_array_elements(${JSON.stringify(changes)}::json) with ordinality as given (change, n)`;
  });
}

/** A past for a Wheelhouse that has just begun: statuses, samples, and days of the archive, one of which is open. */
export async function addPast(databaseUrl: string): Promise<void> {
  const { db, sql, close } = openDatabase(databaseUrl, { maxConnections: 2 });
  await addSamples(sql);
  await addStatuses(sql);
  await gatherRound({ db, now: new Date(), logger: createLogger({ name: 'past', level: 'silent' }) });
  await close();
}
