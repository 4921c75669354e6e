import { type Database, isAmong } from '@wheelhouse/kit/database.ts';
import { asc, sql } from 'drizzle-orm';
import { countAttempt, type Limit } from '../rules/attempts.ts';
import { signInAttempts } from '../tables.ts';

type Counted = { key: string; blockedUntil: Date | null; previouslyUntil: Date | null };
/** A try that was counted, and how it is given back. */
export type Reservation = readonly Counted[];

const rowsOf = (rows: readonly { key: string; failures: number; lastAt: Date; blockedUntil: Date | null }[]): string =>
  JSON.stringify(
    rows.map(({ key, failures, lastAt, blockedUntil }) => ({
      key,
      failures,
      last_at: lastAt,
      blocked_until: blockedUntil,
    })),
  );

/** Counts a try under all its keys, or, while one of them has to wait, under none. */
export async function reserve(
  db: Database,
  keys: readonly { key: string; limit: Limit }[],
  now: Date,
): Promise<{ reservation: Reservation } | { retryAt: Date }> {
  const names = keys.map(({ key }) => key);
  return db.transaction(async (tx) => {
    // In the order of the keys, both times: two tries that share some can't wait for each other.
    await tx.execute(sql`
      insert into ${signInAttempts} (key, failures, last_at)
      select key, 0, ${now.toISOString()}::timestamptz from unnest(${sql.param(names)}::text[]) as wanted (key) order by key
      on conflict do nothing`);
    const held = await tx
      .select()
      .from(signInAttempts)
      .where(isAmong(signInAttempts.key, names))
      .orderBy(asc(signInAttempts.key))
      .for('update');
    const counted: Counted[] = [];
    const rows: { key: string; failures: number; lastAt: Date; blockedUntil: Date | null }[] = [];
    let retryAt: Date | null = null;
    for (const { key, limit } of keys) {
      const before = held.find((row) => row.key === key) ?? null;
      const after = countAttempt(before, limit, now);
      if ('retryAt' in after) {
        if (retryAt === null || after.retryAt > retryAt) retryAt = after.retryAt;
      } else {
        rows.push({ key, ...after });
        counted.push({ key, blockedUntil: after.blockedUntil, previouslyUntil: before?.blockedUntil ?? null });
      }
    }
    if (retryAt !== null) return { retryAt };
    await tx.execute(sql`
      update ${signInAttempts} as held
      set failures = fresh.failures, last_at = fresh.last_at, blocked_until = fresh.blocked_until
      from jsonb_to_recordset(${rowsOf(rows)}::jsonb) as fresh (key text, failures int, last_at timestamptz(3), blocked_until timestamptz(3))
      where held.key = fresh.key`);
    return { reservation: counted };
  });
}

/**
 * Gives back a try that went well: it was no failure. What others have counted meanwhile stays, and so does the wait that they made: who signs
 * in to an account of their own does not wipe out what they did to others.
 *
 * @param options.forget keys under which all that was counted was the owner's own
 */
export async function release(
  db: Database,
  reservation: Reservation,
  { forget }: { forget: readonly string[] },
): Promise<void> {
  const rows = reservation.map(({ key, blockedUntil, previouslyUntil }) => ({
    ...{ key, ours: blockedUntil, previously: previouslyUntil },
  }));
  const names = [...rows.map(({ key }) => key), ...forget];
  await db.transaction(async (tx) => {
    await tx
      .select({ key: signInAttempts.key })
      .from(signInAttempts)
      .where(isAmong(signInAttempts.key, names))
      .orderBy(asc(signInAttempts.key))
      .for('update');
    await tx.execute(sql`
      update ${signInAttempts} as held set failures = greatest(held.failures - 1, 0),
        blocked_until = case when held.blocked_until is not distinct from fresh.ours then fresh.previously else held.blocked_until end
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as fresh (key text, ours timestamptz(3), previously timestamptz(3))
      where held.key = fresh.key`);
    await tx.delete(signInAttempts).where(isAmong(signInAttempts.key, forget));
  });
}
