import { z } from 'zod';
import { atMost, checkEntry, type Fault, faultsOf, siteShape, type WantedEntry } from './registry-rules.ts';
import type { SiteRow } from './store/sites.ts';

const MAX_DEVICES = 200_000;
const MAX_SITES = 20_000;

const fileShape = z.strictObject({
  sites: z.array(z.unknown()).max(MAX_SITES, `must have at most ${MAX_SITES} items`).nullish(),
  devices: z.array(z.unknown()).max(MAX_DEVICES, `must have at most ${MAX_DEVICES} items`).nullish(),
});

const itemShape = z.looseObject({
  // Room for what an item without one is known by: a site of 200 characters, a name of 120.
  externalId: atMost(330).nullish(),
  parents: z.array(z.string().trim()).max(20, 'must have at most 20 items').nullish(),
});

export type Item = {
  /** Its place in the file. */
  path: [string, number];
  /** Under what other items name it; null when that can't be told. */
  externalId: string | null;
  parents: string[];
  /** Null when it has faults. */
  entry: WantedEntry | null;
};
export type Wanted = Item & { externalId: string; entry: WantedEntry };

/** An item without an external id is known by its site and name. */
function externalIdOf(given: unknown, { site, name }: Record<string, unknown>): string | null {
  if (given !== undefined && given !== null) return typeof given === 'string' && given !== '' ? given.trim() : null;
  return typeof site === 'string' && typeof name === 'string' ? `${site}/${name.trim()}` : null;
}

/** An item on its own: all its faults at once. */
function checkItem(item: unknown, path: Item['path'], faults: Fault[]): Item {
  const outer = itemShape.safeParse(item);
  if (!outer.success) faults.push(...faultsOf(outer.error, path));
  const given = z.record(z.string(), z.unknown()).safeParse(item);
  if (!given.success) return { path, externalId: null, parents: [], entry: null };
  const { externalId, parents: _, ...fields } = given.data;
  const checked = checkEntry(fields, path);
  if ('faults' in checked) faults.push(...checked.faults);
  return {
    path,
    externalId: externalIdOf(externalId, fields),
    parents: outer.data?.parents ?? [],
    entry: outer.success && 'entry' in checked ? checked.entry : null,
  };
}

/** Every item on its own, and that no external id comes twice. */
function checkItems(given: readonly unknown[], faults: Fault[]): Item[] {
  const items = given.map((item, index) => checkItem(item, ['devices', index], faults));
  const seen = new Map<string, number>();
  for (const { externalId, path } of items) {
    if (externalId === null) continue;
    const first = seen.get(externalId);
    if (first === undefined) seen.set(externalId, path[1]);
    else {
      const message = `externalId ${externalId} is that of item ${first + 1} already; without one, site and name together must be unique`;
      faults.push({ path, code: 'DUPLICATE', message });
    }
  }
  return items;
}

function checkSites(given: readonly unknown[], faults: Fault[]): SiteRow[] {
  const seen = new Map<string, number>();
  return given.flatMap((item, index) => {
    const site = siteShape.safeParse(item);
    if (!site.success) {
      faults.push(...faultsOf(site.error, ['sites', index]));
      return [];
    }
    const first = seen.get(site.data.path);
    if (first === undefined) {
      seen.set(site.data.path, index);
      return [site.data];
    }
    const message = `path ${site.data.path} is that of item ${first + 1} already`;
    faults.push({ path: ['sites', index, 'path'], code: 'DUPLICATE', message });
    return [];
  });
}

export const isWanted = (item: Item): item is Wanted => item.entry !== null && item.externalId !== null;

/** What an estate file says, each of its items checked on its own. */
export type EstateItems = { sites: SiteRow[]; items: Item[] };

/**
 * Reads an estate file's content. Null where it is no list of sites and devices at all.
 *
 * @param faults takes every fault, each with its path in the file
 */
export function readItems(file: unknown, faults: Fault[]): EstateItems | null {
  const parsed = fileShape.safeParse(file);
  if (!parsed.success) {
    faults.push(...faultsOf(parsed.error, []));
    return null;
  }
  const sites = checkSites(parsed.data.sites ?? [], faults);
  return { sites, items: checkItems(parsed.data.devices ?? [], faults) };
}
