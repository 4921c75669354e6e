import { sql as text } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { openDatabase, type Queryable, type Sql } from './database.ts';
import type { StopList } from './lifecycle.ts';
import { type LogName, logChannel, logName } from './log-table.ts';
import { sharedParts } from './shared-parts.ts';
import { UNCOUNTED } from './uncounted.ts';

/** Often enough that a lost notification delays a reader by a second at most. */
const LOOK_MS = 1_000;
/** What a watch takes of the database's connections: to look, and to listen. */
export const LOG_WATCH_CONNECTIONS = 2;

/** Calls `hint` whenever there may be rows after `tail()`, until it is closed. */
export type WatchLog = (log: { tail: () => number; hint: () => void }) => { close: () => Promise<void> };
export type LogWatch = { of: (table: PgTable) => WatchLog };

type Watched = LogName & { tail: () => number; hint: () => void };

const keyOf = ({ schema, log }: LogName): string => JSON.stringify([schema, log]);

/** The positions of these logs, with one statement. */
async function readPositions(db: Queryable, logs: readonly LogName[]): Promise<Map<string, number>> {
  const parts = [...Map.groupBy(logs, ({ schema }) => schema)].map(
    ([schema, own]) => text`
      select ${schema}::text as schema, log, position::float8 as position from ${text.identifier(schema)}.log_counters
      where log = any(${text.param([...new Set(own.map(({ log }) => log))])}::text[])`,
  );
  const rows = await db.execute<LogName & { position: number }>(
    text`${text.raw(UNCOUNTED)} ${text.join(parts, text` union all `)}`,
  );
  return new Map(rows.map((row) => [keyOf(row), row.position]));
}

/**
 * Tells the readers of any number of logs when to read: by notifications, and by one look a second at all their counters, since a notification
 * can be lost. Where the look fails or is not answered within the second, each reader is to look for itself.
 */
export function openLogWatch({ db, sql }: { db: Queryable; sql: Pick<Sql, 'listen'> }, lookMs = LOOK_MS): LogWatch {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  const hintAll = (): void => {
    for (const { hint } of watched) hint();
  };
  const look = async (): Promise<void> => {
    const positions = await readPositions(db, [...watched]);
    for (const log of watched) if ((positions.get(keyOf(log)) ?? 0) > log.tail()) log.hint();
  };
  const lookOnce = (): void => {
    if (isLooking) {
      hintAll();
      return;
    }
    isLooking = true;
    // Who can not read either says so.
    look()
      .catch(hintAll)
      .finally(() => {
        isLooking = false;
      });
  };
  const of =
    (table: PgTable): WatchLog =>
    ({ tail, hint }) => {
      const log = { ...logName(table), tail, hint };
      watched.add(log);
      timer ??= setInterval(lookOnce, lookMs);
      // What was notified while nobody listened is lost: it looks whenever listening begins anew. Without listening, the looks go on.
      const listening = sql.listen(logChannel(table), hint, hint).catch(() => undefined);
      return {
        close: async () => {
          watched.delete(log);
          if (watched.size === 0) {
            clearInterval(timer);
            timer = undefined;
          }
          const subscription = await listening;
          await subscription?.unlisten().catch(() => {});
        },
      };
    };
  return { of };
}

const watchOf = sharedParts<LogWatch>();

/** The watch of all logs that the services of a process follow. It opens connections when the first is. */
export const logWatchOf = (databaseUrl: string, stops: StopList): LogWatch =>
  watchOf(stops, databaseUrl, () =>
    openLogWatch(stops.own('log watch', openDatabase(databaseUrl, { maxConnections: 1 }), ({ close }) => close())),
  );
