import type { Database } from '@wheelhouse/kit/database.ts';
import DataLoader from 'dataloader';
import type { EntertainmentDeviceShape } from './shapes.ts';
import { findPinged, findTargets } from './store.ts';

/** What one request works with. */
export type Context = {
  deviceById: DataLoader<string, EntertainmentDeviceShape>;
};

export const createContext = (db: Database): Context => ({
  deviceById: new DataLoader(
    async (ids) => {
      const [targets, pinged] = await Promise.all([findTargets(db, ids), findPinged(db, ids)]);
      const targetOf = new Map(targets.map((row) => [row.deviceId, row]));
      const pingedOf = new Map(pinged.map((row) => [row.deviceId, row]));
      return ids.map((id) => {
        const connection = targetOf.get(id)?.connection;
        return { deviceId: id, ...pingedOf.get(id), ...(connection && { connection }) };
      });
    },
    { cache: false },
  ),
});
