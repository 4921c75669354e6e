import type { ResponsePath } from '@apollo/query-planner';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { type SubgraphRequest, subgraphFailure } from '../data-source.ts';
import { downstreamError, type SubgraphError, type SubgraphResponse } from '../subgraph-response.ts';
import type { BoundFetch, Step } from './bound-plan.ts';
import type { Conditions } from './collect.ts';
import { type ConcretePath, representationOf, visitEntities } from './entities.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { mergeInto } from './merge.ts';
import { applyRewrites, renamePath } from './rewrites.ts';

export type FetchSubgraph = (serviceName: string, request: SubgraphRequest) => Promise<SubgraphResponse>;

export type PlanRunOptions = {
  /** The whole schema, with what clients may not see. */
  supergraphSchema: GraphQLSchema;
  fetchSubgraph: FetchSubgraph;
  /** The client's variables. */
  variables: Record<string, unknown>;
  conditions: Conditions;
};

/** One run of a plan: what the services brought so far, and what went wrong. Nothing it does throws for what a service did. */
export class PlanRun {
  /** What the services brought, under the planner's names; nothing in it is hidden yet. */
  readonly root: JsonObject = {};
  readonly errors: GraphQLError[] = [];
  /** Where a null is explained by one of the errors. */
  readonly #explained: ConcretePath[] = [];
  readonly #options: PlanRunOptions;

  constructor(options: PlanRunOptions) {
    this.#options = options;
  }

  /** Runs a step and all in it. */
  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'fetch':
        return step.fetch.node.requires === undefined
          ? this.#fetchFields(step.fetch, step.path)
          : this.#fetchEntities(step.fetch, step.path);
      case 'sequence':
        for (const inner of step.steps) await this.run(inner);
        return;
      case 'parallel':
        await Promise.all(step.steps.map((inner) => this.run(inner)));
        return;
      case 'condition': {
        const chosen = this.#options.conditions.get(step.variable) === true ? step.whenTrue : step.whenFalse;
        if (chosen !== null) await this.run(chosen);
      }
    }
  }

  /** Takes a response as that of a fetch at the root: an answer to a query, or the event of a subscription. */
  take(fetch: BoundFetch, response: SubgraphResponse, path: ResponsePath = []): void {
    const { data, errors } = response;
    if (errors !== undefined) this.#record(fetch, path, null, errors, data == null);
    if (data == null) return;
    applyRewrites(this.#options.supergraphSchema, fetch.node.outputRewrites ?? [], data);
    if (path.length === 0) mergeInto(this.root, data);
    else visitEntities(this.root, path, (entity) => mergeInto(entity, data));
  }

  #variablesOf({ node }: BoundFetch): Record<string, unknown> {
    const { variables } = this.#options;
    const used: Record<string, unknown> = {};
    for (const name of node.variableUsages ?? []) {
      if (Object.hasOwn(variables, name) && variables[name] !== undefined) used[name] = variables[name];
    }
    return used;
  }

  #send({ node }: BoundFetch, variables: Record<string, unknown>): Promise<SubgraphResponse> {
    return this.#options.fetchSubgraph(node.serviceName, {
      query: node.operation,
      operationName: node.operationName,
      variables,
      kind: node.operationKind === 'mutation' ? 'mutation' : 'query',
    });
  }

  async #fetchFields(fetch: BoundFetch, path: ResponsePath): Promise<void> {
    if (path.length > 0) {
      let isAnywhere = false;
      visitEntities(this.root, path, () => {
        isAnywhere = true;
      });
      if (!isAnywhere) return;
    }
    this.take(fetch, await this.#send(fetch, this.#variablesOf(fetch)), path);
  }

  async #fetchEntities(fetch: BoundFetch, path: ResponsePath): Promise<void> {
    const { requires = [], inputRewrites, outputRewrites = [] } = fetch.node;
    const { supergraphSchema } = this.#options;
    const representations: JsonObject[] = [];
    const owners: JsonObject[] = [];
    visitEntities(this.root, path, (entity) => {
      const representation = representationOf(supergraphSchema, entity, requires, inputRewrites);
      if (representation === null) return;
      representations.push(representation);
      owners.push(entity);
    });
    if (owners.length === 0) return;
    const response = await this.#send(fetch, { ...this.#variablesOf(fetch), representations });
    const { data, errors } = withEntities(fetch, response, owners.length);
    if (errors !== undefined) this.#record(fetch, path, owners, errors, data === null);
    for (const [index, received] of (data ?? []).entries()) {
      const owner = owners[index];
      if (owner === undefined || !isJsonObject(received)) continue;
      // Rewrites look at the type, which a service need not repeat.
      received.__typename ??= owner.__typename;
      applyRewrites(supergraphSchema, outputRewrites, received);
      mergeInto(owner, received);
    }
  }

  /**
   * @param owners the objects that a fetch of entities was for, in the order of its representations
   * @param isLost whether nothing came: a null that bubbled to the root of the fetch took its other fields along
   */
  #record(
    fetch: BoundFetch,
    path: ResponsePath,
    owners: readonly JsonObject[] | null,
    errors: readonly SubgraphError[],
    isLost: boolean,
  ): void {
    const places: ConcretePath[] = [];
    const wanted = owners && new Set(owners);
    visitEntities(this.root, path, (entity, place) => {
      if (wanted?.has(entity) !== false) places.push([...place]);
    });
    if (isLost) this.#explained.push(...placeOf(fetch, path, places, undefined).covers);
    for (const error of errors) {
      const { path: place, covers } = placeOf(fetch, path, places, error.path);
      this.#explained.push(...covers);
      this.errors.push(downstreamError(fetch.node.serviceName, error, place));
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

/** The entities of a response, as many as were asked for, or an error in their place. */
function withEntities(
  { node }: BoundFetch,
  { data, errors }: SubgraphResponse,
  count: number,
): { data: unknown[] | null; errors: SubgraphError[] | undefined } {
  const entities = data?._entities;
  if (Array.isArray(entities) && entities.length === count) return { data: entities, errors };
  // A null list comes with the error that made it null.
  if (entities == null && errors !== undefined) return { data: null, errors };
  return {
    data: null,
    errors: [...(errors ?? []), subgraphFailure(node.serviceName, 'invalid', ': entities are missing')],
  };
}

/**
 * Where an error of a fetch stands in the client's answer, and the places whose nulls it explains.
 *
 * @param places of what the fetch was for, in the order of its representations
 */
function placeOf(
  { node, rootNames }: BoundFetch,
  planPath: ResponsePath,
  places: readonly ConcretePath[],
  errorPath: ConcretePath | undefined,
): { path: ConcretePath | undefined; covers: ConcretePath[] } {
  const rewrites = node.outputRewrites ?? [];
  if (node.requires === undefined) {
    const prefix = places[0] ?? [];
    const covers = errorPath
      ? [[...prefix, ...renamePath(rewrites, errorPath)]]
      : rootNames.map((name) => [...prefix, name]);
    return { path: covers.length === 1 ? covers[0] : undefined, covers };
  }
  // A subgraph's path is `_entities`, the index of the representation, and then the path in the entity.
  const [, index, ...rest] = errorPath ?? [];
  const place = typeof index === 'number' ? places[index] : undefined;
  if (place !== undefined) {
    const path = [...place, ...renamePath(rewrites, rest)];
    return { path, covers: [path] };
  }
  const list = planPath.indexOf('@');
  const shared = list === -1 ? planPath : planPath.slice(0, list);
  return { path: places.length === 1 ? places[0] : shared, covers: [...places] };
}
