import type { Database } from '@wheelhouse/kit/database.ts';

/** What all requests share. */
export type Shared = {
  db: Database;
  now: () => Date;
};

/** What one request works with. */
export type Context = Shared;

export const createContext = (shared: Shared): Context => ({ ...shared });
