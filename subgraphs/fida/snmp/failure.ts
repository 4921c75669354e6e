import type { CouldNotLookCode } from './target.ts';

/**
 * NO_ANSWER: silence, or an answer that was none. AGENT_REFUSED: the agent answered with an error-status.
 * NO_SUCH_NAME: that error-status was noSuchName, by which SNMPv1 says that it lacks one of the objects.
 */
export type SnmpFailureCode = 'NO_ANSWER' | 'AGENT_REFUSED' | 'NO_SUCH_NAME' | CouldNotLookCode;

/** Whether the agent understood the request and answered with an error-status. */
export const isRefusal = (code: SnmpFailureCode): code is 'AGENT_REFUSED' | 'NO_SUCH_NAME' =>
  code === 'AGENT_REFUSED' || code === 'NO_SUCH_NAME';

export class SnmpFailure extends Error {
  readonly code: SnmpFailureCode;
  /** The object that an agent's error-index blames, or null. */
  readonly blamedOid: string | null;
  /** The error-status of a refusal (RFC 3416 section 3), or null. */
  readonly errorStatus: number | null;
  constructor(
    code: SnmpFailureCode,
    message: string,
    options?: ErrorOptions & { blamedOid?: string | undefined; errorStatus?: number },
  ) {
    super(message, options);
    this.code = code;
    this.blamedOid = options?.blamedOid ?? null;
    this.errorStatus = options?.errorStatus ?? null;
  }
}
