import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, desc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm';
import { invitations } from '../tables.ts';

export type InvitationRow = typeof invitations.$inferSelect;

export async function insertInvitation(
  tx: Queryable,
  invitation: Omit<InvitationRow, 'usedAt'>,
): Promise<InvitationRow> {
  const [inserted] = await tx.insert(invitations).values(invitation).returning();
  if (inserted === undefined) throw new Error('The invitation was not stored');
  return inserted;
}

/** Neither used nor ended; what was taken back is not there. */
const isPending = (now: Date): SQL | undefined => and(isNull(invitations.usedAt), gt(invitations.expiresAt, now));

/** The invitation, if it can still be used, held until the transaction ends. */
export async function lockInvitation(tx: Queryable, id: string, now: Date): Promise<InvitationRow | null> {
  const [found] = await tx
    .select()
    .from(invitations)
    .where(and(eq(invitations.id, id), isPending(now)))
    .for('update');
  return found ?? null;
}

export async function useInvitation(tx: Queryable, id: string, at: Date): Promise<void> {
  await tx.update(invitations).set({ usedAt: at }).where(eq(invitations.id, id));
}

/** The audit log keeps what it was. */
export async function removeInvitation(tx: Queryable, id: string): Promise<void> {
  await tx.delete(invitations).where(eq(invitations.id, id));
}

/**
 * Invitations that can still be used, newest first, behind the one made at `after.at` with that id. With `sites` only those that give something, all of it at these
 * sites or below.
 */
export function listInvitations(
  db: Queryable,
  question: { sites: readonly string[] | null; after: { at: Date; id: string } | null; limit: number; now: Date },
): Promise<InvitationRow[]> {
  const { sites, after, limit, now } = question;
  const isWithin = sql`jsonb_array_length(${invitations.grants}) > 0 and not exists (
    select 1 from jsonb_array_elements(${invitations.grants}) as given (grant_given)
    where not exists (
      select 1 from unnest(${sql.param(sites ?? [])}::text[]) as area (site)
      where given.grant_given ->> 'site' = area.site or starts_with(given.grant_given ->> 'site', area.site || '/')))`;
  const isBehind =
    after === null
      ? undefined
      : sql`(${invitations.createdAt}, ${invitations.id}) < (${after.at.toISOString()}::timestamptz, ${after.id})`;
  return db
    .select()
    .from(invitations)
    .where(and(isPending(now), sites === null ? undefined : isWithin, isBehind))
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(limit);
}
