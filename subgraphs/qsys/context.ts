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
import { settingsTables } from './tables.ts';

/** What one request works with. */
export type Context = {
  settings: SettingsDeps;
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

export function createContext(settings: SettingsDeps, live: LiveControls): Context {
  const { db } = settings;
  return {
    settings,
    live,
    coreById: loaderOf((ids: readonly string[]) => findCores(db, ids), ofDevice),
    designOf: loaderOf((ids: readonly string[]) => findDesigns(db, ids), ofDevice),
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
        const targets = new Set((await findTargets(db, ids)).map(({ deviceId }) => deviceId));
        const versions = await findSettingsVersions(db, settingsTables, ids);
        return ids.map((id) => (targets.has(id) ? (versions.get(id) ?? 0) : null));
      },
      { cache: false },
    ),
    settingsChangeById: loaderOf((ids: readonly string[]) => findChanges(db, settingsTables, ids), {
      key: itself,
      row: ({ id }) => id,
    }),
  };
}
