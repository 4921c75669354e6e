import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { z } from 'zod';
import { changedEntry, newEntry, RefusedError } from './registry.ts';
import { checkEntry, type Fault, faultsOf, findCycle, siteShape, type WantedEntry } from './registry-rules.ts';
import { type Entry, lockByExternalId, lockRegistry, readAncestry, writeEntries } from './store/registry.ts';
import { setTimeZones } from './store/sites.ts';

const MAX_DEVICES = 200_000;
/** PostgreSQL takes 65,535 parameters a statement. */
const WRITE_ROWS = 2_000;

const fileShape = z.strictObject({
  sites: z.array(z.unknown()).nullish(),
  devices: z.array(z.unknown()).max(MAX_DEVICES, `must have at most ${MAX_DEVICES} items`).nullish(),
});

const itemShape = z.looseObject({
  externalId: z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters').nullish(),
  parents: z.array(z.string()).max(20, 'must have at most 20 items').nullish(),
});

type Wanted = { index: number; externalId: string; parents: string[]; entry: WantedEntry };

/** Every item on its own: its fields, and that no external id comes twice. */
function checkItems(items: readonly unknown[], faults: Fault[]): Wanted[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, index): Wanted[] => {
    const path = ['devices', index];
    const outer = itemShape.safeParse(item);
    if (!outer.success) {
      faults.push(...faultsOf(outer.error, path));
      return [];
    }
    const { externalId: given, parents, ...fields } = outer.data;
    const checked = checkEntry(fields, path);
    if ('faults' in checked) {
      faults.push(...checked.faults);
      return [];
    }
    const externalId = given ?? `${checked.entry.site}/${checked.entry.name}`;
    const first = seen.get(externalId);
    if (first !== undefined) {
      const message = `externalId ${externalId} is that of item ${first + 1} already; without one, site and name together must be unique`;
      faults.push({ path: [...path, ...(given ? ['externalId'] : [])], code: 'DUPLICATE', message });
      return [];
    }
    seen.set(externalId, index);
    return [{ index, externalId, parents: parents ?? [], entry: checked.entry }];
  });
}

/** Entries to write: parents named by external id become ids, of devices of this file or of those already there. */
async function resolveEntries(
  tx: Queryable,
  wanted: readonly Wanted[],
  at: Date,
  sealer: Sealer,
  faults: Fault[],
): Promise<Entry[]> {
  const names = [...new Set(wanted.flatMap(({ externalId, parents }) => [externalId, ...parents]))];
  const held = new Map((await lockByExternalId(tx, names)).map((entry) => [entry.externalId, entry]));
  const drafts = wanted.map((item) => ({
    item,
    entry: held.get(item.externalId) ?? newEntry(item.entry, item.externalId, at, sealer),
  }));
  const idOf = new Map([
    ...[...held.values()].map((entry) => [entry.externalId, entry.id] as const),
    ...drafts.map(({ item, entry }) => [item.externalId, entry.id] as const),
  ]);
  const entries = drafts.flatMap(({ item, entry }): Entry[] => {
    const path = ['devices', item.index];
    if (entry.system !== item.entry.stub.system) {
      const message = `system can't be changed: ${item.externalId} is a device of ${entry.system}`;
      faults.push({ path: [...path, 'system'], code: 'CONFLICT', message });
    }
    const parentIds = item.parents.flatMap((parent, index) => {
      const id = idOf.get(parent);
      if (id === undefined)
        faults.push({
          path: [...path, 'parents', index],
          code: 'NOT_FOUND',
          message: `parents names ${parent}, which is no device's externalId`,
        });
      return id === undefined ? [] : [id];
    });
    if (!held.has(item.externalId)) return [{ ...entry, parentIds }];
    const changed = changedEntry(entry, { ...item.entry, parentIds }, sealer);
    return changed === null ? [] : [changed];
  });
  const ancestry = await readAncestry(
    tx,
    entries.flatMap((entry) => entry.parentIds),
  );
  const circular = findCycle(new Map([...ancestry, ...entries.map((entry) => [entry.id, entry.parentIds] as const)]));
  const culprit = drafts.find(({ entry }) => entry.id === circular);
  if (culprit)
    faults.push({
      path: ['devices', culprit.item.index, 'parents'],
      code: 'INVALID',
      message: 'parents would make the device depend on itself',
    });
  return entries;
}

export type ImportOutcome = { added: number; updated: number; unchanged: number };

/**
 * Brings the registry to what an estate file says: devices are known by their external id; those that the file does not name
 * stay. All or nothing.
 *
 * @throws RefusedError with every fault, each with its path in the file
 */
export async function importEstate(db: Database, file: unknown, at: Date, sealer: Sealer): Promise<ImportOutcome> {
  const parsed = fileShape.safeParse(file);
  if (!parsed.success) throw new RefusedError(faultsOf(parsed.error, []));
  const faults: Fault[] = [];
  const sites = (parsed.data.sites ?? []).flatMap((item, index) => {
    const site = siteShape.safeParse(item);
    if (site.success) return [site.data];
    faults.push(...faultsOf(site.error, ['sites', index]));
    return [];
  });
  const wanted = checkItems(parsed.data.devices ?? [], faults);
  return db.transaction(async (tx) => {
    await lockRegistry(tx);
    const entries = await resolveEntries(tx, wanted, at, sealer, faults);
    if (faults.length > 0) throw new RefusedError(faults);
    await setTimeZones(tx, sites);
    for (let first = 0; first < entries.length; first += WRITE_ROWS)
      await writeEntries(tx, entries.slice(first, first + WRITE_ROWS), at);
    const added = entries.filter((entry) => entry.version === 1).length;
    return { added, updated: entries.length - added, unchanged: wanted.length - entries.length };
  });
}
