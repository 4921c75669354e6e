import { sql } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { Database, Queryable } from './database.ts';
import { pruneLog } from './log-table.ts';
import type { Logger } from './logger.ts';

/** The table that says up to where each outbox was taken over, by service, epoch and position: published by the service that has the audit log. */
export type AuditCursors = { schema: string; table: string };

/** An audit outbox (kit/audit.ts) with the column of its time. */
export type AuditOutbox = PgTable & { at: PgColumn };

const EVERY_MS = 3_600_000;
/** For who wants to see what a service told of; the audit log has it for good by then. */
const KEPT_MS = 86_400_000;
/** Appends wait while a batch is committed, so one is small. */
const BATCH_ROWS = 5_000;
/** What one round removes at most: the next one goes on. */
const MAX_BATCHES = 200;

/** Up to where an outbox was taken over; 0 before the first time, and where another log of that name was: the database was put back. */
async function readGathered(db: Queryable, outbox: PgTable, cursors: AuditCursors): Promise<number> {
  const { schema, name } = getTableConfig(outbox);
  const [held] = await db.execute<{ position: number }>(sql`
    select held.position::float8 as position
    from ${sql.identifier(cursors.schema)}.${sql.identifier(cursors.table)} as held
    join ${sql.identifier(schema ?? '')}.log_counters as counter on counter.log = ${name} and counter.epoch = held.epoch
    where held.service = ${schema}`);
  return held?.position ?? 0;
}

/**
 * Removes what the audit log has taken over from a service's outbox and is older than a day. Any number of processes may do it at once.
 *
 * @returns how many rows were removed
 */
export async function pruneAuditOutbox(
  db: Database,
  { outbox, cursors }: { outbox: AuditOutbox; cursors: AuditCursors },
  now: Date,
): Promise<number> {
  const through = await readGathered(db, outbox, cursors);
  if (through === 0) return 0;
  const before = new Date(now.getTime() - KEPT_MS);
  let total = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const removed = await pruneLog(db, outbox, { time: outbox.at, before, limit: BATCH_ROWS, through });
    total += removed;
    if (removed < BATCH_ROWS) break;
  }
  return total;
}

/** Prunes a service's outbox every hour, at a moment of its own. */
export function openAuditRetention(options: {
  db: Database;
  audit: { outbox: AuditOutbox; cursors: AuditCursors };
  logger: Logger;
  now: () => Date;
  /** @default an hour */
  everyMs?: number;
}): { close: () => Promise<void> } {
  const { db, audit, logger, now, everyMs = EVERY_MS } = options;
  let running: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    try {
      const removed = await pruneAuditOutbox(db, audit, now());
      if (removed > 0) logger.info({ removed }, 'what the audit log has was removed from the outbox');
    } catch (err) {
      logger.warn({ err }, 'the audit outbox could not be pruned, trying again in an hour');
    }
  };
  let timer: NodeJS.Timeout;
  const next = (afterMs: number): void => {
    timer = setTimeout(() => {
      running = round();
      next(everyMs);
    }, afterMs).unref();
  };
  next(Math.random() * everyMs);
  return {
    close: () => {
      clearTimeout(timer);
      return running;
    },
  };
}
