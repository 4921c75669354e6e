import type { Unanswered } from '@wheelhouse/contracts/observations.ts';

export type LightTarget = { host: string; port: number };
export type Look = { kind: 'answered'; status: number; roundTripMs: number } | Unanswered;

/** How long a light may take to answer. */
const TIMEOUT_MS = 2_000;
/** Nothing was sent: it says nothing of the light. */
const NEVER_SENT = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EMFILE']);

/** One look at one light: a value whatever happens to it. */
export async function lookAt({ host, port }: LightTarget, signal: AbortSignal): Promise<Look> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const { status, body } = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.any([signal, deadline]) });
    await body?.cancel();
    return { kind: 'answered', status, roundTripMs: performance.now() - startedAt };
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error && 'code' in err.cause ? err.cause : null;
    const code = String(cause?.code ?? '');
    if (NEVER_SENT.has(code)) return { kind: 'couldNotLook', cause: { code, text: cause?.message ?? '' } };
    return { kind: 'silent', detail: deadline.aborted ? `no answer within ${TIMEOUT_MS} ms` : cause?.message || code };
  }
}
