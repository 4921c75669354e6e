import type { GraphQLFault } from './errors.ts';
import type { RunEnd } from './rules.ts';

export type Operation = { query: string; variables: Record<string, unknown> };
/** What a subscription sends: data, errors or both. */
export type Result = { data?: Record<string, unknown> | null; errors?: readonly GraphQLFault[] };

/** Where a transport tells what becomes of one subscription; calls after `end` are ignored. */
export type RunSink = {
  /** The server has the subscription, and has not refused it. */
  live: () => void;
  result: (result: Result) => void;
  end: (end: RunEnd) => void;
};

/** One way to run subscriptions. It never tries again by itself: only `follow` knows from where. */
export type Transport = {
  /** Starts one run at the present address; the function it returns ends it at once, without `end`. */
  subscribe: (operation: Operation, sink: RunSink) => () => void;
  close: () => void;
};

/** A value, or a function that is asked for it anew on each connect. */
export type Provider<T> = T | (() => T | Promise<T>);

export const provide = async <T extends object>(provider: Provider<T> | undefined): Promise<T | undefined> =>
  typeof provider === 'function' ? provider() : provider;

export type LivenessOptions = {
  /** How long a connection may take until the server accepted it. @default 10,000 ms */
  connectTimeoutMs: number;
  /** Websocket: how often a ping is sent. @default 15,000 ms */
  pingIntervalMs: number;
  /** Websocket: how long a ping may stay without any sign of life before the connection counts as dead. @default 10,000 ms */
  pongTimeoutMs: number;
  /** SSE: how long not a single byte may come, comments included, before the connection counts as dead. @default 30,000 ms */
  silenceTimeoutMs: number;
  /** How long a subscription without events must go unrefused before it is asked for, and called, live. @default 250 ms */
  confirmAfterMs: number;
};

export const LIVENESS: LivenessOptions = {
  connectTimeoutMs: 10_000,
  pingIntervalMs: 15_000,
  pongTimeoutMs: 10_000,
  // graphql-sse's handler sends a comment every 12 s: two of them may be lost.
  silenceTimeoutMs: 30_000,
  confirmAfterMs: 250,
};
