import { createHash } from 'node:crypto';
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql';
import { z } from 'zod';
import type { Introduction } from '../introduce.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { Serving } from '../serving.ts';
import type { Tracing } from '../tracing/stage.ts';
import { type AccountFault, ofAccounts, ofGraph, SessionRefusedError } from './refusal.ts';

/** What accounts gives for a password or a refresh token. `expiresAt`: when the access token ends, RFC 3339. */
export type SessionTokens = { accessToken: string; refreshToken: string; expiresAt: string };

/** The mutations of accounts by which sessions live. All throw SessionRefusedError. */
export type SessionAccounts = {
  /** Whether the supergraph has them. */
  isServed: () => boolean;
  signIn: (caller: Introduction, given: { email: string; password: string }) => Promise<SessionTokens>;
  refresh: (caller: Introduction, refreshToken: string) => Promise<SessionTokens>;
  signOut: (caller: Introduction) => Promise<void>;
};

type Question = { name: string; document: DocumentNode; queryHash: string };

const question = (name: string, text: string): Question => ({
  name,
  document: parse(text),
  queryHash: createHash('sha256').update(text).digest('hex'),
});

const TOKENS = 'accessToken refreshToken expiresAt userErrors { field code message retryAfterSeconds }';
const SIGN_IN = question(
  'BrowserSignIn',
  `mutation BrowserSignIn($email: String!, $password: String!) { of: login(email: $email, password: $password) { ${TOKENS} } }`,
);
const REFRESH = question(
  'BrowserRefresh',
  `mutation BrowserRefresh($refreshToken: String!) { of: refreshSession(refreshToken: $refreshToken) { ${TOKENS} } }`,
);
const SIGN_OUT = question('BrowserSignOut', 'mutation BrowserSignOut { of: logout { ok } }');

const faultShape = z.object({
  field: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  retryAfterSeconds: z.number().nullable(),
}) satisfies z.ZodType<AccountFault>;
const tokensShape = z.object({
  of: z.object({
    accessToken: z.string().nullable(),
    refreshToken: z.string().nullable(),
    expiresAt: z.string().nullable(),
    userErrors: z.array(faultShape),
  }),
});
const endedShape = z.object({ of: z.object({ ok: z.boolean() }) });

/**
 * Asks accounts through the engine, as if the caller had sent the mutation: it is counted and traced as theirs, it costs them what it costs, and
 * accounts is told where they ask from. It does not come by a door for GraphQL, where only the operations of a manifest may be allowed.
 */
export function createSessionAccounts(options: {
  serving: () => Serving;
  metrics: Pick<RouterMetrics, 'operation'>;
  tracing: Tracing | null;
}): SessionAccounts {
  const { serving, metrics, tracing } = options;
  const served = new WeakMap<GraphQLSchema, boolean>();

  const ask = async <T>(
    { name, document, queryHash }: Question,
    variables: Record<string, unknown>,
    { headers, asserted, countedAs }: Introduction,
    shape: z.ZodType<T>,
  ): Promise<T> => {
    const { engine, admit } = serving();
    const startedAtMs = performance.now();
    const stage = tracing?.operation('http', headers) ?? null;
    const end = (outcome: 'ok' | 'errors' | 'refused'): void => {
      metrics.operation('mutation', outcome, (performance.now() - startedAtMs) / 1_000);
      stage?.endOperation({ type: 'mutation', name, outcome });
    };
    const operation = getOperationAST(document);
    if (operation == null) throw new Error(`${name} has no operation`);
    const admitted = await admit({ document, operation, variables }, { countedAs });
    if (admitted instanceof GraphQLError) {
      end('refused');
      throw new SessionRefusedError(ofGraph(admitted));
    }
    const plan = engine.plan({ document, queryHash, operationName: undefined }, stage);
    // It goes on when the browser leaves: what it has begun can't be taken back.
    const { signal } = new AbortController();
    const { data, errors = [] } = await engine.run(plan, variables, { headers, asserted, signal, stage });
    end(errors.length > 0 ? 'errors' : 'ok');
    const [error] = errors;
    if (error !== undefined) throw new SessionRefusedError(ofGraph(error));
    return shape.parse(data);
  };

  const askForTokens = async (
    asked: Question,
    variables: Record<string, unknown>,
    caller: Introduction,
  ): Promise<SessionTokens> => {
    const { of } = await ask(asked, variables, caller, tokensShape);
    const [fault] = of.userErrors;
    if (fault !== undefined) throw new SessionRefusedError(ofAccounts(fault));
    const { accessToken, refreshToken, expiresAt } = of;
    if (accessToken === null || refreshToken === null || expiresAt === null)
      throw new Error(`${asked.name} came to neither tokens nor an error`);
    return { accessToken, refreshToken, expiresAt };
  };

  return {
    isServed: () => {
      const { schema } = serving().engine;
      const known =
        served.get(schema) ??
        [SIGN_IN, REFRESH, SIGN_OUT].every(({ document }) => validate(schema, document).length === 0);
      served.set(schema, known);
      return known;
    },
    signIn: (caller, given) => askForTokens(SIGN_IN, given, caller),
    refresh: (caller, refreshToken) => askForTokens(REFRESH, { refreshToken }, caller),
    signOut: async (caller) => void (await ask(SIGN_OUT, {}, caller, endedShape)),
  };
}
