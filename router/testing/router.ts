import { setTimeout as sleep } from 'node:timers/promises';
import { composeServices } from '@apollo/composition';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { parse } from 'graphql';
import { type RouterConfig, readRouterConfig } from '../config.ts';
import { startRouter } from '../main.ts';
import { type SubgraphSource, sdlOf, startSubgraph, type TestSubgraph } from './subgraph.ts';

export type Answer = { status: number; data?: unknown; errors?: AnswerError[]; headers: Headers };
export type AnswerError = { message: string; path?: (string | number)[]; extensions: Record<string, unknown> };

export type TestRouter = {
  url: string;
  subgraphs: Record<string, TestSubgraph>;
  query: (
    query: string,
    options?: { variables?: unknown; operationName?: string; headers?: Record<string, string>; signal?: AbortSignal },
  ) => Promise<Answer>;
  /** Puts another supergraph in place; see router/reload.ts. */
  reload: (sdl: string) => Promise<boolean>;
  metrics: () => Promise<string>;
  close: () => Promise<void>;
};

/** Composes without regard to hints, which these small schemas are full of. */
export function compose(sources: readonly SubgraphSource[], urlOf: (name: string) => string): string {
  const services = sources.map((source) => ({
    name: source.name,
    url: urlOf(source.name),
    typeDefs: parse(sdlOf(source)),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

const METRICS_TOKEN = 'a token of who reads the metrics';

/** A router over subgraphs of its own; `urls` puts another address in the place of a subgraph's. */
export async function startTestRouter(
  sources: readonly SubgraphSource[],
  options: { host?: string; config?: Partial<RouterConfig>; urls?: Record<string, string> } = {},
): Promise<TestRouter> {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const stops = new StopList(logger);
  const subgraphs: Record<string, TestSubgraph> = {};
  for (const source of sources) {
    const subgraph = await startSubgraph(source);
    subgraphs[source.name] = stops.own(source.name, subgraph, ({ close }) => close());
  }
  const { url, reload } = await startRouter({
    supergraphSdl: compose(sources, (name) => subgraphs[name]?.url ?? ''),
    ...(options.urls && { subgraphUrls: options.urls }),
    host: options.host ?? '127.0.0.1',
    port: 0,
    logger,
    stops,
    config: { ...readRouterConfig({}), metricsToken: METRICS_TOKEN, ...options.config },
  });
  return {
    url,
    subgraphs,
    query: async (query, { variables, operationName, headers, signal } = {}) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables, operationName }),
        signal: signal ?? null,
      });
      const body = (await response.json()) as { data?: unknown; errors?: AnswerError[] };
      return { status: response.status, headers: response.headers, ...body };
    },
    reload,
    metrics: async () => {
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      return (await fetch(new URL('/metrics', url), { headers })).text();
    },
    close: () => stops.stop(),
  };
}

/** Waits until `holds` gives something other than false or null. @throws Error naming `what` after the deadline */
export async function until<T>(what: string, holds: () => T | false | null, deadlineMs = 60_000): Promise<T> {
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    const value = holds();
    if (value !== false && value !== null) return value;
    if (performance.now() > endsAt) throw new Error(`waited in vain for: ${what}`);
    await sleep(5);
  }
}
