import { areaCheck, findAt } from '@wheelhouse/kit/area.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { type Asserted, areaOf } from '@wheelhouse/kit/identity.ts';
import { rowLoader } from '@wheelhouse/kit/row-loader.ts';
import type DataLoader from 'dataloader';
import { findLights, type LightRow } from './store.ts';
import { targets } from './tables.ts';

/** What one request works with. */
export type Context = { identity: Asserted; lightById: DataLoader<string, LightRow | null> };

export function createContext(db: Database, identity: Asserted): Context {
  const findHere = findAt(db, { table: targets, id: targets.deviceId, site: targets.site });
  const seen = areaCheck(areaOf(identity, 'estate:read'), findHere);
  return {
    identity,
    lightById: rowLoader(
      seen.among((ids) => findLights(db, ids)),
      ({ deviceId }) => deviceId,
    ),
  };
}
