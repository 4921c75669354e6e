import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import type { Grant } from '@wheelhouse/kit/identity.ts';
import type { StopList } from '@wheelhouse/kit/lifecycle.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { z } from 'zod';
import { grantsOfRole, readFieldRates, readOrigins } from './config-lists.ts';
import type { DoorSettings, OperationLimits, RateSettings, SubgraphSettings, TracingSettings } from './config-types.ts';
import { readHeaders } from './tracing/otlp-headers.ts';

export type { DoorSettings, OperationLimits, RateSettings, SubgraphSettings, TracingSettings } from './config-types.ts';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);
const countOrOff = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

const settings = {
  HOST: serviceSettings.HOST,
  LOG_LEVEL: serviceSettings.LOG_LEVEL,
  PORT: portSetting(4000),
  ROUTER_PUBLIC_HOST: z.string().optional(),
  ROUTER_SUBGRAPH_TIMEOUT_MS: count(10_000),
  ROUTER_SUBGRAPH_CONNECTIONS: count(64),
  ROUTER_DEDUPLICATE: z.stringbool().default(true),
  ROUTER_RETRY_PERCENT: z.coerce.number().int().min(0).max(100).default(10),
  ROUTER_BREAKER_FAILURES: z.coerce.number().int().min(0).default(5),
  ROUTER_BREAKER_OPEN_MS: count(1_000),
  ROUTER_MAX_TOKENS: count(15_000),
  ROUTER_MAX_DEPTH: count(30),
  ROUTER_MAX_ALIASES: count(100),
  ROUTER_MAX_ROOT_FIELDS: count(50),
  ROUTER_MAX_PLAN_WEIGHT: countOrOff(500),
  ROUTER_MAX_COST: countOrOff(200_000),
  ROUTER_MAX_COST_UNDER_WAY: countOrOff(50_000),
  /** Where callers are counted that many routers share; without it, each router counts for itself. */
  REDIS_URL: serviceSettings.REDIS_URL,
  REDIS_URL_FILE: serviceSettings.REDIS_URL_FILE,
  ROUTER_RATE_OPERATIONS: countOrOff(1_000),
  ROUTER_RATE_COST: countOrOff(1_000_000),
  ROUTER_RATE_WORK: countOrOff(100_000),
  ROUTER_RATE_FIELDS: z.string().default('').transform(readFieldRates),
  ROUTER_MAX_CONNECTIONS_PER_CALLER: countOrOff(4_000),
  ROUTER_MAX_SUBSCRIPTIONS_PER_CALLER: countOrOff(5_000),
  ROUTER_MAX_CATCHING_UP_PER_CALLER: countOrOff(500),
  ROUTER_OPERATIONS_MANIFEST: z.string().optional(),
  ROUTER_INTROSPECTION: z.stringbool().optional(),
  ROUTER_CONSOLE_DIR: z.string().optional(),
  ROUTER_CORS_ORIGINS: z.string().default('').transform(readOrigins),
  ROUTER_CORS_CREDENTIALS: z.stringbool().default(false),
  ROUTER_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  ROUTER_HEADERS_TIMEOUT_MS: count(10_000),
  ROUTER_REQUEST_TIMEOUT_MS: count(60_000),
  ROUTER_SUBSCRIPTION_QUEUE: count(1_000),
  ROUTER_KEEPALIVE_MS: count(12_000),
  ROUTER_MAX_SUBSCRIPTIONS: count(50_000),
  ROUTER_MAX_OPERATIONS_PER_CONNECTION: count(100),
  ROUTER_SUBSCRIPTION_LIFETIME_SECONDS: z.coerce.number().int().min(1).max(2_000_000).default(86_400),
  ROUTER_UPSTREAM_RETRY_MS: z.coerce.number().int().min(0).default(5_000),
  /** Below the ten seconds that kit/lifecycle.ts gives one part to close. */
  ROUTER_DRAIN_MS: z.coerce.number().int().min(1).max(9_000).default(8_000),
  /** As all services have it: what the router vouches for is signed with it, and it opens the doors of the accounts service. */
  WHEELHOUSE_SERVICE_TOKEN: serviceSettings.WHEELHOUSE_SERVICE_TOKEN.optional(),
  WHEELHOUSE_SERVICE_TOKEN_FILE: serviceSettings.WHEELHOUSE_SERVICE_TOKEN_FILE,
  /** What reads the metrics shows this, where the router is to be reached from elsewhere than this machine. */
  ROUTER_METRICS_TOKEN: serviceSettings.WHEELHOUSE_SERVICE_TOKEN.optional(),
  ROUTER_METRICS_TOKEN_FILE: serviceSettings.WHEELHOUSE_SERVICE_TOKEN_FILE,
  WHEELHOUSE_ANONYMOUS_ROLE: grantsOfRole,
  // Names and meanings are OpenTelemetry's. The first switches tracing on.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().transform(readHeaders).default({}),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_SERVICE_NAME: z.string().default('wheelhouse-router'),
};

