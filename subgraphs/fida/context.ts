import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import DataLoader from 'dataloader';
import { findHours, type HoursRow } from './hours/store.ts';
import type { SettingsDeps } from './settings.ts';
import { type DisplayRow, findDisplays, findTargets, type TargetRow } from './store.ts';
import { settingsTables } from './tables.ts';

/** What one request works with. */
export type Context = {
  settings: SettingsDeps;
  displayById: DataLoader<string, DisplayRow | null>;
  /** A display that is not removed. */
  targetById: DataLoader<string, TargetRow | null>;
  /** Null for a display without hours. */
  hoursOf: DataLoader<string, HoursRow | null>;
  /** Null for what is no display, or is removed. */
  settingsVersionOf: DataLoader<string, number | null>;
  settingsChangeById: DataLoader<string, SettingsChangeRow | null>;
};

export function createContext(settings: SettingsDeps): Context {
  const { db } = settings;
  const targetById = rowLoader(
    (ids) => findTargets(db, ids),
    ({ deviceId }) => deviceId,
  );
  return {
    settings,
    displayById: rowLoader(
      (ids) => findDisplays(db, ids),
      ({ deviceId }) => deviceId,
    ),
    targetById,
    hoursOf: rowLoader(
      (ids) => findHours(db, ids),
      ({ deviceId }) => deviceId,
    ),
    settingsVersionOf: new DataLoader(
      async (ids) => {
        const targets = new Set((await findTargets(db, ids)).map(({ deviceId }) => deviceId));
        const versions = await findSettingsVersions(db, settingsTables, ids);
        return ids.map((id) => (targets.has(id) ? (versions.get(id) ?? 0) : null));
      },
      { cache: false },
    ),
    settingsChangeById: rowLoader(
      (ids) => findChanges(db, settingsTables, ids),
      ({ id }) => id,
    ),
  };
}
