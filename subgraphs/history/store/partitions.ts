import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { getTableName, sql } from 'drizzle-orm';
import { archivedSamples, dailyRollups, dailyStatuses } from '../tables.ts';

/** Whoever writes to the archive holds it to the end of the transaction. Any number would do; this one spells "arch" in ASCII. */
const ARCHIVE_LOCK = 0x61726368;

/** Lets one transaction at a time write to the archive. */
export const lockArchive = (tx: Queryable): Promise<unknown> =>
  tx.execute(sql`select pg_advisory_xact_lock(${ARCHIVE_LOCK})`);

const PARTITIONED = [
  { table: archivedSamples, name: 'archived_samples', bound: (at: string) => `${at}T00:00:00Z` },
  { table: dailyRollups, name: 'daily_rollups', bound: (at: string) => at },
  { table: dailyStatuses, name: 'daily_statuses', bound: (at: string) => at },
];

/** The first day of a month, `2028_02`, and of the one that follows. */
function boundsOf(month: string): [string, string] {
  const [year = 0, number = 0] = month.split('_').map(Number);
  const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return [dayOf(Date.UTC(year, number - 1)), dayOf(Date.UTC(year, number))];
}

/**
 * Makes the partitions of these months (`2028_02`) that are not there. The archive must be locked: PostgreSQL's `if not exists` races. They
 * are attached, since one that is made in place would make every reader of the archive wait (PostgreSQL: ACCESS EXCLUSIVE on the parent).
 */
export async function ensurePartitions(tx: Queryable, months: readonly string[]): Promise<void> {
  for (const month of months) {
    const [first, next] = boundsOf(month);
    for (const { table, name, bound } of PARTITIONED) {
      const partition = sql`history.${sql.identifier(`${name}_${month}`)}`;
      const [found] = await tx.execute<{ exists: boolean }>(
        sql`select to_regclass(${`history.${name}_${month}`}) is not null as exists`,
      );
      if (found?.exists) continue;
      await tx.execute(sql`create table ${partition} (like ${table} including all)`);
      // The bounds are text of our own making: a statement of this kind takes no parameters.
      await tx.execute(
        sql`alter table ${table} attach partition ${partition}
          for values from (${sql.raw(`'${bound(first)}'`)}) to (${sql.raw(`'${bound(next)}'`)})`,
      );
    }
  }
}

/** Readers of a month wait no longer for its turn to be put in order than this. */
const CLUSTER_WAIT = '1s';

/**
 * Puts the rows of months before `month` (`2028_02`) in the order of the devices, once, when all their days are sealed: written day by day, a
 * device's year of rollups would lie on as many pages as it has days. A month that somebody reads for too long has its turn in another round.
 *
 * @param open months that have open days, which are left alone
 * @returns the partitions that were put in order
 */
export async function clusterMonths(db: Database, month: string, open: ReadonlySet<string>): Promise<string[]> {
  const clustered: string[] = [];
  for (const table of [dailyRollups, dailyStatuses]) {
    const rows = await db.execute<{ partition: string; key: string }>(sql`
      select partition.relname as partition, key.relname as key
      from pg_inherits join pg_class as partition on partition.oid = inhrelid
      join pg_index on indrelid = partition.oid and indisprimary and not indisclustered
      join pg_class as key on key.oid = indexrelid
      where inhparent = ${`history.${getTableName(table)}`}::regclass and pg_relation_size(partition.oid) > 0`);
    for (const { partition, key } of rows) {
      const own = partition.slice(-month.length);
      if (own >= month || open.has(own)) continue;
      await db.transaction(async (tx) => {
        await lockArchive(tx);
        await tx.execute(sql`set local lock_timeout = ${sql.raw(`'${CLUSTER_WAIT}'`)}`);
        await tx.execute(sql`cluster history.${sql.identifier(partition)} using ${sql.identifier(key)}`);
      });
      clustered.push(partition);
    }
  }
  return clustered;
}
