/**
 * What retries may cost: every query earns a part of one, time earns a few more, and each retry is paid. So a subgraph that fails
 * gets little more than its usual load, where each request tried three times would be three times the load. After the
 * retry budgets of Finagle and Linkerd.
 */
export type RetryBudget = { readonly hundredths: number; readonly atMs: number };

const RETRY = 100;
/** So that retries work where a query comes now and then, in hundredths of a retry for each millisecond: one a second. */
const EARNED_PER_MS = RETRY / 1_000;
/** More than a pool's usual 64 connections, which all break at once when a subgraph starts again. */
const MOST = 100 * RETRY;

export const fullBudget = (nowMs: number): RetryBudget => ({ hundredths: MOST, atMs: nowMs });

const earned = ({ hundredths, atMs }: RetryBudget, nowMs: number): number =>
  Math.min(MOST, hundredths + (nowMs - atMs) * EARNED_PER_MS);

/** @param retryPercent retries that 100 queries earn */
export function afterQuery(budget: RetryBudget, retryPercent: number, nowMs: number): RetryBudget {
  return { hundredths: Math.min(MOST, earned(budget, nowMs) + retryPercent), atMs: nowMs };
}

/** The budget after one retry, or null when it can't be paid. */
export function afterRetry(budget: RetryBudget, nowMs: number): RetryBudget | null {
  const hundredths = earned(budget, nowMs);
  return hundredths < RETRY ? null : { hundredths: hundredths - RETRY, atMs: nowMs };
}

/** Retries of one query. A connection that broke while it was idle is made anew at the first; more help ever less. */
export const MAX_RETRIES = 2;

/** The wait before a retry: about 25 ms, then about 50, spread by half so that queries that failed together do not come back together. */
export const retryDelayMs = (retry: number, random: number): number => 25 * 2 ** (retry - 1) * (0.5 + random);

/** Codes of undici and the system that say: no connection, or it broke before the answer was complete. */
const CONNECTION_FAILURES = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

export function isConnectionFailure(cause: Error & { code?: unknown }): boolean {
  return typeof cause.code === 'string' && CONNECTION_FAILURES.has(cause.code);
}

/** What proxies say when the service behind them is away: 502 Bad Gateway, 503 Service Unavailable, 504 Gateway Timeout (RFC 9110 §15.6). */
export const isGatewayFailure = (statusCode: number): boolean => statusCode >= 502 && statusCode <= 504;
