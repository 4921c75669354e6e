/**
 * Whether a subgraph is asked at all. `open`: it is not, until a moment. `halfOpen`: one request, the probe, is under way to find
 * out, and no other is let through.
 */
export type Breaker =
  | { readonly phase: 'closed'; readonly failures: number; readonly firstFailureAtMs: number }
  | { readonly phase: 'open'; readonly failures: number; readonly untilMs: number }
  | { readonly phase: 'halfOpen'; readonly failures: number };

/** `failures` in a row open it, 0 never does; then nothing is sent for `openMs`. */
export type BreakerRules = { readonly failures: number; readonly openMs: number };

/**
 * Failures must also go on for this long. All requests under way fail in the same moment when one of several replicas ends,
 * and the others still answer.
 */
const SPAN_MS = 1_000;

export const CLOSED: Breaker = { phase: 'closed', failures: 0, firstFailureAtMs: 0 };

/** What becomes of a request that comes now: it is sent, sent as the probe, or refused. */
export function admit(breaker: Breaker, nowMs: number): 'send' | 'probe' | 'refuse' {
  switch (breaker.phase) {
    case 'closed':
      return 'send';
    case 'open':
      return nowMs >= breaker.untilMs ? 'probe' : 'refuse';
    case 'halfOpen':
      return 'refuse';
  }
}

/** After a probe was sent. */
export const withProbe = ({ failures }: Breaker): Breaker => ({ phase: 'halfOpen', failures });

/** After any answer, also one to a request from before it opened: whoever answers can be asked. */
export const afterAnswer = (_breaker: Breaker): Breaker => CLOSED;

/** After a request that got no answer. Once open, only the probe's counts: the others were sent before. */
export function afterFailure(breaker: Breaker, rules: BreakerRules, nowMs: number, isProbe: boolean): Breaker {
  const failures = breaker.failures + 1;
  switch (breaker.phase) {
    case 'closed': {
      const firstFailureAtMs = breaker.failures === 0 ? nowMs : breaker.firstFailureAtMs;
      const opens = rules.failures > 0 && failures >= rules.failures && nowMs - firstFailureAtMs >= SPAN_MS;
      return opens
        ? { phase: 'open', failures, untilMs: nowMs + rules.openMs }
        : { phase: 'closed', failures, firstFailureAtMs };
    }
    case 'open':
      return breaker;
    case 'halfOpen':
      return isProbe ? { phase: 'open', failures, untilMs: nowMs + rules.openMs } : breaker;
  }
}

/** After a request whose callers all went away, which says nothing of the subgraph: the next one is the probe. */
export function afterAbandon(breaker: Breaker, nowMs: number, isProbe: boolean): Breaker {
  return breaker.phase === 'halfOpen' && isProbe
    ? { phase: 'open', failures: breaker.failures, untilMs: nowMs }
    : breaker;
}
