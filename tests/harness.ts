import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { displays } from '@wheelhouse/fida/tables.ts';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { loadServices } from '@wheelhouse/standalone/services.ts';
import { asc } from 'drizzle-orm';
import { type Client, createClient } from 'graphql-ws';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { createMigratedDatabase } from './database.ts';

export type GraphQLFault = { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> };
// The shape of an answer is what a test is about to check.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Answer = { data?: any; errors?: GraphQLFault[] };

/** A running Wheelhouse in the test's own process, on a database of its own, wired as `npm start` wires it. */
export type Wheelhouse = {
  url: string;
  databaseUrl: string;
  /** Where each service's graph is, for a router in a process of its own. */
  subgraphUrls: Readonly<Record<string, string>>;
  /** Asks as somebody who has this access token; without one as nobody, who may do everything that needs no account. */
  query: (query: string, variables?: Record<string, unknown>, accessToken?: string) => Promise<Answer>;
  /** Events of a subscription as they come; `stop` ends it. */
  subscribe: (query: string, variables?: Record<string, unknown>) => Subscription;
  importEstate: (estate: unknown) => Promise<{ status: number; body: unknown }>;
  /** SQL statements that a service has sent so far. */
  statements: (service: string) => Promise<number>;
  /** Requests that the router has sent to subgraphs so far. */
  subgraphFetches: () => Promise<number>;
  /** The last look at each display that is a target, in the order of the sweep. */
  looks: () => Promise<{ slot: Date; lookedAt: Date; lookProblem: string | null }[]>;
  startWorker: () => Promise<void>;
  stopWorker: () => Promise<void>;
  stopFidaServer: () => Promise<void>;
  close: () => Promise<void>;
};

export type Subscription = {
  events: Answer[];
  /** Resolves with the first event, seen or to come, that `matches`. */
  first: (matches: (event: Answer) => boolean, timeoutMs?: number) => Promise<Answer>;
  stop: () => void;
};

/** What is waited for comes about in its own time on a busy machine. */
const DEADLINE_MS = 60_000;

/** Polls until `condition` gives something, or fails after the deadline saying what was waited for. */
export async function eventually<T>(
  what: string,
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== null && result !== false) return result;
    if (performance.now() > end) throw new Error(`within ${timeoutMs} ms this did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function openSubscription(client: Client, query: string, variables: Record<string, unknown>): Subscription {
  const events: Answer[] = [];
  const stop = client.subscribe(
    { query, variables },
    {
      next: (event) => void events.push(event as Answer),
      error: (error) => void events.push({ errors: Array.isArray(error) ? error : [{ message: String(error) }] }),
      complete: () => {},
    },
  );
  const first = (matches: (event: Answer) => boolean, timeoutMs?: number) =>
    eventually('an event of the subscription', () => events.find(matches), timeoutMs);
  return { events, first, stop };
}

/** @param options.logLines takes what is logged, at every level that operators may ask for */
export async function startWheelhouse(
  settings: Record<string, string> = {},
  { logLines }: { logLines?: string[] } = {},
): Promise<Wheelhouse> {
  const database = await createMigratedDatabase();
  const logger = logLines
    ? createLogger({ name: 'test', level: 'debug', destination: { write: (line: string) => void logLines.push(line) } })
    : createLogger({ name: 'test', level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const token = settings.WHEELHOUSE_SERVICE_TOKEN ?? randomBytes(16).toString('hex');
  const env: NodeJS.ProcessEnv = {
    DATABASE_URL: database.url,
    WHEELHOUSE_SERVICE_TOKEN: token,
    WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex'),
    PORT: '0',
    // Most tests are not about who asks.
    WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN',
    ...settings,
  };
  const start = (stops: StopList, metrics: Registry) => ({ logger, stops, env, metrics });

  const server = new StopList(logger);
  const fidaServer = new StopList(logger);
  const services = await loadServices();
  const metrics = new Map(services.map(({ name }) => [name, new Registry()]));
  const subgraphUrls: Record<string, string> = {};
  for (const { name, startServer } of services) {
    const host = start(name === 'fida' ? fidaServer : server, metrics.get(name) ?? new Registry());
    subgraphUrls[name] = (await startServer(host)).url;
  }
  const supergraphSdl = await readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8');
  const { url } = await startRouter({
    ...{ supergraphSdl, subgraphUrls, host: '127.0.0.1', port: 0, logger, stops: server },
    config: readRouterConfig(env),
  });
  const { origin } = new URL(subgraphUrls.devices ?? '');
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });

  let worker: StopList | null = null;
  const startWorker = async (): Promise<void> => {
    worker = new StopList(logger);
    const host = { ...start(worker, new Registry()), env: { ...env, DEVICES_URL: origin } };
    for (const service of services) await service.startWorker(host);
  };
  const stopWorker = async (): Promise<void> => {
    await worker?.stop();
    worker = null;
  };
  const sum = (text: string, name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );

  return {
    url,
    databaseUrl: database.url,
    subgraphUrls,
    query: async (query, variables = {}, accessToken) => {
      const body = JSON.stringify({ query, variables });
      const headers = {
        'content-type': 'application/json',
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      };
      const response = await fetch(url, { method: 'POST', headers, body });
      return (await response.json()) as Answer;
    },
    subscribe: (query, variables = {}) => openSubscription(client, query, variables),
    importEstate: async (estate) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(`${origin}/service/estate`, {
        method: 'POST',
        headers,
        body: JSON.stringify(estate),
      });
      return { status: response.status, body: await response.json() };
    },
    statements: async (service) =>
      sum((await metrics.get(service)?.metrics()) ?? '', 'wheelhouse_sql_statements_total'),
    subgraphFetches: async () =>
      sum(await (await fetch(new URL('/metrics', url))).text(), 'router_subgraph_fetches_total'),
    looks: async () => {
      const { db, close } = openDatabase(database.url, { maxConnections: 1 });
      const { slot, lookedAt, lookProblem, deviceId } = displays;
      const rows = await db.select({ slot, lookedAt, lookProblem }).from(displays).orderBy(asc(deviceId));
      await close();
      return rows;
    },
    startWorker,
    stopWorker,
    stopFidaServer: () => fidaServer.stop(),
    close: async () => {
      await client.dispose();
      await stopWorker();
      await server.stop();
      await fidaServer.stop();
      await database.drop();
    },
  };
}
