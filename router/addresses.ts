import { Kind, parse } from 'graphql';
import { stringArgument } from './refusals.ts';

/**
 * The address of each subgraph by its name, as a composed supergraph has it (join specification v0.3, `@join__graph`): without
 * Apollo's packages, for who only wants to know where the subgraphs are.
 *
 * @throws GraphQLError when it is not GraphQL
 */
export function subgraphAddresses(supergraphSdl: string): Record<string, string> {
  const graphs = parse(supergraphSdl).definitions.flatMap((definition) =>
    definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph'
      ? (definition.values ?? [])
      : [],
  );
  return Object.fromEntries(
    graphs.flatMap(({ directives = [] }) =>
      directives
        .filter(({ name }) => name.value === 'join__graph')
        .map((directive) => [stringArgument(directive, 'name') ?? '', stringArgument(directive, 'url') ?? '']),
    ),
  );
}
