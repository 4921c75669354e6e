import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, eq, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import { invitations, knownAddresses, sessions, signInAttempts } from '../tables.ts';

export type SessionRow = typeof sessions.$inferSelect;
export type EndReason = 'LOGOUT' | 'REPLAY' | 'PASSWORD_CHANGED' | 'DISABLED' | 'ENDED';

export async function insertSession(
  tx: Queryable,
  session: Pick<SessionRow, 'id' | 'userId' | 'createdAt' | 'expiresAt' | 'familyHash' | 'tokenHash' | 'origin'>,
): Promise<void> {
  await tx.insert(sessions).values({ ...session, rotatedAt: session.createdAt });
}

export async function findSession(db: Queryable, id: string): Promise<SessionRow | null> {
  const [found] = await db.select().from(sessions).where(eq(sessions.id, id));
  return found ?? null;
}

/**
 * Puts a refresh token in place of the one that is good, in one statement: of any number at a time one finds it good.
 *
 * @returns whether this was the one
 */
export async function rotate(
  tx: Queryable,
  { id, tokenHash, freshHash, at }: { id: string; tokenHash: string; freshHash: string; at: Date },
): Promise<boolean> {
  const rotated = await tx
    .update(sessions)
    .set({
      ...{ previousHash: tokenHash, tokenHash: freshHash, rotatedAt: at },
      rotations: sql`${sessions.rotations} + 1`,
    })
    .where(and(eq(sessions.id, id), eq(sessions.tokenHash, tokenHash), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return rotated.length > 0;
}

/** Ends sessions that live. @returns the ids of those that did */
async function end(tx: Queryable, which: SQL, { at, reason }: { at: Date; reason: EndReason }): Promise<string[]> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: at, endReason: reason })
    .where(and(which, isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return ended.map(({ id }) => id);
}

export const endSession = (tx: Queryable, id: string, how: { at: Date; reason: EndReason }): Promise<string[]> =>
  end(tx, eq(sessions.id, id), how);

/** Ends all sessions of a user, but `except` where it is given. */
export const endSessionsOf = (
  tx: Queryable,
  userId: string,
  { except, ...how }: { at: Date; reason: EndReason; except?: string },
): Promise<string[]> =>
  end(
    tx,
    and(eq(sessions.userId, userId), except === undefined ? undefined : ne(sessions.id, except)) ?? sql`false`,
    how,
  );

/** The ids of the sessions of a user that nobody has ended. */
export async function liveSessions(db: Queryable, userId: string): Promise<string[]> {
  const rows = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)));
  return rows.map(({ id }) => id);
}

/** Removes what is over since before `before`: sessions, invitations, and failures that are forgotten. @returns how many rows of each */
export async function removeOld(
  db: Queryable,
  { before, idleBefore, knownBefore }: { before: Date; idleBefore: Date; knownBefore: Date },
): Promise<{ sessions: number; invitations: number; attempts: number; addresses: number }> {
  const over = or(lt(sessions.endedAt, before), lt(sessions.expiresAt, before), lt(sessions.rotatedAt, idleBefore));
  const [ended, used, forgotten, unused] = [
    await db.delete(sessions).where(over).returning({ id: sessions.id }),
    await db.delete(invitations).where(lt(invitations.expiresAt, before)).returning({ id: invitations.id }),
    await db.delete(signInAttempts).where(lt(signInAttempts.lastAt, before)).returning({ key: signInAttempts.key }),
    await db
      .delete(knownAddresses)
      .where(lt(knownAddresses.lastAt, knownBefore))
      .returning({ id: knownAddresses.userId }),
  ];
  return { sessions: ended.length, invitations: used.length, attempts: forgotten.length, addresses: unused.length };
}
