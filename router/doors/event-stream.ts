import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { BODY_LIMIT_BYTES } from '@wheelhouse/kit/graphql-http.ts';
import { BodyTooLargeError, type Handler, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { z } from 'zod';
import { forwardedHeaders } from '../context.ts';
import { SubscriptionRefusedError } from '../subscriptions/upstream.ts';
import type { AskedOperation, OperationRoad } from './operation.ts';

/**
 * GraphQL over server-sent events, as the protocol of graphql-sse has it in its "distinct connections mode": one operation a
 * request, `next` events and then `complete`. That library's own server keeps what a slow client has not read without a limit;
 * here the next event is asked for when the one before has been taken by the socket.
 */
export const isEventStreamRequest = ({ headers }: IncomingMessage): boolean =>
  (headers.accept ?? '').split(',').some((type) => type.split(';', 1)[0]?.trim() === 'text/event-stream');

class RequestFaultError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const askedShape = z.object({
  query: z.string({ error: 'query must be text' }),
  operationName: z.string({ error: 'operationName must be text' }).nullish(),
  variables: z.record(z.string(), z.unknown(), { error: 'variables must be an object' }).nullish(),
});

const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestFaultError(400, 'BAD_REQUEST', `${what} is not valid JSON`);
  }
};

/** The operation of a request. @throws RequestFaultError, BodyTooLargeError */
async function readOperation(request: IncomingMessage): Promise<AskedOperation> {
  const read = async (): Promise<unknown> => {
    if (request.method === 'GET') {
      const given = new URL(request.url ?? '/', 'http://door').searchParams;
      const variables = given.get('variables');
      return {
        query: given.get('query') ?? undefined,
        operationName: given.get('operationName'),
        variables: variables === null ? null : parseJson(variables, 'variables'),
      };
    }
    if (request.method !== 'POST') throw new RequestFaultError(405, 'BAD_REQUEST', 'This door takes GET and POST');
    // A page of another site may send anything else without asking first.
    if (!/^application\/(\S+\+)?json\b/.test(request.headers['content-type'] ?? '')) {
      throw new RequestFaultError(415, 'BAD_REQUEST', 'The content-type must be application/json');
    }
    return parseJson(await readBody(request, BODY_LIMIT_BYTES), 'The request body');
  };
  const parsed = askedShape.safeParse(await read());
  if (!parsed.success) throw new RequestFaultError(400, 'BAD_REQUEST', parsed.error.issues[0]?.message ?? '');
  const { query, operationName = null, variables = null } = parsed.data;
  return { query, operationName, variables };
}

const eventOf = (result: ExecutionResult | { errors: readonly unknown[] }): string =>
  `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** What a stream ended with, as the errors of a last event. */
const endOf = (err: unknown): readonly unknown[] =>
  err instanceof SubscriptionRefusedError ? err.errors : [(err as GraphQLError).toJSON?.() ?? err];

/** @param keepAliveMs how often a comment is sent, so that both sides notice a connection that is dead */
export function eventStreamHandler(road: OperationRoad, keepAliveMs: number): Handler {
  return async (request, response) => {
    let asked: AskedOperation;
    try {
      asked = await readOperation(request);
    } catch (err) {
      if (err instanceof BodyTooLargeError || err instanceof RequestFaultError) {
        const status = err instanceof RequestFaultError ? err.status : 413;
        return sendJson(response, status, { errors: [{ message: err.message, extensions: { code: err.code } }] });
      }
      throw err;
    }
    const headers = forwardedHeaders(request.headers);
    const admitted = road.admit(asked, 'sse', headers);
    const isMutation = !Array.isArray(admitted) && admitted.prepared.operation.operation === 'mutation';
    if (isMutation && request.method === 'GET') {
      admitted.stage?.endOperation({ type: 'mutation', name: asked.operationName, outcome: 'refused' });
      const errors = [{ message: 'A mutation must be sent by POST', extensions: { code: 'BAD_REQUEST' } }];
      return sendJson(response.setHeader('allow', 'POST'), 405, { errors });
    }
    const aborter = new AbortController();
    response.once('close', () => aborter.abort());
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies that gather answers would hold events back.
      'x-accel-buffering': 'no',
    });
    // Some browsers take a stream for open only when something has come.
    response.write(':\n\n');
    const send = async (text: string): Promise<void> => {
      if (!response.write(text) && !aborter.signal.aborted) {
        await once(response, 'drain', { signal: aborter.signal }).catch(() => {});
      }
    };
    const beat = setInterval(() => {
      // One that waits for the socket is enough.
      if (!response.writableNeedDrain) response.write(':\n\n');
    }, keepAliveMs);
    try {
      await stream(road, admitted, { headers, signal: aborter.signal }, send);
    } finally {
      clearInterval(beat);
    }
    response.end('event: complete\ndata:\n\n');
  };
}

async function stream(
  road: OperationRoad,
  admitted: ReturnType<OperationRoad['admit']>,
  caller: { headers: Record<string, string>; signal: AbortSignal },
  send: (text: string) => Promise<void>,
): Promise<void> {
  if (Array.isArray(admitted)) return send(eventOf({ errors: admitted }));
  const performed = await road.perform(admitted, { ...caller, stage: admitted.stage });
  if (!(Symbol.asyncIterator in performed)) return send(eventOf(performed));
  const leave = (): void => void performed.return();
  caller.signal.addEventListener('abort', leave, { once: true });
  if (caller.signal.aborted) leave();
  try {
    for await (const result of performed) await send(eventOf(result));
  } catch (err) {
    await send(eventOf({ errors: endOf(err) }));
  }
}
