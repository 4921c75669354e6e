import { areaCheck, findAt } from '@wheelhouse/kit/area.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type { SettingsAccess } from '@wheelhouse/kit/settings-access.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import DataLoader from 'dataloader';
import { findHours, type HoursRow } from './hours/store.ts';
import type { SettingsDeps } from './settings.ts';
import { type DisplayRow, findDisplays, findTargets, type TargetRow } from './store.ts';
import { settingsTables, targets } from './tables.ts';

/** What one request works with. */
export type Context = {
  identity: Asserted;
  settings: SettingsDeps;
  access: SettingsAccess;
  displayById: DataLoader<string, DisplayRow | null>;
  /** A display that is not removed. */
  targetById: DataLoader<string, TargetRow | null>;
  /** Null for a display without hours. */
  hoursOf: DataLoader<string, HoursRow | null>;
  /** Null for what is no display, or is removed. */
  settingsVersionOf: DataLoader<string, number | null>;
  settingsChangeById: DataLoader<string, SettingsChangeRow | null>;
};

export function createContext(shared: Omit<SettingsDeps, 'identity'>, identity: Asserted): Context {
  const { db } = shared;
  const findHere = findAt(db, { table: targets, id: targets.deviceId, site: targets.site });
  const seen = areaCheck(areaOf(identity, 'estate:read'), findHere);
  /** Of whose changes the caller may know. */
  const followed = areaCheck(areaOf(identity, 'history:read', 'settings:write'), findHere);
  const targetById = rowLoader(
    seen.among((ids) => findTargets(db, ids)),
    ({ deviceId }) => deviceId,
  );
  const settingsChangeById = rowLoader(
    async (ids) => {
      const changes = await findChanges(db, settingsTables, ids);
      const known = new Set(await followed.only(changes.map(({ subject }) => subject)));
      return changes.filter(({ subject }) => known.has(subject));
    },
    ({ id }) => id,
  );
  return {
    identity,
    settings: { ...shared, identity },
    access: {
      ...{ identity, noun: 'display' },
      maySet: areaCheck(areaOf(identity, 'settings:write'), findHere),
      isSeen: async (id) => (await targetById.load(id)) !== null,
      subjectOf: async (id) => (await settingsChangeById.load(id))?.subject ?? null,
    },
    displayById: rowLoader(
      seen.among((ids) => findDisplays(db, ids)),
      ({ deviceId }) => deviceId,
    ),
    targetById,
    hoursOf: rowLoader(
      seen.among((ids) => findHours(db, ids)),
      ({ deviceId }) => deviceId,
    ),
    settingsVersionOf: new DataLoader(
      async (ids) => {
        const own = await seen.only(ids);
        const there = new Set((await findTargets(db, own)).map(({ deviceId }) => deviceId));
        const versions = await findSettingsVersions(db, settingsTables, own);
        return ids.map((id) => (there.has(id) ? (versions.get(id) ?? 0) : null));
      },
      { cache: false },
    ),
    settingsChangeById,
  };
}
