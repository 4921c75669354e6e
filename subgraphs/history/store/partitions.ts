import type { Queryable } from '@wheelhouse/kit/database.ts';
import { sql } from 'drizzle-orm';
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
