import { API_KEY_PATH, KEY_KEPT_SECONDS, TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { keyAnswerShape } from '@wheelhouse/kit/identity.ts';
import { LRUCache } from 'lru-cache';
import type { Verdict } from './tokens.ts';

/** As for the keys of access tokens. */
const TIMEOUT_MS = 10_000;
const MAX_LENGTH = 200;
/** Who tries keys has each of them looked up so often at most. */
const REFUSED_KEPT_MS = 5_000;
const MOST_REFUSED = 10_000;

/** Asks the accounts service what API keys stand for; of all who come with the same key at a time, one asks. */
export function createKeyReader(
  accounts: URL,
  { serviceToken, now }: { serviceToken: string; now: () => Date },
): (secret: string, origin: string | null) => Promise<Verdict> {
  const refused = new LRUCache<string, true>({ max: MOST_REFUSED, ttl: REFUSED_KEPT_MS });
  const url = new URL(API_KEY_PATH, accounts);
  const underWay = new Map<string, Promise<Verdict>>();
  const ask = async (secret: string, origin: string | null): Promise<Verdict> => {
    if (secret.length > MAX_LENGTH || refused.has(secret)) return { kind: 'invalid' };
    const askedAtMs = now().getTime();
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ secret, origin }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) {
        await response.body?.cancel();
        refused.set(secret, true);
        return { kind: 'invalid' };
      }
      if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
      const { identity, expiresAt, rightsVersion } = keyAnswerShape.parse(await response.json());
      // As long as a token, and no longer: a stream that is opened with a key is opened anew by then, so that a key whose end was not heard of
      // is found out all the same.
      const shownAgainMs = askedAtMs + TOKEN_MAX_SECONDS * 1_000;
      const untilMs = expiresAt === null ? shownAgainMs : Math.min(shownAgainMs, Date.parse(expiresAt));
      const keptUntilMs = Math.min(untilMs, askedAtMs + KEY_KEPT_SECONDS * 1_000);
      return { kind: 'valid', identity, rightsVersion, sinceMs: askedAtMs, untilMs, keptUntilMs };
    } catch (err) {
      return { kind: 'unknown', cause: err };
    }
  };
  return (secret, origin) => {
    const asked = underWay.get(secret) ?? ask(secret, origin).finally(() => underWay.delete(secret));
    underWay.set(secret, asked);
    return asked;
  };
}
