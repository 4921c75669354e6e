import type { Database } from '@wheelhouse/kit/database.ts';
import type { LiveLog } from '@wheelhouse/kit/live-log.ts';
import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type DataLoader from 'dataloader';
import { type SubjectLoader, subjectLoader } from './loaders.ts';
import { type AsOfLoader, asOfLoader } from './resolvers/as-of.ts';
import { type HistoryLoader, historyLoader } from './resolvers/history.ts';
import { type TimelineLoader, timelineLoader } from './resolvers/timeline.ts';
import {
  findSettingsChanges,
  listSettingsChanges,
  type SettingsChangeRow,
  type SettingsEventRow,
  type SettingsPlace,
} from './store/settings.ts';
import type { SettingsSource } from './store/settings-sources.ts';
import { createTogetherCheck } from './together.ts';

/** What all requests share. */
export type Shared = {
  db: Database;
  settingsSources: readonly SettingsSource[];
  /** The log of states of each source, by its name. */
  settingsLogs: ReadonlyMap<string, LiveLog<SettingsEventRow>>;
  /** The services that take samples, by name. */
  sampledServices: readonly string[];
  now: () => Date;
};

/** What one request works with: what all share, and loaders that ask for many with one statement. */
export type Context = Shared & {
  settingsChangeById: DataLoader<string, SettingsChangeRow | null>;
  /** A device's changes of settings, newest first. */
  settingsChangesOf: SubjectLoader<{ limit: number; after: SettingsPlace | null }, SettingsChangeRow[]>;
  historyOf: HistoryLoader;
  /** A device as it was. */
  stateOf: AsOfLoader;
  /** What happened to a device, oldest first. */
  timelineOf: TimelineLoader;
  /** What a request's questions about availability share. */
  availabilities: {
    /** The rows that they have together. */
    rows: number;
    /** Resolves when the last of them is answered: each waits for the one before, and one request takes one connection. */
    last: Promise<unknown>;
  };
};

export function createContext(shared: Shared): Context {
  const { db, settingsSources } = shared;
  const checkChanges = createTogetherCheck('first');
  return {
    ...shared,
    settingsChangeById: rowLoader(
      (ids) => findSettingsChanges(db, settingsSources, ids),
      ({ id }) => id,
    ),
    settingsChangesOf: subjectLoader(
      async (subjects, { limit, after }) => {
        checkChanges(subjects.length, limit - 1);
        const rows = await listSettingsChanges(db, settingsSources, { subjects, after, limit });
        return Map.groupBy(rows, ({ subject }) => subject);
      },
      () => [],
    ),
    historyOf: historyLoader(shared),
    stateOf: asOfLoader(shared),
    timelineOf: timelineLoader(shared),
    availabilities: { rows: 0, last: Promise.resolve() },
  };
}
