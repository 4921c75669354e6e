import type { Database } from '@wheelhouse/kit/database.ts';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { AccountsConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Passwords } from './passwords.ts';
import type { SessionCache } from './session-cache.ts';
import type { TokenSigner } from './signing.ts';

/** What all requests share. */
export type Shared = {
  db: Database;
  passwords: Passwords;
  signer: TokenSigner;
  sessionCache: SessionCache;
  registration: AccountsConfig['WHEELHOUSE_REGISTRATION'];
  sessionDays: number;
  metrics: Metrics;
  logger: Logger;
  now: () => Date;
};

/** What one request works with. */
export type Context = Shared & {
  /** Who asks, though it be nobody who signed in: where from is known of them as well. */
  identity: Asserted;
};

export const createContext = (shared: Shared, identity: Asserted): Context => ({ ...shared, identity });
