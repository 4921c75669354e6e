import type { Stamp } from '@wheelhouse/kit/actor.ts';
import { appendAudit, auditedAs } from '@wheelhouse/kit/audit.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { z } from 'zod';
import { RefusedError } from './registry.ts';
import { changedEntry, newEntry } from './registry-entries.ts';
import { atMost, checkEntry, type Fault, faultsOf, findCycle, siteShape, type WantedEntry } from './registry-rules.ts';
import {
  type Entry,
  findAtSites,
  findPresent,
  lockByExternalId,
  lockRegistry,
  readAncestry,
  writeEntries,
} from './store/registry.ts';
import { type SiteRow, setTimeZones } from './store/sites.ts';
import { auditOutbox } from './tables.ts';

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

type Item = {
  /** Its place in the file. */
  path: [string, number];
  /** Under what other items name it; null when that can't be told. */
  externalId: string | null;
  parents: string[];
  /** Null when it has faults. */
  entry: WantedEntry | null;
};
type Wanted = Item & { externalId: string; entry: WantedEntry };

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

const isWanted = (item: Item): item is Wanted => item.entry !== null && item.externalId !== null;

/** Entries to write: parents named by external id become ids, of devices of this file or of those already there. */
async function resolveEntries(
  tx: Queryable,
  items: readonly Item[],
  at: Date,
  sealer: Sealer,
  faults: Fault[],
): Promise<Entry[]> {
  const wanted = items.filter(isWanted);
  const names = [
    ...new Set([...wanted.map(({ externalId }) => externalId), ...items.flatMap(({ parents }) => parents)]),
  ];
  const held = new Map((await lockByExternalId(tx, names)).map((entry) => [entry.externalId, entry]));
  const drafts = wanted.map((item) => ({
    ...item,
    draft: held.get(item.externalId) ?? newEntry(item.entry, item.externalId, at, sealer),
  }));
  const idOf = new Map(
    [...held.values(), ...drafts.map(({ draft }) => draft)].map((entry) => [entry.externalId, entry.id]),
  );
  // A parent whose own item is faulty is no fault of the child's.
  const named = new Set(items.map(({ externalId }) => externalId));
  const present = await findPresent(
    tx,
    wanted.flatMap(({ entry }) => entry.parentIds),
  );
  for (const { path, parents } of items) {
    for (const [index, parent] of parents.entries()) {
      if (idOf.has(parent) || named.has(parent)) continue;
      const message = `parents names ${parent}, which is no device's externalId`;
      faults.push({ path: [...path, 'parents', index], code: 'NOT_FOUND', message });
    }
  }
  const entries = drafts.flatMap(({ path, externalId, parents, entry, draft }): Entry[] => {
    const refuse = (field: (string | number)[], code: Fault['code'], message: string): void =>
      void faults.push({ path: [...path, ...field], code, message });
    if (draft.system !== entry.stub.system)
      refuse(['system'], 'CONFLICT', `system can't be changed: ${externalId} is a device of ${draft.system}`);
    for (const [index, id] of entry.parentIds.entries())
      if (!present.has(id))
        refuse(['parentIds', index], 'NOT_FOUND', `parentIds names a device that is not there: ${id}`);
    const found = parents.flatMap((parent) => idOf.get(parent) ?? []);
    const parentIds = [...new Set([...entry.parentIds, ...found])];
    if (!held.has(externalId)) return [{ ...draft, parentIds }];
    const changed = changedEntry(draft, { ...entry, parentIds }, sealer);
    return changed === null ? [] : [changed];
  });
  const ancestry = await readAncestry(
    tx,
    entries.flatMap((entry) => entry.parentIds),
  );
  const circle = findCycle(new Map([...ancestry, ...entries.map((entry) => [entry.id, entry.parentIds] as const)]));
  // The circle may begin at a device that the file does not name, but it passes through one that the file changes.
  const culprit = drafts.find(({ draft }) => circle?.includes(draft.id));
  if (culprit) {
    const message = 'parents would make the device depend on itself';
    faults.push({ path: [...culprit.path, 'parents'], code: 'INVALID', message });
  }
  return entries;
}

export type ImportOutcome = { added: number; updated: number; unchanged: number };

/**
 * Brings the registry to what an estate file says: devices are known by their external id; those that the file does not name
 * stay. All or nothing.
 *
 * @param options.timeZone the zone of sites for which none is set
 * @throws RefusedError with every fault, each with its path in the file
 */
export async function importEstate(
  db: Database,
  file: unknown,
  by: Stamp,
  options: { sealer: Sealer; timeZone: string },
): Promise<ImportOutcome> {
  const parsed = fileShape.safeParse(file);
  if (!parsed.success) throw new RefusedError(faultsOf(parsed.error, []));
  const faults: Fault[] = [];
  const sites = checkSites(parsed.data.sites ?? [], faults);
  const items = checkItems(parsed.data.devices ?? [], faults);
  return db.transaction(async (tx) => {
    await lockRegistry(tx);
    const entries = await resolveEntries(tx, items, by.at, options.sealer, faults);
    if (faults.length > 0) throw new RefusedError(faults);
    const rezoned = await setTimeZones(tx, sites, options.timeZone);
    await writeEntries(tx, entries, by, await findAtSites(tx, rezoned));
    const added = entries.filter((entry) => entry.version === 1).length;
    const outcome = { added, updated: entries.length - added, unchanged: items.length - entries.length };
    // One record for all: the registry log has each device. A file that changes nothing is read at every start.
    if (entries.length > 0 || rezoned.length > 0)
      await appendAudit(tx, auditOutbox, [{ ...auditedAs(by), action: 'devices.importEstate', after: outcome }]);
    return outcome;
  });
}
