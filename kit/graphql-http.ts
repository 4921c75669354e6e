import type { IncomingMessage } from 'node:http';
import { type ApolloServer, type BaseContext, HeaderMap } from '@apollo/server';
import { BodyTooLargeError, type Handler, readBody, sendJson } from './http.ts';

/** Larger than any operation a person writes; a page of a thousand entities to resolve still fits. */
export const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** From here on Node takes half as long again to send a text as to send its bytes; below, it sends a text together with the head. */
const LARGE_CHARACTERS = 64 * 1024;

/**
 * GraphQL over HTTP for an Apollo Server on bare node:http: express would cost about a quarter of the throughput.
 * A body that is not JSON or is too large gets a GraphQL-shaped error with status 400 or 413.
 */
export function graphqlHandler<C extends BaseContext>(
  server: ApolloServer<C>,
  contextOf: (request: IncomingMessage, signal: AbortSignal) => C,
): Handler {
  return async (request, response) => {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    let body: unknown = {};
    if (request.method === 'POST') {
      try {
        const text = await readBody(request, BODY_LIMIT_BYTES);
        body = headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text;
      } catch (err) {
        const tooLarge = err instanceof BodyTooLargeError;
        const message = tooLarge ? err.message : 'The request body is not valid JSON';
        const code = tooLarge ? err.code : 'BAD_REQUEST';
        return sendJson(response, tooLarge ? 413 : 400, { errors: [{ message, extensions: { code } }] });
      }
    }
    const aborter = new AbortController();
    // 'close' also follows an answer that was sent whole; making the reason of an abort costs more than the check.
    response.once('close', () => {
      if (!response.writableFinished) aborter.abort();
    });
    const result = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method ?? 'GET',
        headers,
        search: (request.url ?? '').split('?').slice(1).join('?'),
        body,
      },
      context: () => Promise.resolve(contextOf(request, aborter.signal)),
    });
    for (const [name, value] of result.headers) response.setHeader(name, value);
    response.statusCode = result.status ?? 200;
    if (result.body.kind === 'complete') {
      const { string: text } = result.body;
      response.end(text.length < LARGE_CHARACTERS ? text : Buffer.from(text));
      return;
    }
    for await (const chunk of result.body.asyncIterator) response.write(chunk);
    response.end();
  };
}