export type RouterConfig = {
  host: string;
  /** The name under which clients reach the router, against which Host and Origin are checked; null: what it is bound to. */
  publicHost: string | null;
  logLevel: z.infer<typeof serviceSettings.LOG_LEVEL>;
  port: number;
  subgraph: SubgraphSettings;
  limits: OperationLimits;
  /** How hard an operation may be to plan (plan-weight.ts); 0: as hard as it likes. */
  maxPlanWeight: number;
  /** What one operation may be estimated to cost; 0: as much as it likes. */
  maxCost: number;
  /** What the operations may be estimated to cost together that one caller has run at a time; 0: any. */
  maxCostUnderWay: number;
  rates: RateSettings;
  doors: DoorSettings;
  /** A JSON file of the only operations that run, by their hash; null: all may. */
  operationsManifest: string | null;
  /** Whether the graph tells about itself; null: only to who is on this machine. */
  introspection: boolean | null;
  /** The folder of the built console; null: where the build puts it, and none where it was not built. */
  consoleFolder: string | null;
  subscriptions: {
    /** Events that may wait for one subscriber before its stream ends with SLOW_CONSUMER. */
    capacity: number;
    maxSubscriptions: number;
    /** 0: as many as the router takes. */
    maxPerCaller: number;
    /** Of one caller, those that still replay what has happened; 0: as many as it may have. */
    maxCatchingUpPerCaller: number;
    lifetimeMs: number;
    /** How long an upstream may stay away before its subscribers are told. */
    retryForMs: number;
  };
  /** Operations of one websocket at the same time. */
  maxPerConnection: number;
  keepAliveMs: number;
  /** How long what runs may take to end when the router stops or its supergraph is replaced. */
  drainMs: number;
  /** null: nothing is traced. */
  tracing: TracingSettings | null;
  /** What all services know; null where none was given, which only a supergraph without accounts can do without. */
  serviceToken: string | null;
  /** With what metrics are read where not everybody may; null: with the service token alone. */
  metricsToken: string | null;
  /** What who has not signed in may do. */
  anonymousGrants: Grant[];
};

/** What a router is started with. */
export type RouterOptions = {
  supergraphSdl: string;
  /** Addresses of subgraphs by name, in place of those in the supergraph. */
  subgraphUrls?: Record<string, string>;
  host: string;
  /** 0 asks the operating system for a free one. */
  port: number;
  /** What stands in GraphiQL's editor at first. @default a query for what there is */
  exampleQuery?: string;
  logger: Logger;
  /** Takes charge of closing what the router opens. */
  stops: StopList;
  /** @default the settings in the environment */
  config?: Omit<RouterConfig, 'host' | 'port' | 'logLevel'>;
};

