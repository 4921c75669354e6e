// The peer: Apollo's own gateway class in Apollo Server's standalone server, put together as Apollo's documentation shows: the
// supergraph from a file, and a data source that passes the caller's Authorization header on. Argument: the supergraph's file.
import { readFile } from 'node:fs/promises';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

type Caller = { authorization?: string | undefined };

class AuthenticatedDataSource extends RemoteGraphQLDataSource<Caller> {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<Caller>['willSendRequest']>>[0]): void {
    if (context.authorization !== undefined) request.http?.headers.set('authorization', context.authorization);
  }
}

const [file = ''] = process.argv.slice(2);
const gateway = new ApolloGateway({
  supergraphSdl: await readFile(file, 'utf8'),
  buildService: ({ url = '' }) => new AuthenticatedDataSource({ url }),
});
const server = new ApolloServer<Caller>({
  // The package still names an older version of an interface that has not changed.
  gateway: gateway as unknown as ApolloServerOptionsWithGateway<Caller>['gateway'],
});
const { url } = await startStandaloneServer(server, {
  context: ({ req }) => Promise.resolve({ authorization: req.headers.authorization }),
  listen: { host: '127.0.0.1', port: 0 },
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url });
