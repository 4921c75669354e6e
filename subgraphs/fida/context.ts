import type { Database } from '@wheelhouse/kit/database.ts';
import DataLoader from 'dataloader';
import { type DisplayRow, findDisplays } from './store.ts';

/** What one request works with. */
export type Context = {
  displayById: DataLoader<string, DisplayRow | null>;
};

export const createContext = (db: Database): Context => ({
  displayById: new DataLoader(
    async (ids) => {
      const rows = new Map((await findDisplays(db, ids)).map((row) => [row.deviceId, row]));
      return ids.map((id) => rows.get(id) ?? null);
    },
    { cache: false },
  ),
});
