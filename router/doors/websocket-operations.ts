import { type IncomingMessage, validateHeaderValue } from 'node:http';
import type { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, makeServer, type Server } from 'graphql-ws';
import type { Access } from '../access/access.ts';
import { forwardedParams, type OperationContext, type RouterContext, wantsCost } from '../context.ts';
import type { Fairness } from '../fairness.ts';
import { withoutHttp } from '../faults.ts';
import { endOfCaller, type Introduce, type Introduction } from '../introduce.ts';
import { type Rates, rateLimited } from '../rates.ts';
import type { CookieOf } from '../session/own-page.ts';
import { tooMany } from '../subscriptions/endings.ts';
import { SubscriptionRefusedError } from '../subscriptions/upstream.ts';
import type { AdmittedOperation, OperationRoad } from './operation.ts';

/** An id comes back with every event of its operation, and is kept as long as that runs. */
const MAX_ID_LENGTH = 256;
/** As much as all headers of an HTTP request may have. */
const MAX_HEADER_LENGTH = 16 * 1024;

/** RFC 6455, 7.4.1, and the registry of close codes: the server can't now. */
const TRY_AGAIN_LATER = 1013;
/** How often in a row a client may be told to wait before its connection is closed. */
const MAX_REFUSALS = 100;
/** As graphql-ws closes with 4429 on too many initialisation requests; RFC 6455 leaves 4000 to 4999 to applications. */
export const TOO_MANY_REQUESTS_CODE = 4429;
export const TOO_MANY_REQUESTS = 'Too many requests: wait before you connect again';

/** What is known of a connection, besides what graphql-ws keeps. */
export type Connection = {
  socket: BatchingWebSocket;
  request: IncomingMessage;
  /** Who has opened it; undefined until that is known. */
  introduced?: Introduction;
  /** Its caller counts no longer. */
  isEnding?: boolean;
  /** Who is counted: until it is known who asks, the address. */
  countedAs: string;
  showsCost?: boolean;
  /** How often in a row its caller was told to wait. */
  refusals?: number;
  aborter?: AbortController;
  /** Queries and mutations that run; those that the client has given up are among them. */
  executing?: number;
};

/** Why a value can't be sent on as a header; null when it can. What comes in as a header has been looked at by node:http. */
function headerFault(headers: RouterContext['headers']): string | null {
  for (const [name, value] of Object.entries(headers)) {
    if (value.length > MAX_HEADER_LENGTH) return `${name} has ${MAX_HEADER_LENGTH} characters at most`;
    try {
      validateHeaderValue(name, value);
    } catch {
      return `${name} has a character that no header may have`;
    }
  }
  return null;
}

/** Closes a connection whose caller is not let in, or counts no longer; the reason is the error's code. */
export function closeFor({ socket }: Connection, { extensions }: GraphQLError): void {
  const code = String(extensions.code);
  if (code === 'RATE_LIMITED') socket.close(TOO_MANY_REQUESTS_CODE, TOO_MANY_REQUESTS);
  else socket.close(code === 'ACCOUNTS_UNAVAILABLE' ? TRY_AGAIN_LATER : CloseCode.Forbidden, code);
}

export type OperationServerOptions = {
  road: OperationRoad;
  /** Operations at the same time. */
  maxPerConnection: number;
  introduce: Introduce;
  cookieOf: CookieOf;
  /** Tells whether callers still count; null where there are no accounts. */
  access: () => Access | null;
  rates: Rates;
  fairness: Fairness;
};

