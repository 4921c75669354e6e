import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionArgs, execute, type GraphQLFieldResolver, type GraphQLSchema, parse, subscribe } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';

export type Resolver = GraphQLFieldResolver<unknown, SubgraphCall>;
export type Resolvers = Record<string, unknown>;
/** How one call reached the subgraph. */
export type SubgraphCall = { headers: Record<string, unknown>; connectionParams: Record<string, unknown> };
export type SubgraphSource = {
  name: string;
  typeDefs: string;
  resolvers: Resolvers;
  /** What it answers at other paths. */
  routes?: Record<string, (request: IncomingMessage, response: ServerResponse) => void>;
};

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible", "@override", "@tag",
  "@authenticated", "@requiresScopes", "@context", "@fromContext"
])`;

export const sdlOf = ({ typeDefs }: Pick<SubgraphSource, 'typeDefs'>): string => `${FEDERATION}\n${typeDefs}`;

export type TestSubgraph = {
  name: string;
  url: string;
  /** Bodies of the operations that came over HTTP, in order. */
  requests: { query: string; variables: Record<string, unknown>; headers: IncomingMessage['headers'] }[];
  /** Open websockets. */
  sockets: Set<WebSocket>;
  close: () => Promise<void>;
};

async function readJson(request: IncomingMessage): Promise<{ query: string; variables: Record<string, unknown> }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** A federated subgraph on a port of its own that speaks HTTP and graphql-transport-ws at /graphql. */
export async function startSubgraph({ name, typeDefs, resolvers, routes }: SubgraphSource): Promise<TestSubgraph> {
  const schema: GraphQLSchema = buildSubgraphSchema([
    { typeDefs: parse(sdlOf({ typeDefs })), resolvers: resolvers as never },
  ]);
  const requests: TestSubgraph['requests'] = [];
  const server = createServer(async (request, response) => {
    const route = routes?.[(request.url ?? '').split('?')[0] ?? ''];
    if (route !== undefined) return route(request, response);
    const { query, variables } = await readJson(request);
    requests.push({ query, variables, headers: request.headers });
    const contextValue: SubgraphCall = { headers: request.headers, connectionParams: {} };
    const result = await execute({ schema, document: parse(query), variableValues: variables, contextValue });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  });
  const wss = new WebSocketServer({ server, path: '/graphql' });
  const graphql = useServer(
    {
      schema,
      execute: (args: ExecutionArgs) => execute(args),
      subscribe: (args: ExecutionArgs) => subscribe(args),
      context: ({ extra, connectionParams }): SubgraphCall => ({
        headers: extra.request.headers,
        connectionParams: connectionParams ?? {},
      }),
    },
    wss,
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of wss.clients) socket.terminate();
    await graphql.dispose();
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  };
  return { name, url: `http://127.0.0.1:${port}/graphql`, requests, sockets: wss.clients, close };
}
