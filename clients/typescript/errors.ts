/** An error of an answer or of a stream, as GraphQL sends it. `extensions.code` says what can be done about it (docs/graph.md, "Errors"). */
export type GraphQLFault = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export const codeOf = ({ extensions }: GraphQLFault): string | null =>
  typeof extensions?.code === 'string' ? extensions.code : null;

/** What these say, for one line of text. */
export const textOf = (errors: readonly GraphQLFault[]): string =>
  errors.map((error) => [codeOf(error), error.message].filter((part) => part !== null).join(': ')).join('; ');

/** The server answered with errors and with nothing else. `code` is the first error's. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
  readonly errors: readonly GraphQLFault[];
  readonly code: string | null;

  constructor(errors: readonly GraphQLFault[]) {
    super(textOf(errors));
    this.errors = errors;
    this.code = errors.map(codeOf).find((code) => code !== null) ?? null;
  }
}

/**
 * The log no longer knows the place from which this stream should go on (CURSOR_INVALID, CURSOR_EXPIRED): what happened since
 * then can't be told. Read anew what you show, and follow from a fresh cursor.
 */
export class CursorLostError extends RefusedError {
  override readonly name = 'CursorLostError';
  /** The cursor that was refused; null when the subscription had none. */
  readonly cursor: string | null;

  constructor(errors: readonly GraphQLFault[], cursor: string | null) {
    super(errors);
    this.cursor = cursor;
  }
}

/** There was no answer, or none that is GraphQL. `status` is the HTTP status, null when there was no answer at all. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly status: number | null;

  constructor(message: string, options: { status: number | null; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}
