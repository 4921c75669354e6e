import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { z } from 'zod';
import {
  checkConnection,
  checkEntry,
  entryShape,
  type Fault,
  faultsOf,
  findCycle,
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

type Split = Pick<Entry, 'connection' | 'sealed' | 'address'>;

/** The connection with its secrets taken out and sealed for this device. */
function splitConnection(wanted: Pick<WantedEntry, 'stub' | 'connection'>, id: string, sealer: Sealer): Split {
  const isSecret = ([field]: [string, unknown]) => wanted.stub.secrets.includes(field);
  const fields = Object.entries(wanted.connection).filter(([, value]) => value !== null && value !== undefined);
  const secrets = Object.fromEntries(fields.filter(isSecret));
  return {
    connection: Object.fromEntries(fields.filter((field) => !isSecret(field))),
    sealed: Object.keys(secrets).length > 0 ? sealer.seal(secrets, id) : null,
    address: wanted.stub.address(wanted.connection),
  };
}

const secretsShape = z.record(z.string(), z.unknown());

/** The connection with its secrets, as the caller gave it; null when they were sealed with a key that we do not have. */
function wholeConnection(entry: Entry, sealer: Sealer): Record<string, unknown> | null {
  if (entry.sealed === null) return entry.connection;
  try {
    return { ...entry.connection, ...secretsShape.parse(sealer.open(entry.sealed, entry.id)) };
  } catch {
    return null;
  }
}

/** An entry made new from what is wanted. */
export function newEntry(wanted: WantedEntry, externalId: string | null, at: Date, sealer: Sealer): Entry {
  const id = randomUUID();
  const { name, site, tags, parentIds, stub } = wanted;
  const base = {
    id,
    externalId,
    name,
    site,
    tags,
    parentIds,
    system: stub.system,
    version: 1,
    createdAt: at,
    removedAt: null,
  };
  return { ...base, ...splitConnection(wanted, id, sealer) };
}

/** The entry as wanted with its next version, or null when it is so already. */
export function changedEntry(entry: Entry, wanted: WantedEntry, sealer: Sealer): Entry | null {
  const isSame =
    entry.name === wanted.name &&
    entry.site === wanted.site &&
    isDeepStrictEqual(entry.tags, wanted.tags) &&
    isDeepStrictEqual([...entry.parentIds].sort(), [...wanted.parentIds].sort()) &&
    isDeepStrictEqual(wholeConnection(entry, sealer), wanted.connection);
  if (isSame) return null;
  const { name, site, tags, parentIds } = wanted;
  return {
    ...entry,
    name,
    site,
    tags,
    parentIds,
    version: entry.version + 1,
    ...splitConnection(wanted, entry.id, sealer),
  };
}

/** @throws RefusedError when a parent is not there or would be its own ancestor */
async function checkParents(tx: Queryable, entry: { id: string; parentIds: string[] }): Promise<void> {
  const present = await findPresent(tx, entry.parentIds);
  const index = entry.parentIds.findIndex((id) => !present.has(id));
  if (index >= 0)
    refuse(
      ['input', 'parentIds', index],
      'NOT_FOUND',
      `parentIds names a device that is not there: ${entry.parentIds[index]}`,
    );
  const ancestry = await readAncestry(tx, entry.parentIds);
  if (findCycle(new Map([...ancestry, [entry.id, entry.parentIds]])) !== null) {
    refuse(['input', 'parentIds'], 'INVALID', 'parentIds would make the device depend on itself');
  }
}

/** Adds a device. @returns its id @throws RefusedError */
export async function addDevice(db: Database, input: unknown, by: Stamp, sealer: Sealer): Promise<string> {
  const checked = checkEntry(input, ['input']);
  if ('faults' in checked) throw new RefusedError(checked.faults);
  return db.transaction(async (tx) => {
    const entry = newEntry(checked.entry, null, by.at, sealer);
    await checkParents(tx, entry);
    await writeEntries(tx, [entry], by);
    return entry.id;
  });
}

export type UpdateInput = { id: string; expectedVersion?: number | null | undefined } & Record<string, unknown>;

/** What the entry becomes with the given fields in place of its own. @throws RefusedError */
function mergeEntry(entry: Entry, given: Record<string, unknown>, sealer: Sealer): WantedEntry {
  const stub = systemOf(entry.system);
  const { [stub.connectionField]: connectionGiven, ...fieldsGiven } = given;
  const kept = { name: entry.name, site: entry.site, tags: entry.tags, parentIds: entry.parentIds };
  const fieldsChanged = Object.fromEntries(
    Object.entries(fieldsGiven).filter(([, value]) => value !== undefined && value !== null),
  );
  const parsed = entryShape.safeParse({ ...kept, ...fieldsChanged, system: entry.system });
  const faults = parsed.success ? [] : faultsOf(parsed.error, ['input']);
  const whole = wholeConnection(entry, sealer);
  const checked = checkConnection(stub, { ...(whole ?? entry.connection), ...(connectionGiven ?? {}) }, ['input']);
  if ('faults' in checked) {
    const message = `${stub.connectionField}: the secrets kept so far do not open with this WHEELHOUSE_SECRET_KEY, give them again`;
    if (whole === null) faults.push({ path: ['input', stub.connectionField], code: 'CONFLICT', message });
    faults.push(...checked.faults);
  }
  if (!parsed.success || 'faults' in checked) throw new RefusedError(faults);
  const { name, site, tags, parentIds } = parsed.data;
  return { name, site, tags, parentIds, stub, connection: checked.connection };
}

/** Changes the given fields of a device. @throws RefusedError */
export async function updateDevice(db: Database, input: UpdateInput, by: Stamp, sealer: Sealer): Promise<void> {
  const { id, expectedVersion, ...given } = input;
  await db.transaction(async (tx) => {
    if (given.parentIds) await lockRegistry(tx);
    const entry = await lockEntry(tx, id);
    if (entry === null || entry.removedAt !== null)
      return refuse(['input', 'id'], 'NOT_FOUND', `there is no device ${id}`);
    if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== entry.version) {
      refuse(
        ['input', 'expectedVersion'],
        'CONFLICT',
        `the device has version ${entry.version}, not ${expectedVersion}`,
      );
    }
    const changed = changedEntry(entry, mergeEntry(entry, given, sealer), sealer);
    if (changed === null) return;
    if (given.parentIds) await checkParents(tx, changed);
    await writeEntries(tx, [changed], by);
  });
}

