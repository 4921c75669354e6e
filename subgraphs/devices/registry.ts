import type { Stamp } from '@wheelhouse/kit/actor.ts';
import { areaText } from '@wheelhouse/kit/area.ts';
import { appendAudit, auditedAs } from '@wheelhouse/kit/audit.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import { type Area, isInArea } from '@wheelhouse/kit/identity.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import {
  changedEntry,
  hasOtherSecrets,
  newEntry,
  secretsToGiveAgain,
  toldOf,
  wholeConnection,
} from './registry-entries.ts';
import {
  checkConnection,
  checkEntry,
  entryShape,
  type Fault,
  faultsOf,
  findCycle,
  otherConnections,
  type WantedEntry,
} from './registry-rules.ts';
import {
  type Entry,
  findAtSites,
  findPresent,
  lockEntry,
  lockRegistry,
  readAncestry,
  writeEntries,
} from './store/registry.ts';
import { keepDefaultTimeZone, type SiteRow, setTimeZones } from './store/sites.ts';
import { systemOf } from './system.ts';
import { auditOutbox } from './tables.ts';

/** A change that was refused: nothing of it was done. */
export class RefusedError extends Error {
  readonly faults: Fault[];
  constructor(faults: Fault[]) {
    super(faults.map((fault) => fault.message).join('; '));
    this.faults = faults;
  }
}

const refuse = (path: (string | number)[], code: Fault['code'], message: string): never => {
  throw new RefusedError([{ path, code, message }]);
};

/** Who changes the registry, and where they may see and change devices. */
export type Editor = Stamp & { sees: Area; edits: Area };

/** @throws RefusedError when nothing may be changed at this site */
function checkSite(site: string, { actor, edits }: Editor, path: string[]): void {
  if (!isInArea(edits, site))
    refuse(path, 'FORBIDDEN', `${path.at(-1)}: ${actor} may not change anything at ${site}, but at ${areaText(edits)}`);
}

/** The entry of a device that is to be changed, locked. One that the caller may not see is refused like one that is not there. */
async function lockForChange(tx: Queryable, id: string, by: Editor, path: string[]): Promise<Entry> {
  const entry = await lockEntry(tx, id);
  if (entry === null || entry.removedAt !== null || !isInArea(by.sees, entry.site))
    return refuse(path, 'NOT_FOUND', `there is no device ${shown(id)}`);
  checkSite(entry.site, by, path);
  return entry;
}

/**
 * @param given those of its parents that the caller names
 * @throws RefusedError when one of these is not there, as far as the caller sees, or a parent would be its own ancestor
 */
async function checkParents(
  tx: Queryable,
  entry: { id: string; parentIds: string[] },
  given: readonly string[],
  { sees }: Editor,
): Promise<void> {
  const present = await findPresent(tx, given, sees);
  const index = given.findIndex((id) => !present.has(id));
  if (index >= 0)
    refuse(
      ['input', 'parentIds', index],
      'NOT_FOUND',
      `parentIds names a device that is not there: ${shown(given[index] ?? '')}`,
    );
  const ancestry = await readAncestry(tx, entry.parentIds);
  if (findCycle(new Map([...ancestry, [entry.id, entry.parentIds]])) !== null) {
    refuse(['input', 'parentIds'], 'INVALID', 'parentIds would make the device depend on itself');
  }
}

/** Adds a device. @returns its id @throws RefusedError */
export async function addDevice(db: Database, input: unknown, by: Editor, sealer: Sealer): Promise<string> {
  const checked = checkEntry(input, ['input']);
  if ('faults' in checked) throw new RefusedError(checked.faults);
  checkSite(checked.entry.site, by, ['input', 'site']);
  return db.transaction(async (tx) => {
    const entry = newEntry(checked.entry, null, by.at, sealer);
    await checkParents(tx, entry, entry.parentIds, by);
    await writeEntries(tx, [entry], by);
    const what = { action: 'devices.addDevice', target: entry.id, site: entry.site, after: toldOf(entry) };
    await appendAudit(tx, auditOutbox, [{ ...auditedAs(by), ...what }]);
    return entry.id;
  });
}

export type UpdateInput = { id: string; expectedVersion?: number | null | undefined } & Record<string, unknown>;

