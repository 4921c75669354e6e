import { problemOf } from '@wheelhouse/contracts/observations.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { type FeedCopy, isPresent } from '@wheelhouse/kit/feed-copy.ts';
import { insertRows } from '@wheelhouse/kit/rows.ts';
import { sql } from 'drizzle-orm';
import type { Look } from './ping.ts';
import { LOOKS_IN_WINDOW, tallyOf } from './rules.ts';
import { feedCursors, pinged, targets } from './tables.ts';

export type PingedRow = typeof pinged.$inferSelect;
export type TargetRow = Pick<typeof targets.$inferSelect, 'deviceId' | 'connection'>;

/** Our copy of the registry. */
export const registryCopy: FeedCopy = {
  feed: 'registry',
  cursors: feedCursors,
  entries: targets,
  id: targets.deviceId,
};

/** The targets with these ids that are not removed, in no order. What a look does not need would cost as much again in each sweep. */
export const findTargets = (db: Queryable, ids: readonly string[]): Promise<TargetRow[]> =>
  db
    .select({ deviceId: targets.deviceId, connection: targets.connection })
    .from(targets)
    .where(isPresent(registryCopy, ids));

export const findPinged = (db: Queryable, ids: readonly string[]): Promise<PingedRow[]> =>
  db.select().from(pinged).where(isAmong(pinged.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

function rowOf({ deviceId, at, look }: Looked, slot: Date): PingedRow {
  const tally = tallyOf(look);
  return {
    ...{ deviceId, slot, lookedAt: at, lookProblem: problemOf(look) },
    measuredAt: tally && at,
    roundTripTimeMs: look.kind === 'answered' ? look.roundTripTimeMs : null,
    lossRatio: tally && tally.lost / tally.sent,
    recentLooks: tally ? [{ slotMs: slot.getTime(), ...tally }] : [],
  };
}

/**
 * Keeps what a chunk's looks found, in one statement, into which the rows travel as one parameter. A look of an older slot than the one
 * we have changes nothing, and one that could not be taken leaves what was measured as it is. The window of the last looks is made where
 * the row is locked, since looks of two slots may be under way at once; a slot counts once in it, however often its job runs.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    ${insertRows(pinged, rows)}
    on conflict (device_id) do update set
      slot = excluded.slot,
      looked_at = excluded.looked_at,
      look_problem = excluded.look_problem,
      measured_at = coalesce(excluded.measured_at, held.measured_at),
      round_trip_time_ms =
        case when excluded.measured_at is null then held.round_trip_time_ms else excluded.round_trip_time_ms end,
      (recent_looks, loss_ratio) = (
        select kept, case
          when excluded.loss_ratio is null then held.loss_ratio
          -- As it nearly always is: nothing to add up.
          when excluded.loss_ratio = 0 and held.loss_ratio = 0 then 0
          else (
            select sum(lost)::double precision / sum(sent)
            from jsonb_to_recordset(kept) as look (sent integer, lost integer)
          )
        end
        from (
          -- Slots only rise, so the one that is there already can only be the first; what is taken away is the one after the last that counts.
          select (
            excluded.recent_looks || case
              when held.recent_looks #> '{0,slotMs}' = excluded.recent_looks #> '{0,slotMs}' then held.recent_looks - 0
              else held.recent_looks
            end
          ) - ${sql.raw(String(LOOKS_IN_WINDOW))} as kept
        ) as recent
      )
    where held.slot <= excluded.slot`);
}
