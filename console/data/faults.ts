import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';

/** What went wrong, as a page tells it. */
export type Fault =
  /** The caller may not; `scopes` is what would be needed, where it is known. */
  | { kind: 'refused'; message: string; scopes: readonly string[] }
  /** A part did not answer: what else is there, is good. */
  | { kind: 'away'; message: string; code: string }
  /** The router did not answer. */
  | { kind: 'unreachable'; message: string }
  | { kind: 'failed'; message: string; code: string; id: string | null };

const AWAY = ['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'DATABASE_UNAVAILABLE', 'ACCOUNTS_UNAVAILABLE'];

const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(textsIn) : [];

/** The faults in what a query, or a mutation, failed with; none when there is no error. */
export function faultsOf(error: unknown): readonly Fault[] {
  if (error === undefined || error === null) return [];
  if (!CombinedGraphQLErrors.is(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return ServerError.is(error) && error.statusCode < 500
      ? [{ kind: 'failed', message, code: `HTTP ${error.statusCode}`, id: null }]
      : [{ kind: 'unreachable', message }];
  }
  return error.errors.map(({ message, extensions = {} }): Fault => {
    const code = typeof extensions.code === 'string' ? extensions.code : 'UNKNOWN';
    const scopes = [...new Set(textsIn(extensions.requiredScopes))];
    if (code === 'FORBIDDEN' || code === 'UNAUTHENTICATED') return { kind: 'refused', message, scopes };
    if (AWAY.includes(code)) return { kind: 'away', message, code };
    const id = extensions.requestId ?? extensions.traceId;
    return { kind: 'failed', message, code, id: typeof id === 'string' ? id : null };
  });
}
