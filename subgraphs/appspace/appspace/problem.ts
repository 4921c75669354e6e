/** Why Appspace could not tell. The message is for people, and never has a token or what Appspace sent in it. */
export class AppspaceProblem extends Error {
  readonly code: ProblemCode;
  constructor(code: ProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ProblemCode =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  /** Neither the refresh token nor a fresh access token is taken. */
  | 'REFUSED'
  | 'RATE_LIMITED'
  /** A status of the kind 5xx, and every other that is no answer. */
  | 'FAILED'
  | 'TOO_LARGE'
  /** It is not what the API answers. */
  | 'NONSENSE';
