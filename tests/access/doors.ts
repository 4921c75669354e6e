import { randomBytes } from 'node:crypto';
import { type Asserted, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { loadServices } from '@wheelhouse/standalone/services.ts';
import { Registry } from 'prom-client';
import { createMigratedDatabase } from '../database.ts';
import type { Answer } from '../harness.ts';
import { openStream, type Stream } from '../stream.ts';
import type { EstateHost } from './estate.ts';

/** Whom a request is from: somebody whom the router names, or a stranger who says this in the router's place; null says nothing. */
export type Caller = Asserted | { stranger: string | null };

/** All subgraphs on one database, asked at their own doors as the router asks them. */
export type Doors = EstateHost & {
  serviceToken: string;
  urlOf: (service: string) => URL;
  ask: (service: string, caller: Caller, query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  stream: (service: string, caller: Caller, query: string, variables?: Record<string, unknown>) => Stream;
  close: () => Promise<void>;
};

/** @param settings of the services */
export async function startDoors(settings: Record<string, string> = {}): Promise<Doors> {
  const database = await createMigratedDatabase();
  const logger = createLogger({ name: 'test', level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const stops = new StopList(logger);
  const serviceToken = randomBytes(16).toString('hex');
  const env: NodeJS.ProcessEnv = {
    ...{ DATABASE_URL: database.url, WHEELHOUSE_SERVICE_TOKEN: serviceToken, PORT: '0' },
    WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex'),
    ...settings,
  };
  const urls = new Map<string, URL>();
  for (const { name, startServer } of await loadServices())
    urls.set(name, new URL((await startServer({ logger, stops, env, metrics: new Registry() })).url));
  const urlOf = (service: string): URL => {
    const url = urls.get(service);
    if (url === undefined) throw new Error(`there is no service ${service}`);
    return url;
  };
  const namedFor = async (service: string, caller: Caller): Promise<Record<string, string>> => {
    if ('sub' in caller) return identityHeaders({ serviceToken, service }, caller);
    return caller.stranger === null ? {} : { [IDENTITY_HEADER]: caller.stranger };
  };
  return {
    ...{ databaseUrl: database.url, serviceToken, urlOf },
    ask: async (service, caller, query, variables = {}) => {
      const headers = { 'content-type': 'application/json', ...(await namedFor(service, caller)) };
      const body = JSON.stringify({ query, variables });
      return (await (await fetch(urlOf(service), { method: 'POST', headers, body })).json()) as Answer;
    },
    stream: (service, caller, query, variables = {}) =>
      openStream(urlOf(service).href, { query, variables, extensions: { resumable: true } }, () =>
        namedFor(service, caller),
      ),
    importEstate: async (estate) => {
      const headers = { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' };
      const body = JSON.stringify(estate);
      const response = await fetch(new URL('/service/estate', urlOf('devices')), { method: 'POST', headers, body });
      return { status: response.status, body: await response.json() };
    },
    close: async () => {
      await stops.stop();
      await database.drop();
    },
  };
}
