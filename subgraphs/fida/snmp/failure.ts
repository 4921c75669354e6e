import type { CouldNotLookCode } from './target.ts';

/** NO_ANSWER: silence, or an answer that was none. AGENT_REFUSED: the agent answered with an error-status. */
export type SnmpFailureCode = 'NO_ANSWER' | 'AGENT_REFUSED' | CouldNotLookCode;

export class SnmpFailure extends Error {
  readonly code: SnmpFailureCode;
  constructor(code: SnmpFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