/** What the entry becomes with the given fields in place of its own. @throws RefusedError */
function mergeEntry(entry: Entry, given: Record<string, unknown>, sealer: Sealer): WantedEntry {
  const stub = systemOf(entry.system);
  const { [stub.connectionField]: givenOf, ...fieldsGiven } = given;
  const connectionGiven = { ...(givenOf ?? {}) };
  const kept = { name: entry.name, site: entry.site, tags: entry.tags, parentIds: entry.parentIds };
  const fieldsChanged = Object.fromEntries(
    Object.entries(fieldsGiven).filter(([, value]) => value !== undefined && value !== null),
  );
  const parsed = entryShape.safeParse({ ...kept, ...fieldsChanged, system: entry.system });
  const faults = parsed.success ? [] : faultsOf(parsed.error, ['input']);
  faults.push(...otherConnections(stub, given, ['input']));
  const whole = wholeConnection(entry, sealer);
  const checked = checkConnection(stub, { ...(whole ?? entry.connection), ...connectionGiven }, ['input']);
  if ('faults' in checked) {
    const message = `${stub.connectionField}: the secrets kept so far do not open with this WHEELHOUSE_SECRET_KEY, give them again`;
    if (whole === null) faults.push({ path: ['input', stub.connectionField], code: 'CONFLICT', message });
    faults.push(...checked.faults);
  } else faults.push(...secretsToGiveAgain(entry, checked.connection, connectionGiven, sealer));
  if (!parsed.success || 'faults' in checked || faults.length > 0) throw new RefusedError(faults);
  const { name, site, tags, parentIds } = parsed.data;
  return { name, site, tags, parentIds, stub, connection: checked.connection };
}

/** Parents that the caller does not see stay: who names all others does not know of them. */
async function hiddenParents(tx: Queryable, { parentIds }: Entry, { sees }: Editor): Promise<string[]> {
  if (sees === 'everywhere') return [];
  const present = await findPresent(tx, parentIds);
  const seen = await findPresent(tx, parentIds, sees);
  return parentIds.filter((id) => present.has(id) && !seen.has(id));
}

/** Changes the given fields of a device. @throws RefusedError */
export async function updateDevice(db: Database, input: UpdateInput, by: Editor, sealer: Sealer): Promise<void> {
  const { id, expectedVersion, ...given } = input;
  await db.transaction(async (tx) => {
    if (given.parentIds) await lockRegistry(tx);
    const entry = await lockForChange(tx, id, by, ['input', 'id']);
    if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== entry.version) {
      refuse(
        ['input', 'expectedVersion'],
        'CONFLICT',
        `the device has version ${entry.version}, not ${expectedVersion}`,
      );
    }
    const wanted = mergeEntry(entry, given, sealer);
    checkSite(wanted.site, by, ['input', 'site']);
    const hidden = given.parentIds ? await hiddenParents(tx, entry, by) : [];
    const changed = changedEntry(entry, { ...wanted, parentIds: [...wanted.parentIds, ...hidden] }, sealer);
    if (changed === null) return;
    if (given.parentIds) await checkParents(tx, changed, wanted.parentIds, by);
    await writeEntries(tx, [changed], by);
    const secretsChanged = hasOtherSecrets(entry, changed, sealer);
    const after = { ...toldOf(changed), ...(secretsChanged && { secretsChanged }) };
    const what = { action: 'devices.updateDevice', target: id, site: changed.site, before: toldOf(entry), after };
    await appendAudit(tx, auditOutbox, [{ ...auditedAs(by), ...what }]);
  });
}

/** Makes a device a tombstone and forgets its secrets. @throws RefusedError */
export async function removeDevice(db: Database, id: string, by: Editor): Promise<void> {
  await db.transaction(async (tx) => {
    const entry = await lockForChange(tx, id, by, ['id']);
    const tombstone = { ...entry, version: entry.version + 1, removedAt: by.at, sealed: null, parentIds: [] };
    await writeEntries(tx, [tombstone], by);
    const what = { action: 'devices.removeDevice', target: id, site: entry.site, before: toldOf(entry) };
    await appendAudit(tx, auditOutbox, [{ ...auditedAs(by), ...what }]);
  });
}

/**
 * Sets a site's own time zone. @throws RefusedError where the caller may not. The systems of the devices for which another zone holds from here on are told.
 *
 * @param options.timeZone the zone of sites for which none is set
 */
export async function setSite(db: Database, site: SiteRow, options: { by: Editor; timeZone: string }): Promise<void> {
  checkSite(site.path, options.by, ['input', 'path']);
  await db.transaction(async (tx) => {
    const { path, timeZone } = site;
    const rezoned = await setTimeZones(tx, [site], options.timeZone);
    await writeEntries(tx, [], options.by, await findAtSites(tx, rezoned));
    const what = { action: 'devices.setSiteSettings', target: path, site: path, after: { timeZone } };
    await appendAudit(tx, auditOutbox, [{ ...auditedAs(options.by), ...what }]);
  });
}

/** Keeps the zone of sites for which none is set, and tells the systems where another one than before holds by it. */
export async function setDefaultTimeZone(db: Database, timeZone: string, by: Stamp): Promise<void> {
  await db.transaction(async (tx) => {
    const rezoned = await keepDefaultTimeZone(tx, timeZone);
    await writeEntries(tx, [], by, await findAtSites(tx, rezoned));
  });
}
