import type { Stamp } from '@wheelhouse/kit/actor.ts';
import { appendAudit, auditedAs } from '@wheelhouse/kit/audit.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { zoneKey } from './estate-differences.ts';
import { type EstateItems, type Item, isWanted, readItems, type Wanted } from './estate-items.ts';
import { RefusedError } from './registry.ts';
import { changedEntry, newEntry } from './registry-entries.ts';
import { type Fault, findCycle } from './registry-rules.ts';
import {
  type Entry,
  findAtSites,
  findByExternalId,
  findPresent,
  lockRegistry,
  readAncestry,
  writeEntries,
} from './store/registry.ts';
import { findSites, setTimeZones } from './store/sites.ts';
import { auditOutbox } from './tables.ts';

/** An item with what its device is and would be. */
export type Step = Wanted & {
  /** Null for a device that is not there yet. */
  before: Entry | null;
  /** Null where it is so already. */
  after: Entry | null;
};

/**
 * What an import rests on, by what it is of: versions of devices, and zones of sites. Where it is the same later on, the same would be
 * done. Null stands for what is not there, or not set.
 */
export type Basis = Readonly<Record<string, string | null>>;

/** What an import comes to. */
export type Outlook = { steps: Step[]; basis: Basis; unchanged: number };

/** Faults of an item's parents that are neither in the file nor in the registry. A parent whose own item is faulty is no fault of the child's. */
function strayParents(items: readonly Item[], isHeld: (externalId: string) => boolean): Fault[] {
  const named = new Set(items.map(({ externalId }) => externalId));
  return items.flatMap(({ path, parents }) =>
    parents.flatMap((parent, index): Fault[] =>
      isHeld(parent) || named.has(parent)
        ? []
        : [
            {
              path: [...path, 'parents', index],
              code: 'NOT_FOUND',
              message: `parents names ${parent}, which is no device's externalId`,
            },
          ],
    ),
  );
}

/** What would become of each item's device: parents named by external id become ids, of devices of this file or of those already there. */
async function outlookOf(
  tx: Queryable,
  { sites, items }: EstateItems,
  options: { at: Date; sealer: Sealer; isToWrite: boolean },
  faults: Fault[],
): Promise<Outlook> {
  const { at, sealer } = options;
  const wanted = items.filter(isWanted);
  const names = new Set([...wanted.map(({ externalId }) => externalId), ...items.flatMap(({ parents }) => parents)]);
  const rows = await findByExternalId(tx, [...names], { isToWrite: options.isToWrite });
  const held = new Map(rows.map((entry) => [entry.externalId, entry]));
  const drafts = wanted.map((item) => ({
    ...item,
    draft: held.get(item.externalId) ?? newEntry(item.entry, item.externalId, at, sealer),
  }));
  const idOf = new Map([...rows, ...drafts.map(({ draft }) => draft)].map((entry) => [entry.externalId, entry.id]));
  faults.push(...strayParents(items, (externalId) => idOf.has(externalId)));
  const parentIdsGiven = [...new Set(wanted.flatMap(({ entry }) => entry.parentIds))];
  const present = await findPresent(tx, parentIdsGiven);
  const steps = drafts.map(({ draft, ...item }): Step => {
    const { path, externalId, entry } = item;
    const refuse = (field: (string | number)[], code: Fault['code'], message: string): void =>
      void faults.push({ path: [...path, ...field], code, message });
    if (draft.system !== entry.stub.system)
      refuse(['system'], 'CONFLICT', `system can't be changed: ${externalId} is a device of ${draft.system}`);
    for (const [index, id] of entry.parentIds.entries())
      if (!present.has(id))
        refuse(['parentIds', index], 'NOT_FOUND', `parentIds names a device that is not there: ${id}`);
    const found = item.parents.flatMap((parent) => idOf.get(parent) ?? []);
    const parentIds = [...new Set([...entry.parentIds, ...found])];
    const before = held.get(externalId) ?? null;
    const after = before === null ? { ...draft, parentIds } : changedEntry(before, { ...entry, parentIds }, sealer);
    return { ...item, before, after };
  });
  const entries = steps.flatMap(({ after }) => after ?? []);
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
  const zones = new Map(
    (
      await findSites(
        tx,
        sites.map(({ path }) => path),
      )
    ).map((site) => [site.path, site.timeZone]),
  );
  const versionOf = (entry: Entry | undefined): string | null =>
    entry ? `${entry.id} version ${entry.version}` : null;
  return {
    steps,
    basis: Object.fromEntries([
      ...[...names].map((name) => [`the device ${name}`, versionOf(held.get(name))]),
      ...parentIdsGiven.map((id) => [`the device with the id ${id}`, present.has(id) ? 'present' : null]),
      ...sites.map(({ path }) => [zoneKey(path), zones.get(path) ?? null]),
    ]),
    unchanged: steps.filter(({ after }) => after === null).length,
  };
}

