import { type AreaCheck, areaCheck, findAt } from '@wheelhouse/kit/area.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import type { SettingsAccess } from '@wheelhouse/kit/settings-access.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import DataLoader from 'dataloader';
import {
  type ComponentRow,
  type ComponentsPage,
  type ControlRow,
  type ControlsPage,
  type DesignRow,
  findComponentPages,
  findComponents,
  findControlPages,
  findControls,
  findDesigns,
  type Place,
} from './design-store.ts';
import type { LiveControls } from './live/live-controls.ts';
import type { SettingsDeps } from './settings.ts';
import { type CoreRow, findCores, findTargets } from './store.ts';
import { settingsTables, targets } from './tables.ts';

/** What one request works with. */
export type Context = {
  identity: Asserted;
  settings: SettingsDeps;
  access: SettingsAccess;
  /** Which Cores the caller may see, removed ones too. */
  maySee: AreaCheck;
  live: LiveControls;
  coreById: DataLoader<string, CoreRow | null>;
  /** Null for a Core whose components were never read. */
  designOf: DataLoader<string, DesignRow | null>;
  componentPages: DataLoader<ComponentsPage, ComponentRow[]>;
  component: DataLoader<Place, ComponentRow | null>;
  controlPages: DataLoader<ControlsPage, ControlRow[]>;
  control: DataLoader<Required<Place>, ControlRow | null>;
  /** Null for what is no Core, or is removed. */
  settingsVersionOf: DataLoader<string, number | null>;
  settingsChangeById: DataLoader<string, SettingsChangeRow | null>;
};

/** One statement for all keys of a turn. A mutation changes rows in the midst of a request: nothing is kept. */
function loaderOf<Key, Row>(
  find: (keys: readonly Key[]) => Promise<Row[]>,
  nameOf: { key: (key: Key) => string; row: (row: Row) => string },
): DataLoader<Key, Row | null> {
  return new DataLoader(
    async (keys) => {
      const rows = new Map((await find(keys)).map((row) => [nameOf.row(row), row]));
      return keys.map((key) => rows.get(nameOf.key(key)) ?? null);
    },
    { cache: false },
  );
}

/** Pages that are found by one statement for all of a turn. */
const pagesOf = <Page, Row extends { page: number }>(find: (pages: readonly Page[]) => Promise<Row[]>) =>
  new DataLoader<Page, Row[]>(
    async (pages) => {
      const byPage = Map.groupBy(await find(pages), ({ page }) => page);
      return pages.map((_page, index) => byPage.get(index) ?? []);
    },
    { cache: false },
  );

const itself = (id: string): string => id;
const ofDevice = { key: itself, row: ({ deviceId }: { deviceId: string }) => deviceId };
const nameOf = (...parts: string[]): string => JSON.stringify(parts);

export function createContext(shared: Omit<SettingsDeps, 'identity'>, live: LiveControls, identity: Asserted): Context {
  const { db } = shared;
  const findHere = findAt(db, { table: targets, id: targets.deviceId, site: targets.site });
  const maySee = areaCheck(areaOf(identity, 'estate:read'), findHere);
  /** Of whose changes the caller may know. */
  const followed = areaCheck(areaOf(identity, 'history:read', 'settings:write'), findHere);
  const settingsChangeById = loaderOf(
    async (ids: readonly string[]) => {
      const changes = await findChanges(db, settingsTables, ids);
      const known = new Set(await followed.only(changes.map(({ subject }) => subject)));
      return changes.filter(({ subject }) => known.has(subject));
    },
    { key: itself, row: ({ id }) => id },
  );
  return {
    identity,
    settings: { ...shared, identity },
    maySee,
    live,
    access: {
      ...{ identity, noun: 'Core' },
      maySet: areaCheck(areaOf(identity, 'settings:write'), findHere),
      isSeen: async (id) => (await findTargets(db, await maySee.only([id]))).length > 0,
      subjectOf: async (id) => (await settingsChangeById.load(id))?.subject ?? null,
    },
    coreById: loaderOf(
      maySee.among((ids) => findCores(db, ids)),
      ofDevice,
    ),
    designOf: loaderOf(
      maySee.among((ids) => findDesigns(db, ids)),
      ofDevice,
    ),
    componentPages: pagesOf((pages) => findComponentPages(db, pages)),
    component: loaderOf((places: readonly Place[]) => findComponents(db, places), {
      key: ({ deviceId, component }) => nameOf(deviceId, component),
      row: ({ deviceId, name }) => nameOf(deviceId, name),
    }),
    controlPages: pagesOf((pages) => findControlPages(db, pages)),
    control: loaderOf((places: readonly Required<Place>[]) => findControls(db, places), {
      key: ({ deviceId, component, name }) => nameOf(deviceId, component, name),
      row: ({ deviceId, component, name }) => nameOf(deviceId, component, name),
    }),
    settingsVersionOf: new DataLoader(
      async (ids) => {
        const own = await maySee.only(ids);
        const there = new Set((await findTargets(db, own)).map(({ deviceId }) => deviceId));
        const versions = await findSettingsVersions(db, settingsTables, own);
        return ids.map((id) => (there.has(id) ? (versions.get(id) ?? 0) : null));
      },
      { cache: false },
    ),
    settingsChangeById,
  };
}
