import type { executeQueryPlan, GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { BoundFetch, BoundPlan } from './bound-plan.ts';
import { type SubgraphRequest, subgraphFailure } from './data-source.ts';
import {
  type ConcretePath,
  entitiesAt,
  isJsonObject,
  isRepresented,
  type JsonObject,
  type LocatedEntity,
} from './entities.ts';
import { applyRewrites, renamePath } from './rewrites.ts';
import { downstreamError, type SubgraphError, type SubgraphResponse } from './subgraph-response.ts';

export type FetchSubgraph = (serviceName: string, request: SubgraphRequest) => Promise<SubgraphResponse>;
type PlanPath = (string | number)[];
type ServiceMap = Parameters<typeof executeQueryPlan>[1];

/**
 * One run of a plan: the data sources for Apollo's executor and a record of what went wrong.
 *
 * Errors are kept from the executor, for it puts those of entities at the wrong place when only some elements of a list were
 * asked for, and drops every "null in a non-null field" as soon as there is any error. It merges by reference, so the response
 * under construction can be followed here from what the root fetches brought.
 */
export class PlanRun {
  readonly serviceMap: ServiceMap = Object.create(null);
  readonly errors: GraphQLError[] = [];
  /** Where a null is explained by one of the errors. */
  readonly #explained: ConcretePath[] = [];
  readonly #root: JsonObject = Object.create(null);
  readonly #schema: GraphQLSchema;
  readonly #fetchSubgraph: FetchSubgraph;

  /** @param event answers the plan's primary fetch: it is the upstream's event of a subscription */
  constructor(
    bound: BoundPlan,
    supergraphSchema: GraphQLSchema,
    fetchSubgraph: FetchSubgraph,
    event?: SubgraphResponse,
  ) {
    this.#schema = supergraphSchema;
    this.#fetchSubgraph = fetchSubgraph;
    for (const fetch of bound.fetches) {
      this.serviceMap[fetch.id] = this.#dataSource(fetch, fetch === bound.primary ? event : undefined);
    }
  }

  #dataSource(fetch: BoundFetch, event: SubgraphResponse | undefined): GraphQLDataSource {
    const { node } = fetch;
    return {
      process: async (options) => {
        const planPath = ('pathInIncomingRequest' in options && options.pathInIncomingRequest) || [];
        const variables: Record<string, unknown> = options.request.variables ?? {};
        const response = this.#checked(
          fetch,
          variables,
          event ??
            (await this.#fetchSubgraph(node.serviceName, {
              query: node.operation,
              ...(node.operationName !== undefined && { operationName: node.operationName }),
              variables,
            })),
        );
        if (response.errors !== undefined) this.#record(fetch, planPath, response.errors, response.data == null);
        const { data } = response;
        if (data == null) return {};
        if (node.requires === undefined) {
          applyRewrites(this.#schema, fetch.rewrites, data);
          if (planPath.length === 0) this.#follow(data);
        } else if (Array.isArray(data._entities)) {
          for (const entity of data._entities) applyRewrites(this.#schema, fetch.rewrites, entity);
        }
        return { data };
      },
    };
  }

  /** The response, or in its place an error when it lacks the entities that were asked for. */
  #checked({ node }: BoundFetch, variables: Record<string, unknown>, response: SubgraphResponse): SubgraphResponse {
    const { data } = response;
    if (node.requires === undefined || data == null) return response;
    const { _entities: entities } = data;
    const { representations } = variables;
    const fits =
      Array.isArray(entities) && Array.isArray(representations) && entities.length === representations.length;
    if (fits) return response;
    // A null list comes with the error that made it null.
    if (entities == null && response.errors !== undefined) return { errors: response.errors };
    return {
      errors: [...(response.errors ?? []), subgraphFailure(node.serviceName, 'invalid', ': entities are missing')],
    };
  }

  /** Takes note of what the executor is about to merge at the root. A null never replaces what another service brought. */
  #follow(data: JsonObject): void {
    for (const [name, value] of Object.entries(data)) {
      const known = this.#root[name];
      if (known == null) this.#root[name] = value;
      else if (value === null) delete data[name];
      else if (
        !isJsonObject(value) &&
        !(Array.isArray(value) && Array.isArray(known) && value.length === known.length)
      ) {
        this.#root[name] = value;
      }
    }
  }

  /** @param isLost whether nothing came: a null that bubbled to the root of the fetch took its other fields along */
  #record(fetch: BoundFetch, planPath: PlanPath, errors: SubgraphError[], isLost: boolean): void {
    const { requires, serviceName } = fetch.node;
    const entities = entitiesAt(this.#root, planPath).filter(({ entity }) => {
      return requires === undefined || isRepresented(this.#schema, entity, requires);
    });
    if (isLost) this.#explained.push(...placeOf(fetch, planPath, entities, undefined).covers);
    for (const error of errors) {
      const { path, covers } = placeOf(fetch, planPath, entities, error.path);
      this.#explained.push(...covers);
      this.errors.push(downstreamError(serviceName, error, path));
    }
  }

  /** Whether some error stands at the path, above or below it. */
  explains(path: readonly (string | number)[]): boolean {
    return this.#explained.some((cover) => {
      const length = Math.min(cover.length, path.length);
      for (let index = 0; index < length; index += 1) if (cover[index] !== path[index]) return false;
      return true;
    });
  }
}

/**
 * Where an error of a fetch stands in the client's answer, and the places whose nulls it explains.
 *
 * @param entities what the fetch was for, in the order of its representations
 */
function placeOf(
  { node, rewrites, rootNames }: BoundFetch,
  planPath: PlanPath,
  entities: readonly LocatedEntity[],
  errorPath: ConcretePath | undefined,
): { path: ConcretePath | undefined; covers: ConcretePath[] } {
  if (node.requires === undefined) {
    const prefix = entities[0]?.path ?? [];
    const covers = errorPath
      ? [[...prefix, ...renamePath(rewrites, errorPath)]]
      : rootNames.map((name) => [...prefix, name]);
    return { path: covers.length === 1 ? covers[0] : undefined, covers };
  }
  // A subgraph's path is `_entities`, the index of the representation, and then the path in the entity.
  const [, index, ...rest] = errorPath ?? [];
  const entity = typeof index === 'number' ? entities[index] : undefined;
  if (entity !== undefined) {
    const path = [...entity.path, ...renamePath(rewrites, rest)];
    return { path, covers: [path] };
  }
  const covers = entities.map(({ path }) => path);
  const list = planPath.indexOf('@');
  const shared = list === -1 ? planPath : planPath.slice(0, list);
  return { path: covers.length === 1 ? covers[0] : shared, covers };
}
