import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Database, Queryable } from './database.ts';
import { appendToLog } from './log-table.ts';
import type { SettingsValues } from './settings-changes.ts';
import { eventOf, type SettingsChangeRow, type SettingsTables } from './settings-requests.ts';
import type { Outcome } from './settings-rules.ts';

const OPEN = ['PENDING', 'SENDING'] as const;

/** Who has a change in hand. The database's clock alone says until when, so that the workers' need not agree. */
export type Lease = { token: string; leaseMs: number };

const until = (leaseMs: number) => sql`clock_timestamp() + ${`${leaseMs} milliseconds`}::interval`;

/**
 * Leases the oldest open change of a subject. A subject's changes run one after the other: null also while another one has it
 * in hand, or has just ended it, who then goes on to the next by itself.
 */
export async function takeNext(
  db: Queryable,
  { changes }: SettingsTables,
  subject: string,
  { token, leaseMs }: Lease,
): Promise<SettingsChangeRow | null> {
  const isOpen = inArray(changes.state, OPEN);
  const head = db
    .select({ id: changes.id })
    .from(changes)
    .where(and(eq(changes.subject, subject), isOpen))
    .orderBy(asc(changes.settingsVersion))
    .limit(1);
  // One statement: of two who find the same head, the second one waits for the row and then finds it leased. An older one than the
  // head can't appear, since versions are committed in their order.
  const [taken] = await db
    .update(changes)
    .set({ leaseToken: token, leaseUntil: until(leaseMs), attempts: sql`${changes.attempts} + 1` })
    .where(and(eq(changes.id, sql`(${head})`), isOpen, sql`coalesce(${changes.leaseUntil} < clock_timestamp(), true)`))
    .returning();
  return taken ?? null;
}

const isHeld = ({ changes }: SettingsTables, id: string, token: string) =>
  and(eq(changes.id, id), eq(changes.leaseToken, token), inArray(changes.state, OPEN));

/** Holds a change for longer; false when another one has it in hand by now, or it has ended. */
export async function renewLease(db: Queryable, tables: SettingsTables, id: string, lease: Lease): Promise<boolean> {
  const renewed = await db
    .update(tables.changes)
    .set({ leaseUntil: until(lease.leaseMs) })
    .where(isHeld(tables, id, lease.token))
    .returning({ id: tables.changes.id });
  return renewed.length > 0;
}

/**
 * Lets a change go that was not ended, so that the next one need not wait.
 *
 * @param release.isAttempt whether it counts as an attempt: not where the worker was stopped, which says nothing of the change
 */
export async function releaseLease(
  db: Queryable,
  tables: SettingsTables,
  { id, token, isAttempt }: { id: string; token: string; isAttempt: boolean },
): Promise<void> {
  const { attempts } = tables.changes;
  await db
    .update(tables.changes)
    .set({ leaseToken: null, leaseUntil: null, ...(!isAttempt && { attempts: sql`${attempts} - 1` }) })
    .where(isHeld(tables, id, token));
}

/**
 * Says that from here on values may have been sent, and keeps what they were before. Nothing may be sent until this has been
 * committed; false when the change has ended meanwhile, or is another one's: then nothing may be sent at all.
 */
export function beginSending(
  db: Database,
  tables: SettingsTables,
  begin: { id: string; lease: Lease; before: SettingsValues; at: Date },
): Promise<boolean> {
  const { id, lease, before, at } = begin;
  const { changes } = tables;
  return db.transaction(async (tx) => {
    const [begun] = await tx
      .update(changes)
      .set({
        ...{ state: 'SENDING', sentAt: at, leaseUntil: until(lease.leaseMs) },
        before: sql`coalesce(${changes.before}, '{}'::jsonb) || ${JSON.stringify(before)}::jsonb`,
      })
      .where(and(isHeld(tables, id, lease.token), eq(changes.state, 'PENDING')))
      .returning({ id: changes.id, subject: changes.subject });
    if (begun === undefined) return false;
    await appendToLog(tx, tables.events, [eventOf(begun, 'SENDING', at)]);
    return true;
  });
}

/**
 * Ends a change, unless it has ended or is another one's.
 *
 * @param end.also what else is to be written in the same transaction
 * @returns the change as it ended, or null
 */
export function finishChange(
  db: Database,
  tables: SettingsTables,
  end: {
    id: string;
    token: string;
    at: Date;
    outcome: Outcome;
    also?: (tx: Queryable, change: SettingsChangeRow) => Promise<void>;
  },
): Promise<SettingsChangeRow | null> {
  const { state, before, readBack, code, detail } = end.outcome;
  const { changes } = tables;
  return db.transaction(async (tx) => {
    const merged = before === null ? undefined : JSON.stringify(before);
    const [ended] = await tx
      .update(changes)
      .set({
        ...{ state, readBack, code, detail, finishedAt: end.at, leaseToken: null, leaseUntil: null },
        ...(merged && { before: sql`coalesce(${changes.before}, '{}'::jsonb) || ${merged}::jsonb` }),
      })
      .where(isHeld(tables, end.id, end.token))
      .returning();
    if (ended === undefined) return null;
    await end.also?.(tx, ended);
    await appendToLog(tx, tables.events, [eventOf(ended, state, end.at)]);
    return ended;
  });
}

/**
 * The oldest open change of each subject that nobody has in hand and that was asked for `ageMs` ago or more; `limit` at most. One that is
 * dated in the future, by a server whose clock is ahead, need not wait until then.
 */
export function listUnfinished(
  db: Queryable,
  { changes }: SettingsTables,
  options: { ageMs: number; limit: number },
): Promise<{ id: string; subject: string }[]> {
  return db.execute<{ id: string; subject: string }>(sql`
    select id, subject from (
      select distinct on (subject) id, subject, lease_until, requested_at from ${changes}
      where state in ('PENDING', 'SENDING') order by subject, settings_version
    ) as head
    where (lease_until is null or lease_until < clock_timestamp())
      and requested_at not between clock_timestamp() - ${`${options.ageMs} milliseconds`}::interval and clock_timestamp()
    order by requested_at limit ${options.limit}`);
}
