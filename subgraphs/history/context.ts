import { type AreaCheck, areaCheck } from '@wheelhouse/kit/area.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
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
import { findAtSites } from './store/standing.ts';
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
  identity: Asserted;
  /** Of which devices the caller may see the past: a device has all of its past where it stands now. */
  maySeePast: AreaCheck;
  /** Of which devices the caller may know what came of a change of settings. */
  mayFollow: AreaCheck;
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

export function createContext(shared: Shared, identity: Asserted): Context {
  const { db, settingsSources } = shared;
  const findHere = (ids: readonly string[], sites: readonly string[]) => findAtSites(db, ids, sites);
  const maySeePast = areaCheck(areaOf(identity, 'history:read'), findHere);
  const mayFollow = areaCheck(areaOf(identity, 'history:read', 'settings:write'), findHere);
  const read = { ...shared, maySeePast };
  const checkChanges = createTogetherCheck('first');
  return {
    ...shared,
    ...{ identity, maySeePast, mayFollow },
    settingsChangeById: rowLoader(
      async (ids) => {
        const changes = await findSettingsChanges(db, settingsSources, ids);
        const known = new Set(await mayFollow.only(changes.map(({ subject }) => subject)));
        return changes.filter(({ subject }) => known.has(subject));
      },
      ({ id }) => id,
    ),
    settingsChangesOf: subjectLoader(
      async (subjects, { limit, after }) => {
        checkChanges(subjects.length, limit - 1);
        const own = await maySeePast.only(subjects);
        const rows = await listSettingsChanges(db, settingsSources, { subjects: own, after, limit });
        return Map.groupBy(rows, ({ subject }) => subject);
      },
      () => [],
    ),
    historyOf: historyLoader(read),
    stateOf: asOfLoader(read),
    timelineOf: timelineLoader(read),
    availabilities: { rows: 0, last: Promise.resolve() },
  };
}
