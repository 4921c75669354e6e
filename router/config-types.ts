import type { FieldRate } from './config-lists.ts';

/** What one operation may cost before anything is planned or sent. */
export type OperationLimits = { maxTokens: number; maxDepth: number; maxAliases: number; maxRootFields: number };

/** How much one caller may ask for. 0: as much as it likes. */
export type RateSettings = {
  /** A second, counted over five. */
  operations: number;
  /** The same of what they are estimated to cost. */
  cost: number;
  /** The same of what it takes to read, check and plan what has not been seen before. */
  work: number;
  fields: readonly FieldRate[];
  /** null: this router counts for itself. */
  redisUrl: string | null;
};

/** Whose pages may use the router, and how it learns who asks. */
export type DoorSettings = {
  /** Origins of pages of other hosts. */
  origins: readonly string[];
  /** Whether browsers may send cookies and the like along. */
  credentials: boolean;
  /** Proxies in front of the router, whose word on the caller's address and on TLS is taken. */
  proxyHops: number;
  /** TCP connections of one address at the same time; 0: as many as it likes. */
  maxConnectionsPerCaller: number;
  /** How long a client may take to send the head of a request, and the whole of it. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
};

/** How subgraphs are asked. */
export type SubgraphSettings = {
  /** For one request with all its tries, the wait for a connection counted. */
  timeoutMs: number;
  /** Open at a time, to each subgraph. */
  connections: number;
  /** Whether queries that are the same, of the same caller, are sent once while one is under way. */
  deduplicate: boolean;
  /** Retries that 100 queries pay for; 0: never. */
  retryPercent: number;
  /** Requests that fail in a row before a subgraph is not asked for a while; 0: it is always asked. */
  breakerFailures: number;
  breakerOpenMs: number;
};

/** Where spans are sent, and how many traces begin here. */
export type TracingSettings = {
  url: string;
  headers: Record<string, string>;
  /** Of traces that begin in the router, 0..1. Those of callers go on as they were begun. */
  ratio: number;
  serviceName: string;
};
