import { createIdentityReader, type Grant, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import type { RouterConfig } from '../config.ts';
import { SERVICE_TOKEN, startAccounts, type TestAccounts } from './accounts.ts';
import { startTestRouter, type TestRouter } from './router.ts';
import type { SubgraphCall } from './subgraph.ts';
import { Topic } from './topic.ts';

export const EVERYWHERE: Grant[] = [{ scopes: ['estate:read'], site: null }];
export const HALL: Grant[] = [{ scopes: ['estate:read'], site: 'museum/hall' }];
export const WRITER: Grant[] = [{ scopes: ['estate:read', 'settings:write'], site: null }];

/** A subscription that the service has, and the standing that it was opened as. */
type Listener = { call: SubgraphCall; topic: Topic<{ news: string }> };

export type GuardedRouter = {
  accounts: TestAccounts;
  router: TestRouter;
  /** All subscriptions so far. */
  listeners: Listener[];
  /** Holds answers to `slow` back until it is called again. */
  hold: () => () => void;
};

/** A router over accounts and a service whose fields have rules. */
export async function startGuardedRouter(config: Partial<RouterConfig> = {}): Promise<GuardedRouter> {
  const accounts = await startAccounts();
  const listeners: Listener[] = [];
  let held: Promise<void> = Promise.resolve();
  const router = await startTestRouter(
    [
      accounts.source,
      {
        name: 'devices',
        typeDefs: `
          type Query {
            open: String
            read: String @requiresScopes(scopes: [["estate:read"]])
            slow: String @requiresScopes(scopes: [["estate:read"]])
            thing: Thing @authenticated
          }
          type Thing {
            name: String
            secret: String @requiresScopes(scopes: [["audit:read"], ["estate:read", "settings:write"]])
          }
          type Mutation { set: String @requiresScopes(scopes: [["settings:write"]]) }
          type Subscription { news(after: String): String @requiresScopes(scopes: [["estate:read"]]) }`,
        resolvers: {
          Query: {
            open: () => 'open',
            read: () => 'read',
            slow: () => held.then(() => 'slow'),
            thing: () => ({ name: 'thing', secret: 'secret' }),
          },
          Mutation: { set: () => 'set' },
          Subscription: {
            news: {
              subscribe: (_: unknown, _args: unknown, call: SubgraphCall) => {
                const topic = new Topic<{ news: string }>();
                listeners.push({ call, topic });
                return topic.subscribe();
              },
            },
          },
        },
      },
    ],
    { config: { serviceToken: SERVICE_TOKEN, ...config } },
  );
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  return { accounts, router, listeners, hold };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** What a service was told of who asks, as it reads that itself. */
export const toldTo = (service: string, headers: Record<string, unknown>) =>
  createIdentityReader(SERVICE_TOKEN, service, () => new Date())(String(headers[IDENTITY_HEADER]));