/** The router's settings, every one of them with a default. @throws ConfigError that names every faulty variable */
export function readRouterConfig(env: NodeJS.ProcessEnv = process.env): RouterConfig {
  const read = readConfig(settings, env);
  return {
    host: read.HOST,
    publicHost: read.ROUTER_PUBLIC_HOST ?? null,
    logLevel: read.LOG_LEVEL,
    port: read.PORT,
    subgraph: {
      timeoutMs: read.ROUTER_SUBGRAPH_TIMEOUT_MS,
      connections: read.ROUTER_SUBGRAPH_CONNECTIONS,
      deduplicate: read.ROUTER_DEDUPLICATE,
      retryPercent: read.ROUTER_RETRY_PERCENT,
      breakerFailures: read.ROUTER_BREAKER_FAILURES,
      breakerOpenMs: read.ROUTER_BREAKER_OPEN_MS,
    },
    limits: {
      maxTokens: read.ROUTER_MAX_TOKENS,
      maxDepth: read.ROUTER_MAX_DEPTH,
      maxAliases: read.ROUTER_MAX_ALIASES,
      maxRootFields: read.ROUTER_MAX_ROOT_FIELDS,
    },
    maxPlanWeight: read.ROUTER_MAX_PLAN_WEIGHT,
    maxCost: read.ROUTER_MAX_COST,
    maxCostUnderWay: read.ROUTER_MAX_COST_UNDER_WAY,
    rates: {
      operations: read.ROUTER_RATE_OPERATIONS,
      cost: read.ROUTER_RATE_COST,
      work: read.ROUTER_RATE_WORK,
      fields: read.ROUTER_RATE_FIELDS,
      redisUrl: read.REDIS_URL ?? null,
    },
    doors: {
      origins: read.ROUTER_CORS_ORIGINS,
      credentials: read.ROUTER_CORS_CREDENTIALS,
      proxyHops: read.ROUTER_PROXY_HOPS,
      maxConnectionsPerCaller: read.ROUTER_MAX_CONNECTIONS_PER_CALLER,
      headersTimeoutMs: read.ROUTER_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: read.ROUTER_REQUEST_TIMEOUT_MS,
    },
    operationsManifest: read.ROUTER_OPERATIONS_MANIFEST ?? null,
    introspection: read.ROUTER_INTROSPECTION ?? null,
    consoleFolder: read.ROUTER_CONSOLE_DIR ?? null,
    subscriptions: {
      capacity: read.ROUTER_SUBSCRIPTION_QUEUE,
      maxSubscriptions: read.ROUTER_MAX_SUBSCRIPTIONS,
      maxPerCaller: read.ROUTER_MAX_SUBSCRIPTIONS_PER_CALLER,
      maxCatchingUpPerCaller: read.ROUTER_MAX_CATCHING_UP_PER_CALLER,
      lifetimeMs: read.ROUTER_SUBSCRIPTION_LIFETIME_SECONDS * 1_000,
      retryForMs: read.ROUTER_UPSTREAM_RETRY_MS,
    },
    maxPerConnection: read.ROUTER_MAX_OPERATIONS_PER_CONNECTION,
    keepAliveMs: read.ROUTER_KEEPALIVE_MS,
    drainMs: read.ROUTER_DRAIN_MS,
    serviceToken: read.WHEELHOUSE_SERVICE_TOKEN ?? null,
    metricsToken: read.ROUTER_METRICS_TOKEN ?? null,
    anonymousGrants: read.WHEELHOUSE_ANONYMOUS_ROLE,
    tracing:
      read.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : {
            // OTLP 1.x, "Endpoint URLs for OTLP/HTTP": the path of the signal is added to the base.
            url: `${read.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces`,
            headers: read.OTEL_EXPORTER_OTLP_HEADERS,
            ratio: read.OTEL_TRACES_SAMPLER_ARG,
            serviceName: read.OTEL_SERVICE_NAME,
          },
  };
}

/** Keeps Apollo's gateway package from ever reporting to its maker. Called before anything of it is used. */
export function disableTelemetry(): void {
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
}
