import { openDatabase } from '@wheelhouse/kit/database.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { isOpen } from '@wheelhouse/kit/settings-changes.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { settingsQueue } from '@wheelhouse/kit/settings-worker.ts';
import { and, asc, eq } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { eventually } from '../../../tests/harness.ts';
import { HOURS_ACTOR, switchDisplays } from '../hours/scheduler.ts';
import { settingsMetrics } from '../settings-metrics.ts';
import { SETTINGS_QUEUE } from '../settings-worker.ts';
import { displays, settingsChanges } from '../tables.ts';

/** A clock of a test's own for the hours of a running Wheelhouse, whose workers carry the changes out. */
export async function openHoursClock(databaseUrl: string) {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const stops = new StopList(logger);
  const { db } = stops.own('database', openDatabase(databaseUrl), ({ close }) => close());
  const queues = openQueues({ databaseUrl, logger, stops });
  const deps = {
    ...{ db, logger, queue: settingsQueue(queues, SETTINGS_QUEUE) },
    metrics: settingsMetrics(new Registry()),
  };
  const changesOf = (deviceId: string): Promise<SettingsChangeRow[]> =>
    db
      .select()
      .from(settingsChanges)
      .where(and(eq(settingsChanges.subject, deviceId), eq(settingsChanges.actor, HOURS_ACTOR)))
      .orderBy(asc(settingsChanges.settingsVersion));
  return {
    /** What the scheduler does on a minute. */
    switch: (now: Date) => switchDisplays(deps, now),
    /** The changes that a display's hours asked for, oldest first, when all of them have come to their end. */
    ended: (deviceId: string) =>
      eventually('the changes of the hours have ended', async () => {
        const changes = await changesOf(deviceId);
        return changes.every(({ state }) => !isOpen(state)) && changes;
      }),
    /** Whether a display has answered a look since its last change ended. */
    hasAnsweredSince: async (deviceId: string): Promise<boolean> => {
      const last = (await changesOf(deviceId)).at(-1);
      const [display] = await db.select().from(displays).where(eq(displays.deviceId, deviceId));
      return Boolean(last?.finishedAt && display?.measuredAt && display.measuredAt > last.finishedAt);
    },
    close: () => stops.stop(),
  };
}
