import { type CompositionResult, composeServices } from '@apollo/composition';
import { type ASTNode, GraphQLError, parse } from 'graphql';

export type SubgraphSdl = { name: string; url: string; sdl: string };

/** Raised when subgraphs do not compose; `message` lists every fault with its subgraph and place. */
export class CompositionError extends Error {
  readonly code = 'COMPOSITION_FAILED';
}

type CompositionHint = NonNullable<CompositionResult['hints']>[number];

/** Composition marks each node with the subgraph it came from. */
type SubgraphNode = ASTNode & { subgraph?: string };

function placesOf(nodes: readonly SubgraphNode[] | undefined): string {
  const places = (nodes ?? []).flatMap(({ subgraph, loc }) => {
    if (loc === undefined) return [];
    const { line, column } = loc.startToken;
    return `    in ${subgraph ?? 'a subgraph'}, line ${line}, column ${column}`;
  });
  return places.length === 0 ? '' : `\n${places.join('\n')}`;
}

const codeOf = (error: GraphQLError): string => String(error.extensions.code ?? 'INVALID');

const describeError = (error: GraphQLError): string =>
  `  ${codeOf(error)}: ${error.message.replaceAll('\n', '\n    ')}${placesOf(error.nodes)}`;

const describeHint = ({ definition, message, nodes }: CompositionHint): string =>
  `  ${definition.code} (hint): ${message.replaceAll('\n', '\n    ')}${placesOf(nodes)}`;

/**
 * Composes subgraphs into one supergraph. Hints count as faults: with two subgraphs that define an input or enum differently,
 * composition merges silently and only hints.
 *
 * @throws CompositionError
 */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): { supergraphSdl: string } {
  const faults: string[] = [];
  const services = subgraphs.flatMap(({ name, url, sdl }) => {
    try {
      return { name, url, typeDefs: parse(sdl) };
    } catch (err) {
      if (!(err instanceof GraphQLError)) throw err;
      const [at] = err.locations ?? [];
      faults.push(`  SYNTAX: ${err.message}\n    in ${name}, line ${at?.line ?? 0}, column ${at?.column ?? 0}`);
      return [];
    }
  });
  if (faults.length === 0) {
    const result = composeServices(services);
    faults.push(...(result.errors ?? []).map(describeError), ...(result.hints ?? []).map(describeHint));
    if (faults.length === 0 && result.supergraphSdl !== undefined) return { supergraphSdl: result.supergraphSdl };
  }
  throw new CompositionError(`The subgraphs do not compose:\n${faults.join('\n')}`);
}
