import type { Stamp } from '@wheelhouse/kit/actor.ts';
import { appendAudit, auditedAs } from '@wheelhouse/kit/audit.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { eq, sql } from 'drizzle-orm';
import {
  type Day,
  endOf,
  isExpected,
  monthOf,
  type Obstacle,
  obstaclesTo,
  type ServiceOnDay,
  startOf,
} from '../rules.ts';
import { archivedDayServices, archivedDays, auditOutbox, gatherCursors } from '../tables.ts';
import { writeDailyStatuses } from './daily-statuses.ts';
import { ensurePartitions, lockArchive } from './partitions.ts';
import { writeRollups } from './rollups.ts';
import { sourceOf, tableOf } from './services.ts';

const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`;
const isOn = (day: Day) => sql`hour >= ${instant(startOf(day))} and hour < ${instant(endOf(day))}`;

/** The first and the last hour that a service sampled; of the first, the archive may know more than the service still has. */
async function readRuns(tx: Queryable, service: string): Promise<Pick<ServiceOnDay, 'firstRun' | 'lastRun'>> {
  const [row] = await tx.execute<{ first: string | null; archived: string | null; last: string | null }>(sql`
    select min(hour) as first, max(hour) as last,
      (select min(day)::timestamp at time zone 'UTC' from ${archivedDayServices}
        where service = ${service} and cardinality(missing_hours) < 24) as archived
    from ${tableOf(service, 'sample_runs')}`);
  const known = [row?.first, row?.archived].flatMap((text) => (text == null ? [] : [new Date(text)]));
  const firstRun = known.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null;
  return { firstRun, lastRun: row?.last == null ? null : new Date(row.last) };
}

/** Takes the hours off that were sampled, also after the day was looked at last, and gives those that are missing. */
async function countHours(tx: Queryable, service: string, day: Day): Promise<number[]> {
  const sampled = sql`array(
    select extract(hour from hour at time zone 'UTC')::int from ${tableOf(service, 'sample_runs')} where ${isOn(day)})`;
  const without = (hours: ReturnType<typeof sql>) => sql`array(
    select missing from unnest(${hours}) as missing where missing <> all(${sampled}) order by missing)`;
  const [row] = await tx.execute<{ missing: number[] }>(sql`
    insert into ${archivedDayServices} as held (day, service, samples, missing_hours)
    values (${day}::date, ${service}, 0, ${without(sql`array(select generate_series(0, 23))`)})
    on conflict (day, service) do update set missing_hours = ${without(sql`held.missing_hours`)}
    returning missing_hours as missing`);
  return row?.missing ?? [];
}

async function hasUngathered(tx: Queryable, service: string, day: Day): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(sql`
    select exists (
      select from ${tableOf(service, 'samples')} where hour < ${instant(endOf(day))} and position > coalesce((
        select position from ${gatherCursors} where source = ${sourceOf(service)}
          and epoch = (select epoch from ${tableOf(service, 'log_counters')} where log = 'samples')), 0)
    ) as found`);
  return row?.found ?? false;
}

async function lookAt(tx: Queryable, service: string, day: Day): Promise<ServiceOnDay> {
  const runs = await readRuns(tx, service);
  if (!isExpected(runs, day)) return { service, ...runs, missingHours: [], hasUngathered: false };
  const missingHours = await countHours(tx, service, day);
  return { service, ...runs, missingHours, hasUngathered: await hasUngathered(tx, service, day) };
}

/** Who seals a day although something is missing. */
export type Overruling = { by: Stamp; reason: string };

/**
 * Seals a day when nothing keeps it open, in one transaction with its rollups and the time of its statuses; otherwise keeps why it is open.
 * A day that an
 * operator sealed before is sealed again without being asked, and one that is sealed stays as it is.
 *
 * @returns what keeps it open; empty when it is sealed
 */
export const sealDay = (
  db: Database,
  services: readonly string[],
  { day, now, overruling = null }: { day: Day; now: Date; overruling?: Overruling | null },
): Promise<Obstacle[]> =>
  db.transaction(async (tx) => {
    await lockArchive(tx);
    const [held] = await tx.select().from(archivedDays).where(eq(archivedDays.day, day));
    if (held === undefined || held.sealedAt !== null) return [];
    const looked: ServiceOnDay[] = [];
    for (const service of services) looked.push(await lookAt(tx, service, day));
    const isOverruled = overruling !== null || held.sealedBy !== null;
    const obstacles = obstaclesTo(day, looked).filter(({ canBeOverruled }) => !(canBeOverruled && isOverruled));
    if (obstacles.length > 0) {
      const notSealedBecause = obstacles.map(({ text }) => text);
      await tx.update(archivedDays).set({ notSealedBecause }).where(eq(archivedDays.day, day));
      return obstacles;
    }
    await ensurePartitions(tx, [monthOf(startOf(day))]);
    await writeRollups(tx, day);
    await writeDailyStatuses(tx, day, null);
    const by = overruling === null ? {} : { sealedBy: overruling.by.actor, sealReason: overruling.reason };
    await tx
      .update(archivedDays)
      .set({ sealedAt: now, notSealedBecause: [], ...by })
      .where(eq(archivedDays.day, day));
    if (overruling !== null) {
      const without = obstaclesTo(day, looked).map(({ text }) => text);
      const entry = { ...auditedAs(overruling.by), action: 'history.sealArchivedDay', target: day };
      await appendAudit(tx, auditOutbox, [{ ...entry, after: { without }, reason: overruling.reason }]);
    }
    return [];
  });
