import type { ServerResponse } from 'node:http';
import { sendJson } from '@wheelhouse/kit/http.ts';
import { GraphQLError } from 'graphql';
import { accountsAway, httpOf } from '../access/faults.ts';
import { internalFault } from '../faults.ts';

/** Why a browser gets no session, as HTTP and as JSON put it. */
export type SessionFault = {
  status: number;
  code: string;
  message: string;
  /** The part of the body that is at fault. */
  field?: string;
  retryAfterSeconds?: number;
};

/** Thrown where a request for a session goes no further. */
export class SessionRefusedError extends Error {
  readonly fault: SessionFault;
  constructor(fault: SessionFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** What accounts refuses, as `AccountError` has it. */
export type AccountFault = {
  field: string | null;
  code: string;
  message: string;
  retryAfterSeconds: number | null;
};

/** How HTTP says what accounts refuses; 400 for what is not here. */
const STATUS: Readonly<Record<string, number>> = {
  INVALID_CREDENTIALS: 401,
  ACCOUNT_DISABLED: 403,
  TOO_MANY_ATTEMPTS: 429,
  BUSY: 503,
  REFRESH_INVALID: 401,
  SESSION_ENDED: 401,
  REFRESH_RACED: 409,
};

export function ofAccounts({ field, code, message, retryAfterSeconds }: AccountFault): SessionFault {
  return {
    ...{ status: STATUS[code] ?? 400, code, message },
    ...(field !== null && { field }),
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  };
}

/** An error of the graph: accounts could not be asked, or did not take the question. */
export function ofGraph(error: GraphQLError): SessionFault {
  const { code, retryAfterMs, field } = error.extensions;
  if (code === 'RATE_LIMITED')
    return {
      ...{ status: 429, code, message: error.message },
      retryAfterSeconds: Math.ceil(Number(retryAfterMs ?? 1_000) / 1_000),
    };
  if (code === 'BAD_USER_INPUT')
    return { status: 400, code, message: error.message, ...(typeof field === 'string' && { field }) };
  if (code === 'COST_LIMIT_EXCEEDED') return { status: 400, code, message: error.message };
  if (['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'ACCOUNTS_UNAVAILABLE'].includes(String(code))) return ofCaller(error);
  // A service that is away, or whose database is: nobody has been refused.
  if (/^SUBGRAPH_|^DATABASE_UNAVAILABLE$/.test(String(code))) return ofCaller(accountsAway());
  return { status: 500, code: 'INTERNAL_SERVER_ERROR', message: internalFault().message };
}

function ofCaller(error: GraphQLError): SessionFault {
  const { status } = httpOf(error);
  const fault = { status, code: String(error.extensions.code), message: error.message };
  return status === 503 ? { ...fault, retryAfterSeconds: 1 } : fault;
}

/** Answers with a refusal. @throws whatever else `err` is: a fault of the router's own */
export function refuseSession(response: ServerResponse, err: unknown): void {
  if (!(err instanceof SessionRefusedError || err instanceof GraphQLError)) throw err;
  const { status, retryAfterSeconds, ...body } = err instanceof GraphQLError ? ofGraph(err) : err.fault;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', Math.max(1, Math.ceil(retryAfterSeconds)));
  // RFC 9110, 15.5.2
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  sendJson(response, status, body);
}
