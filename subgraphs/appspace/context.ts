import type { Database } from '@wheelhouse/kit/database.ts';
import DataLoader from 'dataloader';
import type { SignagePlayerShape } from './shapes.ts';
import { findPlayers, findTargets } from './store.ts';

/** What one request works with. */
export type Context = {
  db: Database;
  playerById: DataLoader<string, SignagePlayerShape>;
};

export const createContext = (db: Database): Context => ({
  db,
  playerById: new DataLoader(
    async (ids) => {
      const [targets, players] = await Promise.all([findTargets(db, ids), findPlayers(db, ids)]);
      const targetOf = new Map(targets.map((row) => [row.deviceId, row]));
      const playerOf = new Map(players.map((row) => [row.deviceId, row]));
      return ids.map((id) => {
        const connection = targetOf.get(id)?.connection;
        return { deviceId: id, ...playerOf.get(id), ...(connection && { connection }) };
      });
    },
    { cache: false },
  ),
});
