import type { Database } from '@wheelhouse/kit/database.ts';
import { type LiveLog, openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { logChannel } from '@wheelhouse/kit/log-table.ts';
import type { LogWatch } from '@wheelhouse/kit/log-watch.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { readEventsHead, readSettingsEvents, type SettingsEventRow } from './store/settings.ts';
import type { SettingsSource } from './store/settings-sources.ts';

/** Tails the log of each source once, for all who follow a change of it. */
export async function openSettingsLogs(options: {
  db: Database;
  logs: LogWatch;
  sources: readonly SettingsSource[];
  logger: Logger;
}): Promise<{ bySource: ReadonlyMap<string, LiveLog<SettingsEventRow>>; close: () => Promise<void> }> {
  const { db, logs, sources, logger } = options;
  const bySource = new Map<string, LiveLog<SettingsEventRow>>();
  const close = async (): Promise<void> => {
    await Promise.all([...bySource.values()].map((log) => log.close()));
  };
  try {
    for (const source of sources) {
      const log = await openLiveLog<SettingsEventRow>({
        name: logChannel(source.events),
        watch: logs.of(source.events),
        read: (position, limit) => readSettingsEvents(db, source, position, limit),
        head: () => readEventsHead(db, source),
        logger,
      });
      bySource.set(source.name, log);
    }
  } catch (err) {
    await close();
    throw err;
  }
  return { bySource, close };
}
