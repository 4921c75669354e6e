/** QRC's error codes, as the vendor's help lists them. 1 to 4 are of paging, which is not simulated. */
export const ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  server: -32603,
  standby: -32604,
  changeGroupsExhausted: 5,
  unknownChangeGroup: 6,
  unknownComponent: 7,
  unknownControl: 8,
  illegalChannel: 9,
  logonRequired: 10,
} as const;

export type ErrorCode = (typeof ERROR)[keyof typeof ERROR];

/** What a request fails with; the client gets the number that QRC has for `code`, and the message. */
export class QrcError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
