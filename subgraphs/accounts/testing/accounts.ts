import type { Role } from '@wheelhouse/contracts/access.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { type Asserted, anonymousFrom } from '@wheelhouse/kit/identity.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { createSealer, type Sealer } from '@wheelhouse/kit/sealed.ts';
import { asc } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { createMigratedDatabase } from '../../../tests/database.ts';
import { identityOf, userIdOf } from '../callers.ts';
import { type Context, createContext, type Shared } from '../context.ts';
import { createMetrics } from '../metrics.ts';
import { openPasswords, type Passwords } from '../passwords.ts';
import { RefusedError } from '../refusal.ts';
import type { RoleGrant } from '../rules/grants.ts';
import { readRefreshToken } from '../secrets.ts';
import { uncached } from '../session-cache.ts';
import { signIn, type Tokens } from '../sign-in.ts';
import { createTokenSigner, rotateSigningKeys } from '../signing.ts';
import { type AccessRow, readRevocations } from '../store/access-log.ts';
import { readSessionUser } from '../store/session-users.ts';
import { findUser, insertUser, type UserRow } from '../store/users.ts';
import { auditOutbox } from '../tables.ts';

export const PASSWORD = 'correct horse battery';
export const START = new Date('2026-11-25T12:00:00.000Z');
/** What tests hash with, by the hundred. */
const CHEAP = { memory: 64, passes: 1, parallelism: 1 };
export const HOME = '198.51.100.7';
export const ADMIN: RoleGrant[] = [{ role: 'ADMIN', site: null }];
export const at = (role: Role, site: string | null = null): RoleGrant => ({ role, site });

export type TestAccounts = DatabaseHandle & {
  url: string;
  shared: Shared;
  sealer: Sealer;
  /** What the clock of everything here says; move it by `pass`. */
  pass: (ms: number) => void;
  /** Passwords that were checked so far: null where there was nobody to have one. */
  checked: (string | null)[];
  /** A request of somebody, or of somebody who did not sign in. */
  as: (caller: Asserted | string | null) => Context;
  addUser: (email: string, grants?: RoleGrant[]) => Promise<UserRow>;
  /** Signs somebody in; the request that comes next is `context`. */
  enter: (email: string, origin?: string) => Promise<Tokens & { user: UserRow; sessionId: string; context: Context }>;
  /** What the audit's outbox holds, oldest first. */
  audited: () => Promise<(typeof auditOutbox.$inferSelect)[]>;
  /** What was taken away so far. */
  revoked: () => Promise<AccessRow[]>;
};

/** Accounts on a migrated database of their own, with a clock that stands still; `close` drops it. */
export async function openTestAccounts(settings: Partial<Pick<Shared, 'registration'>> = {}): Promise<TestAccounts> {
  const database = await createMigratedDatabase();
  const handle = openDatabase(database.url);
  const { db } = handle;
  let clockMs = START.getTime();
  const now = (): Date => new Date(clockMs);
  const real = openPasswords({ parameters: CHEAP });
  const checked: (string | null)[] = [];
  const passwords: Passwords = {
    ...real,
    verify: (password, hash) => {
      checked.push(hash);
      return real.verify(password, hash);
    },
  };
  const sealer = createSealer('5a'.repeat(32));
  await rotateSigningKeys(db, sealer, START);
  const shared: Shared = {
    ...{ db, passwords, now, sessionDays: 30, registration: settings.registration ?? 'invitation' },
    signer: createTokenSigner({ db, sealer, lifeSeconds: 600, now }),
    sessionCache: uncached((sessionId) => readSessionUser(db, sessionId, now())),
    metrics: createMetrics(new Registry()),
    logger: createLogger({ name: 'test', level: 'silent' }),
  };
  const passwordHash = await real.hash(PASSWORD);
  const as: TestAccounts['as'] = (caller) =>
    createContext(shared, caller === null || typeof caller === 'string' ? anonymousFrom(caller) : caller);
  return {
    ...handle,
    ...{ url: database.url, shared, sealer, checked, as },
    pass: (ms) => {
      clockMs += ms;
    },
    async addUser(email, grants = []) {
      const id = `id of ${email}`;
      await insertUser(db, { id, email, name: email, passwordHash, createdAt: now(), grants });
      const user = await findUser(db, id);
      if (user === null) throw new Error('the user was not stored');
      return user;
    },
    async enter(email, origin = HOME) {
      const tokens = await signIn(as(origin), { email, password: PASSWORD });
      const sessionId = readRefreshToken(tokens.refreshToken)?.sessionId ?? '';
      const context = as({ ...identityOf(tokens.user, sessionId), origin });
      if (userIdOf(context.identity) === null) throw new Error('nobody was signed in');
      return { ...tokens, sessionId, context };
    },
    audited: () => db.select().from(auditOutbox).orderBy(asc(auditOutbox.position)),
    revoked: () => readRevocations(db, 0, 1_000),
    close: async () => {
      await real.close();
      await handle.close();
      await database.drop();
    },
  };
}

/** The codes with which something is refused; none when it is not. */
export async function codesOf(attempted: Promise<unknown>): Promise<string[]> {
  try {
    await attempted;
    return [];
  } catch (err) {
    if (err instanceof RefusedError) return err.faults.map(({ code }) => code);
    throw err;
  }
}
