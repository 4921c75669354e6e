import { GraphQLError } from 'graphql';

/** Codes of errors that a caller can act on; everything else reaches callers as INTERNAL_SERVER_ERROR without details. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CURSOR_INVALID'
  | 'CURSOR_EXPIRED'
  | 'DATABASE_UNAVAILABLE'
  /** Nobody signed in, and somebody would have to. */
  | 'UNAUTHENTICATED'
  /** Who asks is known, and may not. */
  | 'FORBIDDEN';

/** An error whose message is meant for the caller. `field` names the argument at fault. */
export function callerError(code: ErrorCode, message: string, field?: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(field !== undefined && { field }) } });
}

/** As much of a text that a caller gave as a message quotes: who sends megabytes need not get them back. */
const SHOWN_CHARACTERS = 60;
export const shown = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;

/** A message says what is wrong at its beginning or its end; what is quoted in between may be as long as a request. */
const MAX_MESSAGE_CHARACTERS = 1_000;
const HALF = MAX_MESSAGE_CHARACTERS / 2 - 1;
export const shortened = (message: string): string =>
  message.length > MAX_MESSAGE_CHARACTERS ? `${message.slice(0, HALF)}…${message.slice(-HALF)}` : message;

/** What postgres.js (CONNECT*, CONNECTION_*) and the sockets below it report when the database is away; 57P0x: it is shutting down or starting. */
const DATABASE_AWAY =
  /^(CONNECT_TIMEOUT|CONNECTION_\w+|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|57P0[123]|53300)$/;

/** An error and what caused it, outermost first. */
export function* causesOf(err: unknown): Generator<Error & { code?: unknown }> {
  for (let cause = err, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) yield cause;
}

/** Whether `err`, or what caused it, means that the database can't be reached at the moment. */
export function isDatabaseAway(err: unknown): boolean {
  return [...causesOf(err)].some(
    (cause) =>
      (typeof cause.code === 'string' && DATABASE_AWAY.test(cause.code)) ||
      (cause instanceof AggregateError && cause.errors.some(isDatabaseAway)),
  );
}

/** Whether `err`, or what caused it, is PostgreSQL's refusal (22021) of the one character that its texts can't hold, U+0000. */
export const isUnstorableText = (err: unknown): boolean => [...causesOf(err)].some(({ code }) => code === '22021');
