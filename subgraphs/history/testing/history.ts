import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { Registry } from 'prom-client';
import { createMigratedDatabase } from '../../../tests/database.ts';
import type { Answer } from '../../../tests/harness.ts';
import { service } from '../main.ts';

/** The subgraph by itself, on a database of its own. */
export type TestHistory = DatabaseHandle & {
  url: string;
  query: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  /** Fields of these devices, as a router asks for them: `selection` with its arguments as `$name`, `variables` with their types. */
  devices: (ids: readonly string[], selection: string, variables?: Variables) => Promise<Answer>;
  /** SQL statements that the service has sent so far. */
  statements: () => Promise<number>;
  /** Stops the server, and leaves the database. */
  stop: () => Promise<void>;
  /** Starts it again at the same address. */
  start: () => Promise<void>;
};

/** By name: the type, and the value. */
export type Variables = Record<string, readonly [type: string, value: unknown]>;

export async function startHistory(
  prepare: (db: DatabaseHandle) => Promise<void> = async () => {},
): Promise<TestHistory> {
  const database = await createMigratedDatabase();
  const handle = openDatabase(database.url, { maxConnections: 3 });
  await prepare(handle);
  const logger = createLogger({ name: 'test', level: 'silent' });
  let stops = new StopList(logger);
  let metrics = new Registry();
  const env = {
    DATABASE_URL: database.url,
    WHEELHOUSE_SERVICE_TOKEN: 'a-service-token-for-tests',
    WHEELHOUSE_SECRET_KEY: '5a'.repeat(32),
    PORT: '0',
  };
  const { url } = await service.startServer({ logger, stops, metrics, env });
  const query: TestHistory['query'] = async (text, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as Answer;
  };
  return {
    ...handle,
    url,
    query,
    devices: (ids, selection, variables = {}) => {
      const declared = Object.entries(variables).map(([name, [type]]) => `$${name}: ${type}`);
      const text = `query (${['$representations: [_Any!]!', ...declared].join(', ')}) {
        _entities(representations: $representations) { ... on Device { id ${selection} } }
      }`;
      const values = Object.fromEntries(Object.entries(variables).map(([name, [, value]]) => [name, value]));
      return query(text, { representations: ids.map((id) => ({ __typename: 'Device', id })), ...values });
    },
    statements: async () =>
      Number(/wheelhouse_sql_statements_total\{service="history"\} (\d+)/.exec(await metrics.metrics())?.[1] ?? 0),
    stop: () => stops.stop(),
    start: async () => {
      stops = new StopList(logger);
      metrics = new Registry();
      await service.startServer({ logger, stops, metrics, env: { ...env, PORT: new URL(url).port } });
    },
    close: async () => {
      await stops.stop();
      await handle.close();
      await database.drop();
    },
  };
}
