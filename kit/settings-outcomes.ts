import type { Database } from './database.ts';
import { openLiveLog } from './live-log.ts';
import { logChannel, readLogHead } from './log-table.ts';
import type { LogWatch } from './log-watch.ts';
import type { Logger } from './logger.ts';
import { isOpen } from './settings-changes.ts';
import type { SettingsChangeRow, SettingsTables } from './settings-requests.ts';
import { findChanges, readSettingsEvents } from './settings-store.ts';

/** Waits for what comes of changes. */
export type Outcomes = {
  /**
   * The changes as they are when all of them have come to their end, or after `waitMs`, or when this is closed, in no order. It asks the database once at the
   * start and once at the end, however long it waits.
   */
  wait: (ids: readonly string[], waitMs: number) => Promise<SettingsChangeRow[]>;
  close: () => Promise<void>;
};

/** Follows the log of states once for all who wait. */
export async function openOutcomes(options: {
  db: Database;
  logs: LogWatch;
  tables: SettingsTables;
  logger: Logger;
}): Promise<Outcomes> {
  const { db, tables } = options;
  const head = await readLogHead(db, tables.events);
  const log = await openLiveLog({
    name: logChannel(tables.events),
    watch: options.logs.of(tables.events),
    read: (position, limit) => readSettingsEvents(db, tables, position, limit),
    head: () => readLogHead(db, tables.events),
    logger: options.logger,
  });
  let isClosed = false;
  /** Ends each wait that is under way. Not one promise that all race with: it would keep something of each for as long as it is open. */
  const waiting = new Set<() => void>();
  /** By the id of the change. */
  const waiters = new Map<string, Set<() => void>>();
  const followed = (async () => {
    for await (const { rows } of log.follow(head.position))
      for (const { changeId, state } of rows)
        if (!isOpen(state)) for (const tell of waiters.get(changeId) ?? []) tell();
  })().catch((err: unknown) =>
    options.logger.error({ err }, 'the outcomes of settings changes are no longer followed'),
  );

  const untilEnded = (id: string): { ended: Promise<void>; forget: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const mine = waiters.get(id) ?? new Set();
    waiters.set(id, mine.add(resolve));
    const forget = (): void => {
      mine.delete(resolve);
      if (mine.size === 0 && waiters.get(id) === mine) waiters.delete(id);
    };
    return { ended: promise, forget };
  };

  const wait: Outcomes['wait'] = async (ids, waitMs) => {
    // Before the look at the rows: what ends in between would be missed.
    const waits = new Map(ids.map((id) => [id, untilEnded(id)]));
    let timer: NodeJS.Timeout | undefined;
    let giveUp = (): void => {};
    try {
      const found = await findChanges(db, tables, ids);
      const open = found.filter(({ state }) => isOpen(state));
      if (open.length === 0 || waitMs === 0) return found;
      const late = new Promise<void>((resolve) => {
        giveUp = resolve;
        timer = setTimeout(resolve, waitMs);
      });
      waiting.add(giveUp);
      if (isClosed) giveUp();
      await Promise.race([Promise.all(open.map(({ id }) => waits.get(id)?.ended)), late]);
      return await findChanges(db, tables, ids);
    } finally {
      clearTimeout(timer);
      waiting.delete(giveUp);
      for (const { forget } of waits.values()) forget();
    }
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const giveUp of waiting) giveUp();
    await log.close();
    await followed;
  };
  return { wait, close };
}
