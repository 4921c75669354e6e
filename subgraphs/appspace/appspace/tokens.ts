import { z } from 'zod';
import { type Answer, parseJson } from './exchange.ts';
import { AppspaceProblem } from './problem.ts';

/** Where Appspace does not say how long a token lives, or says nonsense. */
const FALLBACK_SECONDS = 600;
const MOST_SECONDS = 86_400;
/** Renewed so long before its end, or after nine tenths of a short life. */
const MARGIN_MS = 60_000;

const tokenShape = z.object({
  // What a header can hold: another would make the request itself fail, in words that quote it.
  accessToken: z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  expiresIn: z.coerce.number().positive().max(MOST_SECONDS).catch(FALLBACK_SECONDS),
});

export type Tokens<Round> = {
  /** An access token that is not about to expire. @throws AppspaceProblem */
  get: (round: Round) => Promise<string>;
  /** Told of a token that was refused: the next one is a new one. */
  drop: (token: string) => void;
};

/** @throws AppspaceProblem unless it is a token */
function readToken({ status, text }: Answer): z.infer<typeof tokenShape> {
  if (status === 400 || status === 401 || status === 403)
    throw new AppspaceProblem('REFUSED', `Appspace refuses the subject id or the refresh token (status ${status})`);
  if (status < 200 || status > 299)
    throw new AppspaceProblem('FAILED', `Appspace answered the request for a token with status ${status}`);
  const parsed = tokenShape.safeParse(parseJson(text));
  // Without the parser's words: they might quote it.
  if (!parsed.success) throw new AppspaceProblem('NONSENSE', 'Appspace answered the request for a token without one');
  return parsed.data;
}

/** Keeps an access token, and exchanges the refresh token for another before it expires; once, however many ask at a time. */
export function keepTokens<Round>(
  exchangeForToken: (round: Round) => Promise<Answer>,
  now: () => number,
): Tokens<Round> {
  let held: { token: string; untilMs: number } | null = null;
  let asking: Promise<string> | null = null;
  const ask = async (round: Round): Promise<string> => {
    const askedMs = now();
    const { accessToken, expiresIn } = readToken(await exchangeForToken(round));
    const lifeMs = expiresIn * 1_000;
    held = { token: accessToken, untilMs: askedMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) };
    return accessToken;
  };
  return {
    async get(round) {
      if (held !== null && now() < held.untilMs) return held.token;
      asking ??= ask(round).finally(() => {
        asking = null;
      });
      return asking;
    },
    drop(token) {
      if (held?.token === token) held = null;
    },
  };
}