/** The protocol graphql-transport-ws over a road of operations. */
export function createOperationServer(options: OperationServerOptions): Server<Connection> {
  const { road, maxPerConnection, introduce, cookieOf, access, rates } = options;
  type Admitted = {
    admitted: AdmittedOperation;
    caller: OperationContext;
    extra: Connection;
    counted: ReturnType<Rates['take']>;
  };
  const operations = new WeakMap<ExecutionArgs, Admitted>();
  const take = (args: ExecutionArgs): Admitted => {
    const operation = operations.get(args);
    if (operation === undefined) throw new Error('an operation came past onSubscribe');
    operations.delete(args);
    return operation;
  };
  return makeServer<Record<string, unknown>, Connection>({
    onConnect: async (ctx) => {
      const { extra, connectionParams } = ctx;
      const params = forwardedParams(connectionParams);
      const fault = headerFault(params);
      if (fault !== null) {
        extra.socket.close(CloseCode.BadRequest, fault);
        return false;
      }
      const { headers, socket } = extra.request;
      extra.showsCost = wantsCost(connectionParams ?? {}) || wantsCost(headers);
      try {
        extra.introduced = await introduce({
          address: socket.remoteAddress,
          headers: { ...headers, ...params },
          byCookie: cookieOf(extra.request, 'websocket'),
        });
      } catch (err) {
        if (!(err instanceof GraphQLError)) throw err;
        closeFor(extra, err);
        return false;
      }
      extra.countedAs = extra.introduced.countedAs;
      // graphql-ws keeps them as long as the connection lives.
      Object.assign(ctx, { connectionParams: undefined });
      return true;
    },
    onClose: ({ extra }) => extra.aborter?.abort(),
    onSubscribe: ({ extra, subscriptions }, id, payload) => {
      if (id.length > MAX_ID_LENGTH) {
        const says = `The id of an operation has ${MAX_ID_LENGTH} characters at most`;
        extra.socket.close(CloseCode.BadRequest, says);
        return [new GraphQLError(says)];
      }
      if (Object.keys(subscriptions).length > maxPerConnection || (extra.executing ?? 0) >= maxPerConnection) {
        return [
          tooMany(`This connection has ${maxPerConnection} operations open, which is all it may`, maxPerConnection),
        ];
      }
      const { query, operationName = null, variables = null, extensions = null } = payload;
      const { introduced, countedAs, showsCost = false } = extra;
      if (introduced === undefined) throw new Error('an operation came before its connection was let in');
      // It is closed for that a moment later; what comes before must not be done either.
      const end = endOfCaller(access(), introduced.caller);
      if (end !== null) return [withoutHttp(end)];
      // Counted while it goes on: what comes together has to be admitted together.
      const counted = rates.take(countedAs, 'operations', 1);
      const known = rates.refusal(countedAs);
      if (known !== null) {
        extra.refusals = (extra.refusals ?? 0) + 1;
        if (extra.refusals > MAX_REFUSALS) extra.socket.close(TOO_MANY_REQUESTS_CODE, TOO_MANY_REQUESTS);
        return [withoutHttp(rateLimited(known))];
      }
      extra.refusals = 0;
      const asked = { query, operationName, variables, extensions };
      const admitted = road.admit(asked, 'websocket', introduced.headers, countedAs);
      if (Array.isArray(admitted)) return admitted;
      const args: ExecutionArgs = {
        schema: admitted.serving.engine.schema,
        document: admitted.prepared.document,
        operationName,
        contextValue: undefined,
      };
      // graphql-ws keeps the message as long as the operation runs, up to 4 MiB of what nobody looks at again.
      Object.assign(payload, { query: '', variables: null, extensions: null });
      const caller = {
        ...introduced,
        showsCost,
        stage: admitted.stage,
        // Most connections have a subscription and nothing else, which needs none.
        get signal() {
          extra.aborter ??= new AbortController();
          return extra.aborter.signal;
        },
      };
      operations.set(args, { admitted, caller, extra, counted });
      // From here on, since messages that come together are all admitted before the first is executed.
      if (admitted.prepared.operation.operation !== 'subscription') extra.executing = (extra.executing ?? 0) + 1;
      return args;
    },
    execute: async (args) => {
      const { admitted, caller, extra, counted } = take(args);
      try {
        const refused = await counted;
        if (refused !== null) return { errors: [withoutHttp(rateLimited(refused))] };
        return await road.perform(admitted, caller);
      } finally {
        extra.executing = (extra.executing ?? 0) - 1;
      }
    },
    subscribe: async (args) => {
      const { admitted, caller, counted } = take(args);
      const refused = await counted;
      if (refused !== null) return { errors: [withoutHttp(rateLimited(refused))] };
      return road.perform(admitted, caller);
    },
    // graphql-ws makes one error of what a stream ends with; a subgraph may have refused with several.
    onError: (_ctx, _id, _payload, errors) =>
      errors.flatMap((error) => {
        const { originalError } = error;
        return originalError instanceof SubscriptionRefusedError ? originalError.errors : [error.toJSON()];
      }),
  });
}
