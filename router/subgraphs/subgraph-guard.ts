import { admit, afterAbandon, afterAnswer, afterFailure, type Breaker, CLOSED, withProbe } from './breaker.ts';
import { afterQuery, afterRetry, fullBudget } from './retry-budget.ts';

export type Admission = ReturnType<typeof admit>;

/** What a subgraph's past allows: the breaker and the retry budget, on the clock. */
export type SubgraphGuard = {
  /** Asked once for each request, before it is sent. `nowMs` as performance.now() has it. */
  admit: (isQuery: boolean, nowMs: number) => Admission;
  /** Whether the query may be sent once more; it is counted as sent then. */
  takeRetry: () => boolean;
  /** How an admitted request ended; `none`: in a way that says nothing of the subgraph. */
  ended: (how: 'answer' | 'failure' | 'none', admission: Admission) => void;
  /** The end of a sentence about a request that was refused. */
  refusal: () => string;
};

export function createGuard(options: {
  retryPercent: number;
  breakerFailures: number;
  breakerOpenMs: number;
  onRetry: () => void;
  /** First of all, and whenever the phase changes. */
  onPhase: (phase: Breaker['phase']) => void;
}): SubgraphGuard {
  const { retryPercent, onRetry, onPhase } = options;
  const rules = { failures: options.breakerFailures, openMs: options.breakerOpenMs };
  let budget = fullBudget(performance.now());
  let breaker = CLOSED;
  onPhase(breaker.phase);

  const become = (next: Breaker): void => {
    const isChanged = next.phase !== breaker.phase;
    breaker = next;
    if (isChanged) onPhase(next.phase);
  };

  return {
    admit: (isQuery, nowMs) => {
      const admission = admit(breaker, nowMs);
      if (admission === 'refuse') return admission;
      if (admission === 'probe') become(withProbe(breaker));
      if (isQuery) budget = afterQuery(budget, retryPercent, nowMs);
      return admission;
    },
    takeRetry: () => {
      const rest = retryPercent > 0 && breaker.phase === 'closed' ? afterRetry(budget, performance.now()) : null;
      if (rest === null) return false;
      budget = rest;
      onRetry();
      return true;
    },
    ended: (how, admission) => {
      const isProbe = admission === 'probe';
      if (how === 'answer') become(afterAnswer(breaker));
      else if (how === 'failure') become(afterFailure(breaker, rules, performance.now(), isProbe));
      else become(afterAbandon(breaker, performance.now(), isProbe));
    },
    refusal: () => {
      const times = `failed ${breaker.failures} times in a row and is not asked`;
      if (breaker.phase !== 'open') return `${times} until one request that is under way has been answered`;
      return `${times} until ${new Date(Date.now() + breaker.untilMs - performance.now()).toISOString()}`;
    },
  };
}
