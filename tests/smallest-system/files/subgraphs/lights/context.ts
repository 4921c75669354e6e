import type { Database } from '@wheelhouse/kit/database.ts';
import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type DataLoader from 'dataloader';
import { findLights, type LightRow } from './store.ts';

/** What one request works with. */
export type Context = { lightById: DataLoader<string, LightRow | null> };

export const createContext = (db: Database): Context => ({
  lightById: rowLoader(
    (ids) => findLights(db, ids),
    ({ deviceId }) => deviceId,
  ),
});
