import { AppspaceProblem } from './problem.ts';

/** A page of 100 players is some 100 kB. Counted as it comes out of decompression, so that a small body can't swell either. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export type Exchange = {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** For the request and its answer, the body read. */
  timeoutMs: number;
  signal: AbortSignal;
};

export type Answer = { status: number; retryAfter: string | null; text: string };

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  // Leaving the loop by an error cancels the body, and with it the connection.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES)
      throw new AppspaceProblem('TOO_LARGE', `Appspace's answer is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What the network said: the code of the socket's error, where there is one. */
function reasonOf(err: unknown): string {
  for (let cause = err, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z_0-9]+$/.test(cause.code)) return cause.code;
  }
  return 'no connection';
}

/**
 * One request, and its answer as text.
 *
 * @throws AppspaceProblem when there is no answer, or none that can be taken; the signal's reason when that is what ended it
 */
export async function exchange({ url, timeoutMs, signal, ...request }: Exchange): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
  try {
    const response = await fetch(url, {
      ...request,
      signal: AbortSignal.any([signal, deadline]),
      // A redirect would carry tokens to where nobody configured them to go.
      redirect: 'manual',
    });
    const text = await readLimited(response);
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
  } catch (err) {
    if (signal.aborted) throw signal.reason;
    if (err instanceof AppspaceProblem) throw err;
    if (deadline.aborted)
      throw new AppspaceProblem('TIMEOUT', `Appspace did not answer within ${Math.ceil(timeoutMs)} ms`);
    throw new AppspaceProblem('UNREACHABLE', `Appspace can not be reached (${reasonOf(err)})`, { cause: err });
  }
}

/** JSON of an answer. @throws AppspaceProblem for anything else; what was sent is not quoted, since it may hold a token */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (/^\s*</.test(text)) throw new AppspaceProblem('NONSENSE', 'Appspace answered HTML in place of JSON');
    throw new AppspaceProblem('NONSENSE', 'Appspace answered text that is not JSON, or not all of it');
  }
}
