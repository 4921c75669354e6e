import { remainingMs } from './rules.ts';

/** What the router said at /session. */
export type DoorAnswer =
  | { kind: 'good'; remainingMs: number }
  | { kind: 'refused'; status: number; code: string; message: string; retryAfter: string | null }
  /** No answer, or none of a router: nobody knows whether the session holds. */
  | { kind: 'unreachable'; reason: string };

/** The longest that a password may take to be checked on a busy machine. */
const TIMEOUT_MS = 20_000;

async function ask(method: string, path: string, body?: object): Promise<DoorAnswer> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.status === 204) return { kind: 'good', remainingMs: 0 };
    const answer: Record<string, unknown> = await response.json();
    const text = (name: string): string => (typeof answer[name] === 'string' ? answer[name] : '');
    if (response.ok)
      return {
        kind: 'good',
        remainingMs: remainingMs(text('expiresAt'), response.headers.get('date'), Date.now()),
      };
    return {
      ...{ kind: 'refused', status: response.status, code: text('code'), message: text('message') },
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (err) {
    return { kind: 'unreachable', reason: err instanceof Error ? err.message : String(err) };
  }
}

/** The router's door for browsers: it keeps the tokens in cookies that no script can read. */
export const sessionDoor = {
  signIn: (email: string, password: string) => ask('POST', '/session', { email, password }),
  renew: () => ask('POST', '/session/refresh', {}),
  read: () => ask('GET', '/session'),
  signOut: () => ask('DELETE', '/session'),
};
export type SessionDoor = typeof sessionDoor;
