import type { AccessItem } from '@wheelhouse/contracts/access.ts';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { asc, gt } from 'drizzle-orm';
import { accessLog } from '../tables.ts';

/**
 * What is taken away: all of a session or an API key (`sid`), or all that somebody has (`sub`), of what was signed before `before`, or with a lower version of
 * rights where one is told.
 */
export type Revocation = { sub: string | null; sid: string | null; before: Date; rightsVersion?: number };

/** Tells who keeps tokens that some count no longer. It locks the log until the commit, and only the outbox of the audit comes after it. */
export async function appendRevocations(tx: Queryable, revocations: readonly Revocation[], at: Date): Promise<void> {
  await appendToLog(
    tx,
    accessLog,
    revocations.map(({ sub, sid, before, rightsVersion = null }) => ({
      ...{ sub, sid, before: before.toISOString(), rights_version: rightsVersion, at: at.toISOString() },
    })),
  );
}

export type AccessRow = AccessItem & { position: number };

/** What was taken away after `position`, oldest first. */
export async function readRevocations(db: Queryable, position: number, limit: number): Promise<AccessRow[]> {
  const rows = await db
    .select()
    .from(accessLog)
    .where(gt(accessLog.position, position))
    .orderBy(asc(accessLog.position))
    .limit(limit);
  return rows.map(({ sub, sid, before, rightsVersion, ...row }) => ({
    position: row.position,
    sub,
    sid,
    before: before.toISOString(),
    rightsVersion,
  }));
}
