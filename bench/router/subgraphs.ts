// The subgraphs of the benchmark in one process of bare node:http. An operation is executed the first time that it comes, and
// answered from memory from then on: the subgraphs must cost next to nothing, for both routers share the machine with them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import { startAccounts } from '@wheelhouse/router/testing/accounts.ts';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { deviceOf, SUBGRAPH_NAMES, SUBGRAPHS } from './estate.ts';

type Reference = { __typename: string; id: string };

const pageOf = (first: number) => ({
  nodes: Array.from({ length: first }, (_, index) => deviceOf(`d${index + 1}`)),
  totalCount: 1_000,
});
const byReference = { __resolveReference: ({ id }: Reference) => deviceOf(id) };
const RESOLVERS = {
  devices: {
    Query: {
      devices: (_parent: unknown, { first }: { first?: number }) => pageOf(first ?? 50),
      device: (_parent: unknown, { id }: { id: string }) => deviceOf(id),
    },
    Device: byReference,
  },
  fida: { FidaDisplay: byReference },
  history: { Device: { __resolveReference: ({ id }: Reference) => ({ ...deviceOf(id), __typename: 'Device' }) } },
};

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

async function listen(handler: Handler): Promise<string> {
  const server = createServer(handler);
  // The routers take turns: their connections must still be there when they come back.
  server.keepAliveTimeout = 600_000;
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

function start(schema: GraphQLSchema): Promise<string> {
  const known = new Map<string, Buffer>();
  const answerTo = async (text: string): Promise<Buffer> => {
    const { query, variables } = JSON.parse(text);
    const result = await execute({ schema, document: parse(query), variableValues: variables });
    if (result.errors !== undefined) throw new Error(`a subgraph was asked what it can't answer: ${result.errors}`);
    const answer = Buffer.from(JSON.stringify(result));
    known.set(text, answer);
    return answer;
  };
  return listen(async (request, response) => {
    const text = await textOf(request);
    // Nothing may be shared between callers, so none may come without its own name.
    const { authorization, [IDENTITY_HEADER]: identity } = request.headers;
    if (!authorization?.startsWith('Bearer ') && identity === undefined)
      throw new Error('a request came without its caller');
    const answer = known.get(text) ?? (await answerTo(text));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
  });
}

/** Who they are, and their doors; a router that knows of no accounts never comes here. */
const accounts = await startAccounts();
const issueTokens = (count: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => {
      const grants = [{ scopes: ['estate:read' as const], site: index % 2 === 0 ? null : `museum/hall-${index % 7}` }];
      return accounts.issue({
        sub: `user:${index}`,
        sid: `session:${index}`,
        name: `user-${index}@example.org`,
        grants,
      });
    }),
  );

const urls: Record<string, string> = {};
for (const name of SUBGRAPH_NAMES) {
  const module = { typeDefs: parse(SUBGRAPHS[name]), resolvers: RESOLVERS[name] as never };
  urls[name] = await start(buildSubgraphSchema([module]));
}
urls.accounts = await listen((request, response) =>
  accounts.source.routes?.[new URL(request.url ?? '', 'http://accounts').pathname]?.(request, response),
);
process.on('message', async ({ tokens }: { tokens: number }) => process.send?.(await issueTokens(tokens)));
process.on('disconnect', () => process.exit(0));
process.send?.({ urls });
