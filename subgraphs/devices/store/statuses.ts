import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { and, asc, desc, eq, exists, gt, gte, isNull, lt, min, ne, sql } from 'drizzle-orm';
import { type Filter, type Filterable, filterToSql } from '../filter.ts';
import type { Change, DeviceState, Status } from '../rules.ts';
import { deviceStatuses, devices, statusChanges } from '../tables.ts';
import { standsIn } from './sites.ts';

export type StatusChangeRow = {
  position: number;
  deviceId: string;
  at: Date;
  from: Status;
  to: Status;
  reason: string | null;
  /** What filters look at. */
  device: Filterable;
};

const changeColumns = {
  position: statusChanges.position,
  deviceId: statusChanges.deviceId,
  at: statusChanges.at,
  from: statusChanges.from,
  to: statusChanges.to,
  reason: statusChanges.reason,
  device: {
    id: devices.id,
    externalId: devices.externalId,
    name: devices.name,
    system: devices.system,
    site: devices.site,
    address: devices.address,
    tags: devices.tags,
    removedAt: devices.removedAt,
    status: statusChanges.to,
  },
};

/**
 * Status changes of devices in an area that match, at most `limit`: oldest first behind `position`, or newest first before it. Those of
 * removed devices are among them. Without `since` they are from the beginning.
 */
export const readStatusChanges = (
  db: Queryable,
  options: {
    filter: Filter;
    area: Area;
    since?: Date | null;
    position: number;
    isNewestFirst?: boolean;
    limit: number;
  },
): Promise<StatusChangeRow[]> =>
  db
    .select(changeColumns)
    .from(statusChanges)
    .innerJoin(devices, eq(devices.id, statusChanges.deviceId))
    .where(
      and(
        (options.isNewestFirst ? lt : gt)(statusChanges.position, options.position),
        options.since == null ? undefined : gte(statusChanges.at, options.since),
        filterToSql(options.filter, statusChanges.to, { hidesRemoved: false }),
        standsIn(db, options.area),
      ),
    )
    .orderBy((options.isNewestFirst ? desc : asc)(statusChanges.position))
    .limit(options.limit);

/** A device's next state, and the change that goes to the log with it, if any. */
export type Decision = { deviceId: string; state: DeviceState; change: Change | null };

type Decided = Decision & { before: DeviceState };

/** Whether nothing happened but that it was looked at again: what nearly every look of nearly every device comes to. */
const isQuiet = ({ before, state }: Decided): boolean =>
  state.status === before.status &&
  state.since === before.since &&
  state.reason === before.reason &&
  state.lookProblem === before.lookProblem;

/** The columns that a quiet look moves; the others would cost as much again. */
async function writeQuiet(tx: Queryable, decided: readonly Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const rows = decided.map(({ deviceId, state: { observedAt, slot, misses, answers } }) => ({
    id: deviceId,
    at: observedAt,
    slot,
    misses,
    answers,
  }));
  await tx.execute(sql`
    update ${deviceStatuses} as held
    set observed_at = fresh.at, slot = fresh.slot, misses = fresh.misses, answers = fresh.answers
    from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (id text, at timestamptz, slot timestamptz,
        misses int, answers int)
    where held.device_id = fresh.id`);
}

async function writeStates(tx: Queryable, decided: readonly Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const rows = decided.map(({ deviceId, state }) => ({ deviceId, ...state }));
  await tx.execute(sql`
    update ${deviceStatuses} as held
    set status = fresh.status, since = fresh.since, reason = fresh.reason, observed_at = fresh."observedAt",
        look_problem = fresh."lookProblem", slot = fresh.slot, misses = fresh.misses, answers = fresh.answers
    from json_to_recordset(${JSON.stringify(rows)}::json) as fresh ("deviceId" text, status text, since timestamptz,
        reason text, "observedAt" timestamptz, slot timestamptz, misses int, answers int, "lookProblem" text)
    where held.device_id = fresh."deviceId"`);
}

/** Writes states and appends their changes to the log, which must come last. */
async function writeDecisions(tx: Queryable, decided: readonly Decided[]): Promise<void> {
  await writeQuiet(tx, decided.filter(isQuiet));
  await writeStates(
    tx,
    decided.filter((one) => !isQuiet(one)),
  );
  const changes = decided.flatMap(({ deviceId, change }) =>
    change === null ? [] : [{ device_id: deviceId, ...change }],
  );
  await appendToLog(tx, statusChanges, changes);
}

const stateColumns = {
  status: deviceStatuses.status,
  since: deviceStatuses.since,
  reason: deviceStatuses.reason,
  observedAt: deviceStatuses.observedAt,
  slot: deviceStatuses.slot,
  misses: deviceStatuses.misses,
  answers: deviceStatuses.answers,
  lookProblem: deviceStatuses.lookProblem,
};

/**
 * Decides for devices that are not removed and writes what came of it, in one transaction. Rows are locked in the order of
 * their ids, so that two jobs with devices in common can't lock each other out.
 */
export async function decideStatuses(
  db: Database,
  deviceIds: readonly string[],
  decide: (deviceId: string, state: DeviceState) => { state: DeviceState; change: Change | null },
): Promise<Decision[]> {
  return db.transaction(async (tx) => {
    const present = tx
      .select({ one: sql`1` })
      .from(devices)
      .where(and(eq(devices.id, deviceStatuses.deviceId), isNull(devices.removedAt)));
    const held = await tx
      .select({ deviceId: deviceStatuses.deviceId, state: stateColumns })
      .from(deviceStatuses)
      .where(and(isAmong(deviceStatuses.deviceId, deviceIds), exists(present)))
      .orderBy(asc(deviceStatuses.deviceId))
      .for('update');
    const decisions = held
      .map(({ deviceId, state }) => ({ deviceId, before: state, ...decide(deviceId, state) }))
      .filter(({ before, state }) => before !== state);
    await writeDecisions(tx, decisions);
    return decisions;
  });
}

/** Devices that are not UNKNOWN and not removed. */
const isWatched = and(ne(deviceStatuses.status, 'UNKNOWN'), isNull(devices.removedAt));

/** Ids of devices, not UNKNOWN and not removed, whose last finding is older than `before`; at most `limit`. */
export async function findUnwatched(db: Queryable, before: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: deviceStatuses.deviceId })
    .from(deviceStatuses)
    .innerJoin(devices, eq(devices.id, deviceStatuses.deviceId))
    .where(and(isWatched, lt(deviceStatuses.observedAt, before)))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** The oldest last finding of a device that is not UNKNOWN and not removed; null where there is none. */
export async function findOldestFinding(db: Queryable): Promise<Date | null> {
  const [row] = await db
    .select({ observedAt: min(deviceStatuses.observedAt) })
    .from(deviceStatuses)
    .innerJoin(devices, eq(devices.id, deviceStatuses.deviceId))
    .where(isWatched);
  return row?.observedAt ?? null;
}
