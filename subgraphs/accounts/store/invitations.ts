import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { invitations } from '../tables.ts';

export type InvitationRow = typeof invitations.$inferSelect;

export async function insertInvitation(tx: Queryable, invitation: Omit<InvitationRow, 'usedAt'>): Promise<void> {
  await tx.insert(invitations).values(invitation);
}

/** The invitation, if it can still be used, held until the transaction ends. */
export async function lockInvitation(tx: Queryable, id: string, now: Date): Promise<InvitationRow | null> {
  const [found] = await tx
    .select()
    .from(invitations)
    .where(and(eq(invitations.id, id), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
    .for('update');
  return found ?? null;
}

export async function useInvitation(tx: Queryable, id: string, at: Date): Promise<void> {
  await tx.update(invitations).set({ usedAt: at }).where(eq(invitations.id, id));
}
