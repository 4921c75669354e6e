import { isWithinArea } from '@wheelhouse/kit/area.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { appendSelectToLog } from '@wheelhouse/kit/log-table.ts';
import { and, desc, eq, gte, lt, not, or, type SQL, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { auditCursors, auditLog, auditOutbox } from '../tables.ts';

export type AuditRow = typeof auditLog.$inferSelect;

const COLUMNS = getTableConfig(auditOutbox).columns.map(({ name }) => name);
const COPIED = getTableConfig(auditLog).columns.filter(({ name }) => name !== 'position');

/**
 * The services that have an outbox, by name: each schema with the published table. Nothing lists them, so that a new service's rows arrive from
 * the first on.
 */
export async function findAuditedServices(db: Queryable): Promise<string[]> {
  const rows = await db.execute<{ service: string }>(sql`
    select namespace.nspname as service
    from pg_class as outbox
    join pg_namespace as namespace on namespace.oid = outbox.relnamespace
    where outbox.relname = 'audit_outbox' and outbox.relkind in ('r', 'p') and outbox.relpersistence = 'p'
      and to_regclass(format('%I.log_counters', namespace.nspname)) is not null
      and ${sql.param(COLUMNS)}::text[] <@ array(
        select attname::text from pg_attribute where attrelid = outbox.oid and attnum > 0 and not attisdropped)
    order by namespace.nspname`);
  return rows.map(({ service }) => service);
}

/**
 * Takes over what is new in a service's outbox, at most `limit` rows, in one transaction with the place in it. An outbox of another epoch is
 * one of a database that was put back: all of it is new.
 *
 * @returns how many rows were new
 */
export async function gatherOutbox(db: Database, service: string, limit: number): Promise<number> {
  const outbox = sql`${sql.identifier(service)}.audit_outbox`;
  return db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into ${auditCursors} (service, epoch, position)
      select ${service}, epoch, 0 from ${sql.identifier(service)}.log_counters where log = 'audit_outbox' on conflict do nothing`);
    const [cursor] = await tx.execute<{ position: number }>(sql`
      select case when held.epoch = counter.epoch then held.position else 0 end::float8 as position
      from ${auditCursors} as held join ${sql.identifier(service)}.log_counters as counter on counter.log = 'audit_outbox'
      where held.service = ${service} for update of held`);
    if (cursor === undefined) return 0;
    const rows = sql`select * from ${outbox} where position > ${cursor.position}::bigint order by position limit ${limit}`;
    const [moved] = await tx.execute<{ position: number | null }>(sql`
      update ${auditCursors} as held set epoch = counter.epoch, position = reached.position
      from (select max(position) as position from (${rows}) as fresh) as reached, ${sql.identifier(service)}.log_counters as counter
      where held.service = ${service} and counter.log = 'audit_outbox' and reached.position is not null
      returning held.position::float8 as position`);
    if (moved === undefined) return 0;
    const list = sql.join(
      COPIED.map(({ name }) => (name === 'service' ? sql`${service}::text` : sql`fresh.${sql.identifier(name)}`)),
      sql`, `,
    );
    return appendSelectToLog(tx, auditLog, {
      columns: COPIED,
      rows: sql`select ${list} from (${rows}) as fresh where fresh.position <= ${moved.position}::bigint order by fresh.position`,
    });
  });
}

export type AuditPlace = { at: Date; position: number };
export type AuditQuestion = {
  actor: string | null;
  action: string | null;
  target: string | null;
  /** Whether only what was refused, or only what was not; null: both. */
  isRefused: boolean | null;
  from: Date | null;
  to: Date | null;
  /** Records of these sites and those below them; null: all, also those without a site. */
  sites: readonly string[] | null;
};

/** An action and those that begin with it and a dot. */
const isActionOf = (action: string): SQL | undefined =>
  or(eq(auditLog.action, action), sql`starts_with(${auditLog.action}, ${`${action}.`})`);

/** Written as the index `audit_log_refused` has it, or that would not be used. */
const REFUSED = sql`${auditLog.action} like '%.refused'`;

/** Records, newest first, behind `after`. */
export function listAuditRecords(
  db: Queryable,
  question: AuditQuestion & { after: AuditPlace | null; limit: number },
): Promise<AuditRow[]> {
  const { actor, action, target, isRefused, from, to, sites, after } = question;
  return db
    .select()
    .from(auditLog)
    .where(
      and(
        actor === null ? undefined : eq(auditLog.actor, actor),
        action === null ? undefined : isActionOf(action),
        target === null ? undefined : eq(auditLog.target, target),
        isRefused === null ? undefined : isRefused ? REFUSED : not(REFUSED),
        from === null ? undefined : gte(auditLog.at, from),
        to === null ? undefined : lt(auditLog.at, to),
        sites === null ? undefined : isWithinArea(auditLog.site, sites),
        after === null
          ? undefined
          : sql`(${auditLog.at}, ${auditLog.position}) < (${after.at.toISOString()}::timestamptz, ${after.position}::bigint)`,
      ),
    )
    .orderBy(desc(auditLog.at), desc(auditLog.position))
    .limit(question.limit);
}
