import type { Database } from '@wheelhouse/kit/database.ts';
import { type Area, type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import type { LiveLog } from '@wheelhouse/kit/live-log.ts';
import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import DataLoader from 'dataloader';
import type { Thresholds } from './rules.ts';
import { type DeviceRow, findDevices, findParents } from './store/devices.ts';
import { findTimeZones } from './store/sites.ts';
import type { StatusChangeRow } from './store/statuses.ts';

/** What all requests share. */
export type Shared = {
  db: Database;
  statusLog: LiveLog<StatusChangeRow>;
  sealer: Sealer;
  thresholds: Thresholds;
  /** The time zone of sites for which none is set. */
  timeZone: string;
  now: () => Date;
};

/** What one request works with: what all share, and loaders that ask for many with one statement. */
export type Context = Shared & {
  identity: Asserted;
  /** Where the caller may see devices: what lies elsewhere is to them as if it did not exist. */
  sees: Area;
  /** Where they may do what `viewerCan` tells of. */
  may: { edit: Area; set: Area; readHistory: Area };
  deviceById: DataLoader<string, DeviceRow | null>;
  parentsOf: DataLoader<string, DeviceRow[]>;
  /** The time zone that holds at a site. */
  timeZoneOf: DataLoader<string, string>;
};

export function createContext(shared: Shared, identity: Asserted): Context {
  const sees = areaOf(identity, 'estate:read');
  // Resolvers change rows by mutations in the same request, and events of one subscription come over hours: nothing is kept.
  const uncached = { cache: false };
  return {
    ...shared,
    identity,
    sees,
    may: {
      edit: areaOf(identity, 'estate:write'),
      set: areaOf(identity, 'settings:write'),
      readHistory: areaOf(identity, 'history:read'),
    },
    deviceById: rowLoader(
      (ids) => findDevices(shared.db, ids, sees),
      ({ id }) => id,
    ),
    parentsOf: new DataLoader(async (ids) => {
      const parents = await findParents(shared.db, ids, sees);
      return ids.map((id) => parents.get(id) ?? []);
    }, uncached),
    timeZoneOf: new DataLoader(async (paths) => {
      const zones = await findTimeZones(shared.db, paths, shared.timeZone);
      return paths.map((path) => zones.get(path) ?? shared.timeZone);
    }, uncached),
  };
}
