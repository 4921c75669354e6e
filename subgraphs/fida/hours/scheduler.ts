import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { type Accepted, type Requested, requestChanges } from '@wheelhouse/kit/settings-requests.ts';
import { enqueueChanges, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import type { SettingsMetrics } from '../settings-metrics.ts';
import { settingsTables } from '../tables.ts';
import { reckonAt, type Step, stepOf } from './due.ts';
import {
  findHoursWork,
  HoursMovedError,
  type HoursWork,
  heldOf,
  type Move,
  moveHours,
  refreshHours,
  settleHours,
} from './store.ts';

/** Who asks for a change when the hours do. */
export const HOURS_ACTOR = 'hours of operation';

export type HoursDeps = {
  db: Database;
  /** The queue on which changes of settings are carried out. */
  queue: JobQueue<SettingsJob>;
  metrics: SettingsMetrics;
  logger: Logger;
};

/** A transaction's: few enough that nobody waits long for the log of states. */
const CHUNK = 500;
/** Where hours were changed at that very moment, the look is taken again; after so many the next minute has to do. */
const LOOKS = 3;

type Act = Extract<Step, { kind: 'switch' | 'again' }>;
type Due = HoursWork & { step: Act };

function requestOf({ row, step }: Due) {
  const { deviceId, changeId } = row;
  // A switching is asked for once, and each change of it is followed by one more at most.
  const name = step.kind === 'switch' ? step.switching.at.toISOString() : changeId;
  const idempotencyKey = `hours:${deviceId}:${name}`;
  return { subject: deviceId, sent: { power: step.power }, reason: step.reason, idempotencyKey };
}

function moveOf({ row, step }: Due, changeId: string | null): Move {
  if (step.kind === 'again') return { ...row, row, changeId };
  const { switching, next } = step;
  const switchedThrough = new Date(Math.max(switching.at.getTime(), row.switchedThrough.getTime()));
  return { row, switchedThrough, nextAt: next?.at ?? null, nextPower: next?.power ?? null, changeId };
}

/**
 * Asks for what is due, and keeps that it was, in one transaction.
 *
 * @throws HoursMovedError when hours were changed meanwhile: nothing was done then
 */
async function request({ db, queue, metrics, logger }: HoursDeps, due: readonly Due[], now: Date): Promise<void> {
  const byDevice = new Map(due.map((item) => [item.row.deviceId, item]));
  const movesOf = (ended: readonly { deviceId: string; changeId: string | null }[]): Move[] =>
    ended.flatMap(({ deviceId, changeId }) => {
      const item = byDevice.get(deviceId);
      return item ? [moveOf(item, changeId)] : [];
    });
  const outcomes = await db.transaction((tx) =>
    requestChanges(tx, settingsTables, due.map(requestOf), {
      by: { at: now, actor: HOURS_ACTOR },
      storeKept: (inner, accepted: readonly Accepted[]) =>
        moveHours(inner, movesOf(accepted.map(({ change }) => ({ deviceId: change.subject, changeId: change.id })))),
    }),
  );
  const accepted = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome] : []));
  for (const { superseded } of accepted) metrics.superseded(superseded.length);
  const changes = accepted.map(({ change }) => change);
  await enqueueChanges(queue, changes, { logger, isBackground: true });
  if (changes.length > 0) logger.info({ displays: changes.length }, 'displays are switched by their hours');
  // A clock that was put back: what was asked for under that name is done.
  const isKnown = (outcome: Requested): boolean => outcome.kind !== 'accepted';
  const known = due.flatMap((item, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || !isKnown(outcome)) return [];
    return [{ deviceId: item.row.deviceId, changeId: outcome.kind === 'repeated' ? outcome.change.id : null }];
  });
  if (known.length === 0) return;
  // Another worker was quicker, as a rule: then they are no longer as they were.
  await db.transaction((tx) => moveHours(tx, movesOf(known)));
  logger.warn({ displays: known.length }, 'switchings were asked for before, and are not asked for again');
}

/**
 * Does what is due at `now`: of each display the last of its switchings that are not done, and what reached nobody once more where the
 * display answers again. Any number of workers may do it at once.
 */
export async function switchDisplays(deps: HoursDeps, now: Date): Promise<void> {
  const reckon = reckonAt(now);
  for (let look = 1; look <= LOOKS; look += 1) {
    const failures: unknown[] = [];
    const work = (await findHoursWork(deps.db, now)).flatMap((item) => {
      try {
        return [{ ...item, step: stepOf(heldOf(item.row), item, now, reckon) }];
      } catch (cause) {
        failures.push(new Error(`the hours of ${item.row.deviceId} can not be followed`, { cause }));
        return [];
      }
    });
    await settleHours(
      deps.db,
      work.flatMap(({ row, step }) => (step.kind === 'settled' ? (row.changeId ?? []) : [])),
    );
    const isAct = (item: HoursWork & { step: Step }): item is Due =>
      item.step.kind === 'switch' || item.step.kind === 'again';
    const due = work.filter(isAct);
    for (let first = 0; first < due.length; first += CHUNK)
      await request(deps, due.slice(first, first + CHUNK), now).catch((err: unknown) => failures.push(err));
    // The failure of one display, or of a chunk, keeps no other from being switched, and fails the tick all the same.
    const failure = failures.find((err) => !(err instanceof HoursMovedError));
    if (failure !== undefined) throw failure;
    if (failures.length === 0) return;
  }
  deps.logger.warn('hours were changed at each look: what is due waits for the next minute');
}

/** Follows the hours of operation of all displays, on the minute. */
export async function openHoursScheduler(deps: HoursDeps & { queues: Queues }): Promise<void> {
  const { db, queues, logger } = deps;
  for (;;) {
    const { refreshed, hasMore } = await db.transaction((tx) => refreshHours(tx));
    if (refreshed > 0) logger.info({ displays: refreshed }, 'hours are reckoned by other time zone rules than before');
    if (!hasMore) break;
  }
  await queues.every('fida-hours', 60, (scheduledAt) => switchDisplays(deps, scheduledAt));
}
