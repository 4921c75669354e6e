import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { z } from 'zod';
import { checkConnection, type Fault, type WantedEntry } from './registry-rules.ts';
import type { Entry } from './store/registry.ts';
import { systemOf } from './system.ts';

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
export function wholeConnection(entry: Entry, sealer: Sealer): Record<string, unknown> | null {
  if (entry.sealed === null) return entry.connection;
  try {
    return { ...entry.connection, ...secretsShape.parse(sealer.open(entry.sealed, entry.id)) };
  } catch {
    return null;
  }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * Secrets that a changed connection would keep although they would go elsewhere, or less well kept, than where they were given for: who may change
 * a device need not know its secrets, and would be sent them.
 *
 * @param wanted the connection as it will be, checked
 * @param given the part of it that the caller gives
 */
export function secretsToGiveAgain(
  entry: Entry,
  wanted: Record<string, unknown>,
  given: Record<string, unknown>,
  sealer: Sealer,
): Fault[] {
  const stub = systemOf(entry.system);
  const kept = stub.secrets.filter((name) => isGiven(wanted[name]) && !isGiven(given[name]));
  if (kept.length === 0) return [];
  // A default that came into the rules after the entry was made is no change.
  const checked = checkConnection(stub, wholeConnection(entry, sealer) ?? entry.connection, []);
  const before = 'faults' in checked ? entry.connection : checked.connection;
  const apart = [...stub.secrets, ...(stub.apartFromSecrets ?? [])];
  const changed = [...new Set([...Object.keys(before), ...Object.keys(wanted)])].filter(
    (name) => !apart.includes(name) && !isDeepStrictEqual(before[name] ?? null, wanted[name] ?? null),
  );
  if (changed.length === 0) return [];
  return kept.map((name) => ({
    path: ['input', stub.connectionField, name],
    code: 'INVALID',
    message: `${name} must be given again where ${changed.join(', ')} becomes another: secrets are kept only for the connection that they were given for`,
  }));
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

/** What the audit log tells of an entry: all that is public. */
export const toldOf = ({ name, system, site, tags, parentIds, connection }: Entry) => ({
  ...{ name, system, site, tags, parentIds, connection },
});

/** Whether an entry's secrets are others than they were: of these the audit log tells no more. */
export function hasOtherSecrets(before: Entry, after: Entry, sealer: Sealer): boolean {
  const { secrets } = systemOf(before.system);
  const [one, other] = [before, after].map((entry) => {
    const whole = wholeConnection(entry, sealer);
    return whole && secrets.map((name) => whole[name] ?? null);
  });
  return !isDeepStrictEqual(one, other);
}
