import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../config.ts';
import { type Answer, exchange, parseJson } from './exchange.ts';
import { AppspaceProblem } from './problem.ts';
import { retryAfterMs } from './retry-after.ts';
import { keepTokens } from './tokens.ts';

/** One sweep's requests: when they must have ended, and what ends them before. */
export type Round = { untilMs: number; signal: AbortSignal };

export type Requests = {
  /** The JSON at a path of the API. @throws AppspaceProblem */
  get: (path: string, query: Record<string, string>, round: Round) => Promise<unknown>;
};

export type RequestsOptions = {
  account: Account;
  /** How long one request may take. */
  timeoutMs: number;
  /** Told of each request, for metrics: its path, and the status or what went wrong. */
  onRequest: (path: string, outcome: string) => void;
  now: () => number;
};

const TOKEN_PATH = '/authorization/token';

/** Too many requests (RFC 6585), or none at the moment (RFC 9110, 15.6.4) with a time to come back. */
const isAskedToWait = ({ status, retryAfter }: Answer): boolean =>
  status === 429 || (status === 503 && retryAfter !== null);

/** Asks the API of an account, as Appspace documents it: v3, with an access token that a refresh token is exchanged for. */
export function createRequests({ account, timeoutMs, onRequest, now }: RequestsOptions): Requests {
  let quietUntilMs = 0;
  let askedToWaitMs = 0;

  /** Waits out what Appspace asked for, or gives up where that is longer than the round. */
  async function beQuiet({ untilMs, signal }: Round): Promise<void> {
    if (quietUntilMs <= now()) return;
    if (quietUntilMs >= untilMs) {
      const seconds = Math.ceil(askedToWaitMs / 1_000);
      throw new AppspaceProblem('RATE_LIMITED', `too many requests: Appspace asks to wait for ${seconds} s`);
    }
    await sleep(quietUntilMs - now(), undefined, { signal });
  }

  /** One request within the round; asked again when Appspace said to wait, and there is time to. */
  async function ask(
    path: string,
    round: Round,
    request: { url: URL; headers: Record<string, string>; body?: string },
  ) {
    for (;;) {
      await beQuiet(round);
      const leftMs = round.untilMs - now();
      if (leftMs <= 0) throw new AppspaceProblem('TIMEOUT', 'Appspace took too long for one sweep');
      let answer: Answer;
      try {
        const method = request.body === undefined ? 'GET' : 'POST';
        answer = await exchange({ ...request, method, timeoutMs: Math.min(timeoutMs, leftMs), signal: round.signal });
      } catch (err) {
        if (err instanceof AppspaceProblem) onRequest(path, err.code);
        throw err;
      }
      onRequest(path, String(answer.status));
      if (!isAskedToWait(answer)) return answer;
      askedToWaitMs = retryAfterMs(answer.retryAfter, now());
      quietUntilMs = now() + askedToWaitMs;
    }
  }

  const urlOf = (path: string, query: Record<string, string> = {}): URL => {
    const url = new URL(`${account.url}/api/v3${path}`);
    url.search = new URLSearchParams(query).toString();
    return url;
  };
  const tokens = keepTokens((round: Round) => {
    const { subjectId, refreshToken } = account;
    const body = JSON.stringify({ subjectType: 'Application', subjectId, grantType: 'refreshToken', refreshToken });
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    return ask(TOKEN_PATH, round, { url: urlOf(TOKEN_PATH), headers, body });
  }, now);

  return {
    async get(path, query, round) {
      for (let isRenewed = false; ; isRenewed = true) {
        const token = await tokens.get(round);
        const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
        const { status, text } = await ask(path, round, { url: urlOf(path, query), headers });
        if (status >= 200 && status <= 299) return parseJson(text);
        if (status !== 401) throw new AppspaceProblem('FAILED', `Appspace answered with status ${status}`);
        // It was taken back before its time: another one may do.
        tokens.drop(token);
        if (isRenewed)
          throw new AppspaceProblem('REFUSED', 'Appspace refuses the access token that it just gave (status 401)');
      }
    },
  };
}
