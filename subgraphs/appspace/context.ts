import { areaCheck, findAt } from '@wheelhouse/kit/area.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import DataLoader from 'dataloader';
import type { SignagePlayerShape } from './shapes.ts';
import { findPlayers, findTargets } from './store.ts';
import { targets as places } from './tables.ts';

/** What one request works with. */
export type Context = {
  identity: Asserted;
  db: Database;
  playerById: DataLoader<string, SignagePlayerShape>;
};

export function createContext(db: Database, identity: Asserted): Context {
  const seen = areaCheck(
    areaOf(identity, 'estate:read'),
    findAt(db, { table: places, id: places.deviceId, site: places.site }),
  );
  const playerById = new DataLoader<string, SignagePlayerShape>(
    async (ids) => {
      const own = await seen.only(ids);
      const [targets, players] = await Promise.all([findTargets(db, own), findPlayers(db, own)]);
      const targetOf = new Map(targets.map((row) => [row.deviceId, row]));
      const playerOf = new Map(players.map((row) => [row.deviceId, row]));
      return ids.map((id) => {
        const connection = targetOf.get(id)?.connection;
        return { deviceId: id, ...playerOf.get(id), ...(connection && { connection }) };
      });
    },
    { cache: false },
  );
  return { db, identity, playerById };
}
