import { randomBytes } from 'node:crypto';
import { createTokenSigner } from '@wheelhouse/accounts/signing.ts';
import type { Role, Scope } from '@wheelhouse/contracts/access.ts';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { identityShape } from '@wheelhouse/kit/identity.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { startWheelhouse, type Wheelhouse } from '../harness.ts';

/** The admin that the first start makes. */
export const CHIEF = 'admin@wheelhouse.local';
/** Everybody's. */
export const PASSWORD = 'a horse that nobody rides';
/** A token of ten minutes that was signed an hour ago. */
const LIFE_SECONDS = 600;
const EXPIRED_AGO_MS = 3_600_000;

/** A Wheelhouse with its real accounts, into which somebody comes by nothing but what its graph gives them. */
export type House = Wheelhouse & {
  /** An access token of the admin that the first start makes. */
  chief: string;
  /** Signs somebody in. @returns an access token */
  enter: (email: string) => Promise<string>;
  /** Has the admin invite somebody, and them register, by that name where there is one. @returns the user's id */
  invite: (email: string, role: Role, site: string | null, name?: string) => Promise<string>;
  /** An API key that somebody makes for themselves. */
  makeKey: (token: string, scopes: readonly Scope[]) => Promise<{ id: string; secret: string }>;
  /** The same token, as it would have been signed by the same key so long ago that its time is over. */
  outdated: (token: string) => Promise<string>;
  /** Asks, and takes nothing but what was asked for. @throws Error with what came instead */
  told: (token: string | undefined, query: string, variables?: Record<string, unknown>) => Promise<Told>;
};
// biome-ignore lint/suspicious/noExplicitAny: what was asked for, as the test asked
type Told = any;

/** @param settings besides those that its rooms need */
export async function openHouse(settings: Record<string, string> = {}): Promise<House> {
  const secretKey = randomBytes(32).toString('hex');
  const wheelhouse = await startWheelhouse({
    ...{ WHEELHOUSE_ANONYMOUS_ROLE: 'NONE', WHEELHOUSE_SECRET_KEY: secretKey, WHEELHOUSE_ADMIN_PASSWORD: PASSWORD },
    // Whatever the machine has to do besides.
    ROUTER_SUBGRAPH_TIMEOUT_MS: '50000',
    // Nobody asks for so much in so short a time.
    ...{ ROUTER_RATE_OPERATIONS: '0', ROUTER_RATE_COST: '0', ROUTER_RATE_WORK: '0' },
    ...settings,
  });
  const told: House['told'] = async (token, query, variables) => {
    const { data, errors } = await wheelhouse.query(query, variables, token);
    const [field] = Object.values<Told>(data ?? {});
    if (errors !== undefined || field === null || field?.userErrors?.length > 0)
      throw new Error(`${query} was answered with ${JSON.stringify({ data, errors })}`);
    return field;
  };
  const ERRORS = 'userErrors { field code message }';
  const enter: House['enter'] = async (email) => {
    const query = `mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken ${ERRORS} } }`;
    return (await told(undefined, query, { email, password: PASSWORD })).accessToken;
  };
  const chief = await enter(CHIEF);
  return {
    ...wheelhouse,
    ...{ chief, told, enter },
    invite: async (email, role, site, name) => {
      const invite = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { invitation ${ERRORS} } }`;
      const { invitation } = await told(chief, invite, { input: { email, grants: [{ role, site }] } });
      const register = `mutation ($input: RegisterInput!) { register(input: $input) { user { id } ${ERRORS} } }`;
      return (await told(undefined, register, { input: { email, password: PASSWORD, invitation, name } })).user.id;
    },
    makeKey: async (token, scopes) => {
      const query = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } ${ERRORS} } }`;
      const { secret, apiKey } = await told(token, query, { input: { name: `for ${scopes.join(', ')}`, scopes } });
      return { id: apiKey.id, secret };
    },
    outdated: async (token) => {
      const { db, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
      const now = (): Date => new Date();
      const signer = createTokenSigner({ db, sealer: createSealer(secretKey), lifeSeconds: LIFE_SECONDS, now });
      const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      const identity = identityShape.parse(JSON.parse(claims));
      const { accessToken } = await signer.sign(identity, new Date(Date.now() - EXPIRED_AGO_MS), 0);
      await close();
      return accessToken;
    },
  };
}
