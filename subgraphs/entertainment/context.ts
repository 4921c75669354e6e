import { areaCheck, findAt } from '@wheelhouse/kit/area.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import DataLoader from 'dataloader';
import type { EntertainmentDeviceShape } from './shapes.ts';
import { findPinged, findTargets } from './store.ts';
import { targets as places } from './tables.ts';

/** What one request works with. */
export type Context = {
  identity: Asserted;
  deviceById: DataLoader<string, EntertainmentDeviceShape>;
};

export function createContext(db: Database, identity: Asserted): Context {
  const seen = areaCheck(
    areaOf(identity, 'estate:read'),
    findAt(db, { table: places, id: places.deviceId, site: places.site }),
  );
  const deviceById = new DataLoader<string, EntertainmentDeviceShape>(
    async (ids) => {
      const own = await seen.only(ids);
      const [targets, pinged] = await Promise.all([findTargets(db, own), findPinged(db, own)]);
      const targetOf = new Map(targets.map((row) => [row.deviceId, row]));
      const pingedOf = new Map(pinged.map((row) => [row.deviceId, row]));
      return ids.map((id) => {
        const connection = targetOf.get(id)?.connection;
        return { deviceId: id, ...pingedOf.get(id), ...(connection && { connection }) };
      });
    },
    { cache: false },
  );
  return { identity, deviceById };
}
