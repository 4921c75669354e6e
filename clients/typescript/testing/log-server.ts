import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { Log } from './log.ts';

const SCHEMA = `
  type Query { logCursor: String  broken: Int }
  type Change { cursor: ID!  value: Int!  broken: Int }
  type Subscription { changed(after: String): Change!  ticked: Change! }
`;

export type LogServer = {
  url: string;
  log: Log;
  /** The headers, and over websockets the connectionParams, of each connect. */
  connects: { headers: IncomingHttpHeaders; params: Record<string, unknown> | undefined }[];
  /** While set, answers every request and every upgrade with this status. */
  answer: { status: number; body?: string; type?: string } | null;
  /** Whether websockets are accepted. */
  admits: boolean;
  /** Closes every websocket with this code, as a server does that goes away in order. */
  closeSockets: (code: number, reason?: string) => void;
  /** Ends every SSE response in order, without "complete". */
  endResponses: () => void;
  close: () => Promise<void>;
};

/** graphql-sse's handler cuts the response when a stream fails; a server that means to say why sends the errors as a result. */
function errorsAsResult(stream: Awaited<ReturnType<typeof subscribe>>) {
  if (!(Symbol.asyncIterator in stream)) return stream;
  let hasFailed = false;
  const next = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
    if (hasFailed) return { done: true, value: undefined };
    try {
      return (await stream.next()) as IteratorResult<ExecutionResult, undefined>;
    } catch (err) {
      hasFailed = true;
      return { done: false, value: { errors: [err as GraphQLError] } };
    }
  };
  const leave = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
    await stream.return(undefined);
    return { done: true, value: undefined };
  };
  return {
    next,
    return: leave,
    throw: leave,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** One log served over graphql-transport-ws, over SSE (distinct connections mode) and, for queries, over HTTP. */
export async function startLogServer(log = new Log()): Promise<LogServer> {
  const schema = buildSchema(SCHEMA);
  const broken = (): never => {
    throw new Error('broken');
  };
  const rootValue = {
    logCursor: () => log.head,
    broken,
    changed: async function* () {},
  };
  const subscribeTo = (args: ExecutionArgs) =>
    subscribe({
      ...args,
      rootValue: {},
      subscribeFieldResolver: (_source, { after }: { after?: string | null }) => log.subscribe(after ?? null),
      fieldResolver: (source: unknown, _args, _context, info) => {
        const told = source as Record<string, unknown>;
        if (told.failed !== undefined) throw told.failed;
        if (info.parentType.name === 'Subscription') return source;
        if (info.fieldName === 'broken') return broken();
        return told[info.fieldName];
      },
    });

  const responses = new Set<ServerResponse>();
  const sse = createHandler({
    schema,
    execute,
    subscribe: async (args: ExecutionArgs) => errorsAsResult(await subscribeTo(args)) as never,
  });
  const http = createServer((request, response) => {
    const { answer } = server;
    if (answer !== null) {
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body);
    } else if (request.headers.accept === 'text/event-stream') {
      server.connects.push({ headers: request.headers, params: undefined });
      responses.add(response);
      // graphql-sse writes on after endResponses.
      response.on('error', () => {}).on('close', () => responses.delete(response));
      sse(request, response).catch((err: unknown) => response.destroy(err as Error));
    } else {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', async () => {
        const { query, variables } = JSON.parse(text);
        const errors = validate(schema, parse(query));
        const result =
          errors.length > 0
            ? { errors }
            : await execute({ schema, document: parse(query), rootValue, variableValues: variables });
        response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
      });
    }
  });
  const wss = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (server.answer !== null) socket.end(`HTTP/1.1 ${server.answer.status} No\r\ncontent-length: 0\r\n\r\n`);
    else wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  });
  const graphql = useServer(
    {
      schema,
      execute: (args: ExecutionArgs) => execute({ ...args, rootValue }),
      subscribe: subscribeTo as never,
      onConnect: ({ connectionParams, extra }) => {
        server.connects.push({ headers: extra.request.headers, params: connectionParams });
        return server.admits;
      },
    },
    wss,
  );
  const listening = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;

  const close = async (): Promise<void> => {
    for (const client of wss.clients) client.terminate();
    await graphql.dispose();
    const ended = Promise.withResolvers<void>();
    http.close(() => ended.resolve());
    http.closeAllConnections();
    await ended.promise;
  };
  let closed: Promise<void> | null = null;
  const server: LogServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`,
    log,
    connects: [],
    answer: null,
    admits: true,
    closeSockets: (code, reason) => {
      for (const client of wss.clients) client.close(code, reason);
    },
    endResponses: () => {
      for (const response of responses) response.end();
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
  return server;
}