/** What an import would come to, as the registry is now: nothing is written. Null of `outlook`: the content is no list of sites and devices. */
export async function lookAtEstate(
  db: Database,
  file: unknown,
  options: { at: Date; sealer: Sealer },
): Promise<{ read: EstateItems; outlook: Outlook; faults: Fault[] } | { read: null; faults: Fault[] }> {
  const faults: Fault[] = [];
  const read = readItems(file, faults);
  if (read === null) return { read, faults };
  // All of it as of one moment, though nobody is kept waiting.
  const outlook = await db.transaction((tx) => outlookOf(tx, read, { ...options, isToWrite: false }, faults), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  });
  return { read, outlook, faults };
}

export type ImportOutcome = { added: number; updated: number; unchanged: number };
export type ImportOptions = {
  sealer: Sealer;
  /** The zone of sites for which none is set. */
  timeZone: string;
  /** Called before anything is written, with what the import rests on. @throws RefusedError where it must not go on */
  before?: (tx: Queryable, basis: Basis) => Promise<void>;
  /** Called with the outcome once it is written, in the same transaction. */
  after?: (tx: Queryable, outcome: ImportOutcome & { sitesChanged: number }) => Promise<void>;
};

/**
 * Brings the registry to what an estate file says: devices are known by their external id; those that the file does not name
 * stay. All or nothing.
 *
 * @throws RefusedError with every fault, each with its path in the file
 */
export async function importEstate(
  db: Database,
  file: unknown,
  by: Stamp,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const faults: Fault[] = [];
  const read = readItems(file, faults);
  if (read === null) throw new RefusedError(faults);
  return db.transaction(async (tx) => {
    await lockRegistry(tx);
    const look = { at: by.at, sealer: options.sealer, isToWrite: true };
    const { steps, basis, unchanged } = await outlookOf(tx, read, look, faults);
    await options.before?.(tx, basis);
    if (faults.length > 0) throw new RefusedError(faults);
    const entries = steps.flatMap(({ after }) => after ?? []);
    const sitesChanged = read.sites.filter(({ path, timeZone }) => basis[zoneKey(path)] !== timeZone).length;
    const rezoned = await setTimeZones(tx, read.sites, options.timeZone);
    await options.after?.(tx, { ...countsOf(steps), unchanged, sitesChanged });
    await writeEntries(tx, entries, by, await findAtSites(tx, rezoned));
    const outcome = { ...countsOf(steps), unchanged };
    // One record for all: the registry log has each device. A file that changes nothing is read at every start.
    if (entries.length > 0 || rezoned.length > 0)
      await appendAudit(tx, auditOutbox, [{ ...auditedAs(by), action: 'devices.importEstate', after: outcome }]);
    return outcome;
  });
}

/** How many devices an import adds, and how many it changes. */
export function countsOf(steps: readonly Step[]): { added: number; updated: number } {
  const entries = steps.flatMap(({ after }) => after ?? []);
  const added = entries.filter((entry) => entry.version === 1).length;
  return { added, updated: entries.length - added };
}
