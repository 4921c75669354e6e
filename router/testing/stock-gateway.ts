import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';

export type StockGateway = {
  query: (
    query: string,
    variables?: Record<string, unknown>,
  ) => Promise<{ data?: unknown; errors?: readonly GraphQLFormattedError[] | undefined }>;
  close: () => Promise<void>;
};

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Apollo's own gateway class in Apollo Server, for the same supergraph and subgraphs that the router has. */
export async function startStockGateway(supergraphSdl: string): Promise<StockGateway> {
  const gateway = new ApolloGateway({ supergraphSdl, logger: silent });
  const server = new ApolloServer({
    // The package still names an older version of an interface that has not changed.
    gateway: gateway as unknown as ApolloServerOptionsWithGateway<object>['gateway'],
    logger: silent,
    stopOnTerminationSignals: false,
  });
  await server.start();
  return {
    query: async (query, variables = {}) => {
      const { body } = await server.executeOperation({ query, variables });
      if (body.kind !== 'single') throw new Error('incremental delivery is off');
      return JSON.parse(JSON.stringify(body.singleResult));
    },
    close: () => server.stop(),
  };
}
