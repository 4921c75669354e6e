import { GraphQLError } from 'graphql';

export const tooMany = (message: string, limit: number): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit } });

export const lifetimeExceeded = (lifetimeMs: number): GraphQLError =>
  new GraphQLError(`A subscription is open for ${lifetimeMs / 1_000} s at most: subscribe again from the last cursor`, {
    extensions: { code: 'SUBSCRIPTION_LIFETIME_EXCEEDED' },
  });

export const schemaReloaded = (): GraphQLError =>
  new GraphQLError('The graph has changed: subscribe again from the last cursor', {
    extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' },
  });
