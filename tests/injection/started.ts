import { readFile } from 'node:fs/promises';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { loadServices } from '@wheelhouse/standalone/services.ts';
import { startDoors } from '../access/doors.ts';
import { type Estate, openEstate } from '../access/estate.ts';
import type { Answer } from '../harness.ts';
import { openStream, type Stream } from '../stream.ts';

const ADMIN_PASSWORD = 'an admin has many words';
const LOGIN =
  'mutation ($password: String!) { login(email: "admin@wheelhouse.local", password: $password) { accessToken } }';

export type Started = {
  estate: Estate;
  /** Asks the router as the admin who has signed in, from an address that a proxy names. */
  ask: (query: string, variables?: Record<string, unknown>, address?: string) => Promise<Answer>;
  /** Follows a subscription at the router as the same admin. */
  follow: (query: string, variables: Record<string, unknown>) => Stream;
  close: () => Promise<void>;
};

/** All services on one database, the router before them, and an estate. Nothing is held back for its rate: this is about what is asked. */
export async function start(): Promise<Started> {
  const doors = await startDoors({ WHEELHOUSE_ADMIN_PASSWORD: ADMIN_PASSWORD, WHEELHOUSE_REGISTRATION: 'open' });
  const estate = await openEstate(doors);
  const logger = createLogger({ name: 'test', level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const stops = new StopList(logger);
  const names = (await loadServices()).map(({ name }) => name);
  const { url } = await startRouter({
    supergraphSdl: await readFile(new URL('../../supergraph.graphql', import.meta.url), 'utf8'),
    subgraphUrls: Object.fromEntries(names.map((name) => [name, doors.urlOf(name).href])),
    ...{ host: '127.0.0.1', port: 0, logger, stops },
    config: readRouterConfig({
      WHEELHOUSE_SERVICE_TOKEN: doors.serviceToken,
      ...{ ROUTER_RATE_OPERATIONS: '0', ROUTER_RATE_COST: '0', ROUTER_RATE_WORK: '0', ROUTER_PROXY_HOPS: '1' },
      // What can be read of an answer is more than a client asks for.
      ...{ ROUTER_MAX_COST: '0', ROUTER_MAX_PLAN_WEIGHT: '0' },
    }),
  });
  let token = '';
  const ask: Started['ask'] = async (query, variables = {}, address = '192.0.2.7') => {
    const headers = {
      ...{ 'content-type': 'application/json', 'x-forwarded-for': address },
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return (await response.json()) as Answer;
  };
  const { data } = await ask(LOGIN, { password: ADMIN_PASSWORD });
  token = data.login.accessToken;
  return {
    ...{ estate, ask },
    follow: (query, variables) =>
      openStream(url, { query, variables }, async () => ({ authorization: `Bearer ${token}` })),
    close: async () => {
      await estate.close();
      await stops.stop();
      await doors.close();
    },
  };
}
