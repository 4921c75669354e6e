import { randomUUID } from 'node:crypto';
import { createIdentityReader, type Grant, IDENTITY_HEADER, type Identity } from '@wheelhouse/kit/identity.ts';
import type { JWTPayload } from 'jose';
import type { Resolvers, SubgraphCall } from './subgraph.ts';

type Told = Awaited<ReturnType<ReturnType<typeof createIdentityReader>>>;

export type TestSessions = {
  typeDefs: string;
  resolvers: Resolvers;
  /** The mutations that came, and who was said to ask. */
  asked: { field: string; told: Told }[];
  /** What whoever signs in may do. */
  grants: Grant[];
  /** What goes over the claims of the next tokens. */
  claims: JWTPayload;
  /** What the next mutation is refused with; null: it is done. */
  refusal: { field?: string; code: string; message: string; retryAfterSeconds?: number } | null;
};

/** The mutations of the accounts service by which sessions live, over nothing but memory. Everybody's password is `right`. */
export function createTestSessions(
  issue: (identity: Partial<Identity>, claims: JWTPayload) => Promise<string>,
  serviceToken: string,
): TestSessions {
  /** The refresh token that is good, by session. */
  const live = new Map<string, string>();
  const give = async (sid: string) => {
    const refreshToken = `whr_${sid.replace(':', '-')}_${randomUUID()}`;
    live.set(sid, refreshToken);
    const accessToken = await issue({ sid, grants: sessions.grants }, sessions.claims);
    const { exp } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    return { accessToken, refreshToken, expiresAt: new Date(exp * 1_000).toISOString(), userErrors: [] };
  };
  const refuse = (fault: NonNullable<TestSessions['refusal']>) => ({ userErrors: [fault] });
  const asking = async (field: string, { headers }: SubgraphCall): Promise<Told> => {
    const told = await createIdentityReader(
      serviceToken,
      'accounts',
      () => new Date(),
    )(String(headers[IDENTITY_HEADER]));
    sessions.asked.push({ field, told });
    return told;
  };
  const sessions: TestSessions = {
    ...{ asked: [], grants: [], claims: {}, refusal: null },
    typeDefs: `
      type Mutation {
        login(email: String!, password: String!): TokensPayload
        refreshSession(refreshToken: String!): TokensPayload
        logout: LogoutPayload @authenticated
      }
      type TokensPayload { accessToken: String refreshToken: String expiresAt: String userErrors: [AccountError!]! }
      type LogoutPayload { ok: Boolean! }
      type AccountError { field: String code: String! message: String! retryAfterSeconds: Float }`,
    resolvers: {
      Mutation: {
        login: async (_: unknown, { password }: { password: string }, call: SubgraphCall) => {
          await asking('login', call);
          if (sessions.refusal !== null) return refuse(sessions.refusal);
          if (password !== 'right') return refuse({ code: 'INVALID_CREDENTIALS', message: 'wrong' });
          return give(`session:${randomUUID()}`);
        },
        refreshSession: async (_: unknown, { refreshToken }: { refreshToken: string }, call: SubgraphCall) => {
          await asking('refreshSession', call);
          if (sessions.refusal !== null) return refuse(sessions.refusal);
          const sid = [...live].find(([, token]) => token === refreshToken)?.[0];
          return sid === undefined ? refuse({ code: 'SESSION_ENDED', message: 'it is over' }) : give(sid);
        },
        logout: async (_: unknown, _args: unknown, call: SubgraphCall) => {
          const told = await asking('logout', call);
          live.delete(told?.sid ?? '');
          return { ok: true };
        },
      },
    },
  };
  return sessions;
}
