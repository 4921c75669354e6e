import type { Asserted } from '@wheelhouse/kit/identity.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { Registry } from 'prom-client';
import type { Answer } from '../../../tests/harness.ts';
import { admin } from '../../../tests/identities.ts';
import { service } from '../main.ts';
import { silent as logger, openEstate, type TestEstate } from './estate.ts';

/** By what it knows its router. */
export const SERVICE_TOKEN = 'a-service-token-for-tests';

/** The subgraph by itself, on a database of its own. */
export type TestHistory = TestEstate & {
  /** Where it answers. */
  graphqlUrl: string;
  /** Asked by an admin of everything, or by somebody else. */
  query: (query: string, variables?: Record<string, unknown>, identity?: Asserted) => Promise<Answer>;
  /** Fields of these devices, as a router asks for them: `selection` with its arguments as `$name`, `variables` with their types. */
  devices: (ids: readonly string[], selection: string, variables?: Variables, identity?: Asserted) => Promise<Answer>;
  /** What the router says of who asks. */
  headers: (identity?: Asserted) => Promise<Record<string, string>>;
  /** SQL statements that the service has sent so far. */
  statements: () => Promise<number>;
  /** Stops the server, and leaves the database. */
  stop: () => Promise<void>;
  /** Starts it again at the same address. */
  start: () => Promise<void>;
};

/** By name: the type, and the value. */
export type Variables = Record<string, readonly [type: string, value: unknown]>;

/** @param prepare what is there already when the service starts */
export async function startHistory(
  prepare: (estate: TestEstate) => Promise<unknown> = async () => {},
): Promise<TestHistory> {
  const estate = await openEstate();
  await prepare(estate);
  let stops = new StopList(logger);
  let metrics = new Registry();
  const env = {
    DATABASE_URL: estate.url,
    WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN,
    WHEELHOUSE_SECRET_KEY: '5a'.repeat(32),
    PORT: '0',
  };
  const { url: graphqlUrl } = await service.startServer({ logger, stops, metrics, env });
  const headers = (identity = admin) => identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'history' }, identity);
  const query: TestHistory['query'] = async (text, variables = {}, identity = admin) => {
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await headers(identity)) },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as Answer;
  };
  return {
    ...estate,
    graphqlUrl,
    query,
    headers,
    devices: (ids, selection, variables = {}, identity = admin) => {
      const declared = Object.entries(variables).map(([name, [type]]) => `$${name}: ${type}`);
      const text = `query (${['$representations: [_Any!]!', ...declared].join(', ')}) {
        _entities(representations: $representations) { ... on Device { id ${selection} } }
      }`;
      const values = Object.fromEntries(Object.entries(variables).map(([name, [, value]]) => [name, value]));
      return query(text, { representations: ids.map((id) => ({ __typename: 'Device', id })), ...values }, identity);
    },
    statements: async () =>
      Number(/wheelhouse_sql_statements_total\{service="history"\} (\d+)/.exec(await metrics.metrics())?.[1] ?? 0),
    stop: () => stops.stop(),
    start: async () => {
      stops = new StopList(logger);
      metrics = new Registry();
      await service.startServer({ logger, stops, metrics, env: { ...env, PORT: new URL(graphqlUrl).port } });
    },
    close: async () => {
      await stops.stop();
      await estate.close();
    },
  };
}