/** Makes a device a tombstone and forgets its secrets. @throws RefusedError */
export async function removeDevice(db: Database, id: string, by: Stamp): Promise<void> {
  await db.transaction(async (tx) => {
    const entry = await lockEntry(tx, id);
    if (entry === null || entry.removedAt !== null) return refuse(['id'], 'NOT_FOUND', `there is no device ${id}`);
    const tombstone = { ...entry, version: entry.version + 1, removedAt: by.at, sealed: null, parentIds: [] };
    await writeEntries(tx, [tombstone], by);
  });
}

/**
 * Sets a site's own time zone. The systems of the devices for which another zone holds from here on are told.
 *
 * @param options.timeZone the zone of sites for which none is set
 */
export async function setSite(db: Database, site: SiteRow, options: { by: Stamp; timeZone: string }): Promise<void> {
  await db.transaction(async (tx) => {
    const rezoned = await setTimeZones(tx, [site], options.timeZone);
    await writeEntries(tx, [], options.by, await findAtSites(tx, rezoned));
  });
}

/** Keeps the zone of sites for which none is set, and tells the systems where another one than before holds by it. */
export async function setDefaultTimeZone(db: Database, timeZone: string, by: Stamp): Promise<void> {
  await db.transaction(async (tx) => {
    const rezoned = await keepDefaultTimeZone(tx, timeZone);
    await writeEntries(tx, [], by, await findAtSites(tx, rezoned));
  });
}
