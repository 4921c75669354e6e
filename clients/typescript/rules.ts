import { codeOf, type GraphQLFault, textOf } from './errors.ts';

/** The log doesn't know the cursor, and will not know it later. */
const CURSOR_LOST = ['CURSOR_INVALID', 'CURSOR_EXPIRED'];

/** The stream ended and the request is good: the same one from the last cursor goes on. */
const RESUMABLE = [
  'SLOW_CONSUMER',
  'SUBSCRIPTION_SCHEMA_RELOAD',
  'SUBSCRIPTION_LIFETIME_EXCEEDED',
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'DATABASE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'TOO_MANY_SUBSCRIPTIONS',
  // What the client gives as headers or connectionParams is asked for anew: by then it is another token.
  'TOKEN_EXPIRED',
  'ACCOUNTS_UNAVAILABLE',
  'RATE_LIMITED',
];

/** Another try at once would be refused as well, even after a stream that went well. */
const NEVER_AT_ONCE = ['TOO_MANY_SUBSCRIPTIONS', 'RATE_LIMITED'];

/** The request itself is at fault, and the same one will be refused again, however well the stream went until now. */
const REFUSED = ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN'];

/** How a subscription ended, as a transport tells it. */
export type RunEnd =
  | { kind: 'errors'; errors: readonly GraphQLFault[] }
  | { kind: 'complete' }
  /** The connection broke, or was not made. */
  | { kind: 'lost'; reason: string };

export type Verdict =
  | { kind: 'resume'; reason: string; atOnce: boolean }
  | { kind: 'cursor lost'; errors: readonly GraphQLFault[] }
  /** Another try would be refused as well. */
  | { kind: 'refused'; errors: readonly GraphQLFault[] };

/**
 * What to do after a subscription has ended. Codes that are not known are final for one that brought nothing, since the next one
 * would end alike, and no reason to give up for one that went well.
 */
export function judge(end: RunEnd, wentWell: boolean): Verdict {
  if (end.kind === 'complete') return { kind: 'resume', reason: 'the server ended the stream', atOnce: wentWell };
  if (end.kind === 'lost') return { kind: 'resume', reason: end.reason, atOnce: wentWell };
  const { errors } = end;
  const codes = errors.map(codeOf);
  const some = (known: readonly string[]): boolean => codes.some((code) => code !== null && known.includes(code));
  if (some(CURSOR_LOST)) return { kind: 'cursor lost', errors };
  const isResumable = codes.every((code) => code !== null && RESUMABLE.includes(code));
  if (some(REFUSED) || (!isResumable && !wentWell)) return { kind: 'refused', errors };
  return { kind: 'resume', reason: textOf(errors), atOnce: wentWell && !some(NEVER_AT_ONCE) };
}

/** HTTP statuses that pass: the request was not looked at, or not answered in time. RFC 9110 §15.5.9, RFC 6585 §4. */
const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429;
/** HTTP statuses of what stands before the router: there the next address may do better. */
export const isAddressAtFault = (status: number): boolean => [502, 503, 504].includes(status);

const CODE_OF_STATUS: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };
/** graphql-transport-ws, "Unauthorized" and "Forbidden": the server said no, and Wheelhouse says why in the reason. The others pass, or are ours. */
const CODE_OF_CLOSE: Readonly<Record<number, string>> = { 4401: 'UNAUTHENTICATED', 4403: 'FORBIDDEN' };

/** How a subscription ended whose websocket was closed with this code (RFC 6455 §7.4). */
export function endOfClose(code: number, reason: string): RunEnd {
  const known = CODE_OF_CLOSE[code] === undefined ? undefined : /^[A-Z_]+$/.test(reason) ? reason : CODE_OF_CLOSE[code];
  const text = `the connection was closed (${reason === '' ? code : `${code}: ${reason}`})`;
  return known === undefined
    ? { kind: 'lost', reason: text }
    : { kind: 'errors', errors: [{ message: text, extensions: { code: known } }] };
}

/** How a subscription ended that got an ordinary HTTP answer in the place of a stream; `body` is parsed JSON, if it is any. */
export function endOfAnswer(status: number, body: unknown): RunEnd {
  const errors = errorsIn(body);
  if (errors !== null) return { kind: 'errors', errors };
  const text = `the server answered with HTTP ${status} and no stream`;
  if (isPassing(status)) return { kind: 'lost', reason: text };
  return { kind: 'errors', errors: [{ message: text, extensions: { code: CODE_OF_STATUS[status] ?? 'HTTP_STATUS' } }] };
}

/** The errors of a GraphQL answer, null where there are none. */
export function errorsIn(body: unknown): readonly GraphQLFault[] | null {
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : null;
  const isFault = (error: unknown): error is GraphQLFault =>
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
  return Array.isArray(errors) && errors.length > 0 && errors.every(isFault) ? errors : null;
}

export type RetryOptions = {
  /** The longest pause after a first failure; each further one doubles it. @default 1,000 ms */
  baseMs: number;
  /** The longest pause of all. @default 30,000 ms */
  maxMs: number;
  /** The shortest pause before going on from a stream that went well, so that nothing spins. @default 100 ms */
  floorMs: number;
  /** A subscription that was live this long went well even if nothing happened, and failures before it are forgotten. @default 10,000 ms */
  stableMs: number;
};

export const RETRY: RetryOptions = { baseMs: 1_000, maxMs: 30_000, floorMs: 100, stableMs: 10_000 };

/**
 * Exponential back-off with full jitter: any time up to the bound is as likely, so that clients that failed together do not come
 * back together (Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @param failures tries in a row that brought nothing, this one included: 1 or more
 * @param random in [0, 1)
 */
export function backOffMs(failures: number, random: number, { baseMs, maxMs, floorMs }: RetryOptions): number {
  const bound = Math.min(maxMs, baseMs * 2 ** (failures - 1));
  return Math.max(floorMs, Math.floor(random * bound));
}

/** The pause before a stream that went well is resumed: one to two floors, since a router that restarts sends all its clients at once. */
export const atOnceMs = (random: number, { floorMs }: RetryOptions): number => Math.floor(floorMs * (1 + random));
